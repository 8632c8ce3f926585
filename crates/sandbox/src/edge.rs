//! The edge, whose clock goes with the sandbox's. Each tells the other of a move, and what one was told it does not pass on.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{config::Edge, days, http::Call, message::Message, world::World};

/// The header by which a call between the two clocks is known.
pub const TOLD: (&str, &str) = ("canopy-clock", "told");
/// The edge has this long to answer.
pub const ANSWER_WITHIN_MS: u64 = 10_000;
const CLOCK: &str = "/api/v1/clock";

/// What the edge's clock shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeClock {
    pub now: String,
    pub next_due: Option<EdgeDue>,
}

/// What comes next at the edge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeDue {
    pub pull_id: String,
    pub at: String,
}

impl Edge {
    pub(crate) fn asked(&self) -> Message {
        self.message(None)
    }

    pub(crate) fn told(&self, now_ms: u64) -> Message {
        self.message(Some(json!({"now": days::timestamp(now_ms)})))
    }

    fn message(&self, body: Option<Value>) -> Message {
        Message { url: format!("{}{CLOCK}", self.origin), token: self.token.clone(), body }
    }
}

impl EdgeClock {
    /// What comes next at the edge, in Unix milliseconds.
    #[must_use]
    pub fn next_due_ms(&self) -> Option<u64> {
        days::parsed(&self.next_due.as_ref()?.at)
    }
}

/// Whether `call` comes from the edge's clock.
pub(crate) fn is_told(call: &Call) -> bool {
    call.header(TOLD.0) == Some(TOLD.1)
}

impl World {
    /// The edge that has a part in this call about the clock.
    pub(crate) fn edge_of(&self, call: &Call) -> Option<Edge> {
        self.config.edge.clone().filter(|_| !is_told(call))
    }
}

#[cfg(test)]
mod tests {
    use canopy::secret::Secret;

    use super::*;
    use crate::{
        driven::{TEAM, TEAM_PATH, call, connected, serve, whole, world as alone},
        http::Reply,
    };

    const FROM_EDGE: [(&str, &str); 1] = [TOLD];

    /// A world with an edge, whose one monitoring is due in 30 days.
    fn world() -> World {
        let mut world = alone();
        world.change_switches(|switches| switches.pace_ms = Some(0));
        let (pull_id, _) = connected(&mut world, "user_good");
        world.come_due();
        let body = json!({"pull_id": pull_id, "interval": "P30D"});
        call(&mut world, &format!("{TEAM_PATH}/monitorings"), &TEAM, &body);
        world.config.edge = Some(Edge { origin: "http://edge".into(), token: Some(Secret::new("token")) });
        world
    }

    fn moved(world: &mut World, body: &Value) -> Reply {
        serve(world, "POST", "/sandbox/clock", &[], body)
    }

    /// Moves the clock, and gives what `edge` answers to each message on the way; the messages' bodies, and the answer.
    fn moved_with(world: &mut World, body: &Value, edge: Option<&EdgeClock>) -> (Vec<Value>, (u16, Value)) {
        let mut reply = moved(world, body);
        let mut bodies = Vec::new();
        while let Reply::AfterEdge { message, then } = reply {
            bodies.push(message.body.unwrap_or_default());
            reply = world.go_on(then, edge);
        }
        (bodies, whole(reply))
    }

    fn in_days(world: &World, days: u64) -> String {
        days::timestamp(world.now + days * crate::monitorings::DAY_MS)
    }

    fn due_at(at: String) -> EdgeClock {
        EdgeClock { now: at.clone(), next_due: Some(EdgeDue { pull_id: "p".into(), at }) }
    }

    #[test]
    fn the_edge_is_told_of_a_move_before_what_is_due_begins() {
        let mut world = world();
        let Reply::AfterEdge { message, then } = moved(&mut world, &json!({"advance": "P30D"})) else {
            panic!("the edge is told")
        };
        let told = json!({"now": in_days(&world, 30)});
        assert_eq!(
            (message.url.as_str(), message.token, message.body),
            ("http://edge/api/v1/clock", Some(Secret::new("token")), Some(told))
        );
        assert_eq!(days::timestamp(world.clock_ms()), in_days(&world, 30));
        world.tick();
        assert_eq!(world.pulls.len(), 1);
        let edge = EdgeClock { now: in_days(&world, 30), next_due: None };
        let (status, shown) = whole(world.go_on(then, Some(&edge)));
        assert_eq!((status, &shown["edge"]), (200, &json!({"now": in_days(&world, 30), "next_due": null})));
        assert_eq!(world.pulls.len(), 2);
    }

    #[test]
    fn what_is_due_does_not_wait_longer_than_the_edge_may_take() {
        let mut world = world();
        moved(&mut world, &json!({"advance": "P30D"}));
        world.deliveries.retain(|_| false);
        assert_eq!(world.next_due_ms(), Some(world.now + ANSWER_WITHIN_MS));
        world.now += ANSWER_WITHIN_MS;
        world.tick();
        assert_eq!(world.pulls.len(), 2);
    }

    #[test]
    fn an_edge_that_does_not_answer_leaves_the_move_as_it_is() {
        let mut world = world();
        let (_, (status, shown)) = moved_with(&mut world, &json!({"advance": "P30D"}), None);
        assert_eq!((status, &shown["edge"], &shown["now"]), (200, &Value::Null, &json!(in_days(&world, 30))));
        assert_eq!(world.pulls.len(), 2);
    }

    #[test]
    fn what_the_edge_told_is_not_passed_on_and_never_too_early() {
        let mut world = world();
        let now = in_days(&world, 30);
        for told in [&now, &in_days(&world, 29)] {
            let (status, shown) =
                whole(serve(&mut world, "POST", "/sandbox/clock", &FROM_EDGE, &json!({"now": told})));
            assert_eq!((status, &shown["now"]), (200, &json!(now)));
        }
        assert_eq!(world.pulls.len(), 2);
        assert_eq!(whole(serve(&mut world, "GET", "/sandbox/clock", &FROM_EDGE, &Value::Null)).0, 200);
        let body = json!({"now": in_days(&world, 29)});
        let early = moved_with(&mut world, &body, None);
        assert_eq!((early.0.len(), early.1.0), (0, 400), "only the edge may be behind");
    }

    #[test]
    fn the_next_due_is_the_first_ahead_of_both() {
        for (edge_days, days) in [(10, 10), (40, 30)] {
            let mut world = world();
            let edge = due_at(in_days(&world, edge_days));
            let (bodies, (status, shown)) = moved_with(&mut world, &json!({"to": "next_due"}), Some(&edge));
            let at = in_days(&world, days);
            assert_eq!((status, &shown["now"]), (200, &json!(at)));
            assert_eq!(bodies, [Value::Null, json!({"now": at})]);
        }
        let mut world = world();
        let past = due_at(in_days(&world, 0));
        assert_eq!(
            moved_with(&mut world, &json!({"to": "next_due"}), Some(&past)).1.1["now"],
            in_days(&world, 30)
        );
        let (_, (_, shown)) = moved_with(&mut world, &json!({"to": "next_due"}), None);
        assert_eq!(
            (&shown["now"], &shown["next_due"]["at"]),
            (&json!(in_days(&world, 60)), &json!(in_days(&world, 90)))
        );
    }

    #[test]
    fn with_nothing_due_the_clock_stays_and_says_so() {
        let nothing = EdgeClock { now: String::new(), next_due: None };
        let edge = world().config.edge;
        for (config, edge, detail) in [
            (None, None, "no monitoring has"),
            (edge.clone(), Some(&nothing), "nor the edge"),
            (edge, None, "did not answer"),
        ] {
            let mut world = alone();
            world.config.edge = config;
            let (_, (status, answer)) = moved_with(&mut world, &json!({"to": "next_due"}), edge);
            assert_eq!(status, 400);
            let text = answer["detail"].as_str().unwrap();
            assert!(text.starts_with("nothing is due") && text.contains(detail), "{text}");
            assert_eq!(world.clock_ms(), world.now);
        }
    }
}
