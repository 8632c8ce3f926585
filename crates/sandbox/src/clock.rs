//! The sandbox's own clock: the machine's, or put forward for a test. What has a date goes by it; the pace of pulls, the
//! delivery of webhooks and their signatures stay on the machine's, so that receivers take them.

use serde_json::{Value, json};
use time::Duration;

use crate::{
    config::Edge,
    days, durations,
    edge::{ANSWER_WITHIN_MS, EdgeClock, is_told},
    http::{Answer, Call, Reply},
    message::Then,
    world::World,
};

/// How far it can be put forward: some hundred years.
const MAX_AHEAD: Duration = Duration::days(36_500);
/// Refreshes that one move of it may make due.
const MAX_REFRESHES: u64 = 100;

/// How far a move goes.
enum Move {
    To(u64),
    By(u64),
    ToNextDue,
}

impl Move {
    /// What the body of a call asks for, or why it cannot be read.
    fn read(body: &Value) -> Result<Self, String> {
        let asked = body.as_object().filter(|members| members.len() == 1).and_then(|it| it.iter().next());
        match asked {
            Some((name, Value::String(text))) if name == "now" => days::parsed(text)
                .map(Self::To)
                .ok_or_else(|| format!("{text:?} is no RFC 3339 time after 1970")),
            Some((name, Value::String(text))) if name == "advance" => durations::parsed(text)
                .map(|by| Self::By(u64::try_from(by.whole_milliseconds()).unwrap_or(u64::MAX)))
                .ok_or_else(|| format!("{text:?} is no ISO 8601 duration, such as P30D or PT1H")),
            Some((name, Value::String(text))) if name == "to" && text == "next_due" => Ok(Self::ToNextDue),
            _ => {
                Err(r#"expected {"now": "2027-01-31T09:30:00Z"}, {"advance": "P30D"} or {"to": "next_due"}"#
                    .into())
            }
        }
    }
}

impl World {
    /// `GET /sandbox/clock`.
    pub(crate) fn show_clock(&self, call: &Call) -> Reply {
        match self.edge_of(call) {
            Some(edge) => Reply::AfterEdge { message: edge.asked(), then: Then::ShowClock },
            None => self.shown_clock(None).into(),
        }
    }

    /// `POST /sandbox/clock`: moves it and, once the edge knows, begins what is due. Where a pull has a pace, what comes
    /// after it waits.
    pub(crate) fn move_clock(&mut self, call: &Call) -> Reply {
        let edge = self.edge_of(call);
        let target_ms = match (Move::read(&call.json().unwrap_or_default()), &edge) {
            (Ok(Move::ToNextDue), Some(edge)) => {
                return Reply::AfterEdge { message: edge.asked(), then: Then::MoveToNextDue };
            }
            (Ok(Move::ToNextDue), None) => self.next_due_of_both(None),
            (Ok(Move::By(by_ms)), _) => Ok(self.clock_ms().saturating_add(by_ms)),
            // Each may be a little ahead of the other: what lies behind here needs no move.
            (Ok(Move::To(at_ms)), _) if is_told(call) => Ok(at_ms.max(self.clock_ms())),
            (Ok(Move::To(at_ms)), _) => Ok(at_ms),
            (Err(detail), _) => Err(detail),
        };
        self.move_to(target_ms, edge)
    }

    /// What follows the edge's answer; `None` is one that did not come.
    #[must_use]
    pub fn go_on(&mut self, then: Then, edge: Option<&EdgeClock>) -> Reply {
        match then {
            Then::ShowClock => self.shown_clock(edge).into(),
            Then::MoveToNextDue => self.move_to(self.next_due_of_both(edge), self.config.edge.clone()),
            Then::BeginDue => self.begin_due(edge).into(),
        }
    }

    fn move_to(&mut self, target_ms: Result<u64, String>, edge: Option<Edge>) -> Reply {
        let target_ms = match target_ms.and_then(|target_ms| self.reachable(target_ms)) {
            Ok(target_ms) => target_ms,
            Err(detail) => return Answer::unclear(&detail).with_open_cors().into(),
        };
        let ahead_ms = target_ms.saturating_sub(self.now);
        self.change_switches(|switches| switches.clock_ahead_ms = ahead_ms);
        match edge {
            Some(edge) => {
                // The webhooks of what is due find an edge whose clock has moved.
                self.refreshes_from_ms = self.now + ANSWER_WITHIN_MS;
                Reply::AfterEdge { message: edge.told(target_ms), then: Then::BeginDue }
            }
            None => self.begin_due(None).into(),
        }
    }

    fn begin_due(&mut self, edge: Option<&EdgeClock>) -> Answer {
        self.refreshes_from_ms = 0;
        self.come_due();
        self.shown_clock(edge)
    }

    fn shown_clock(&self, edge: Option<&EdgeClock>) -> Answer {
        let next_due = self.next_ahead().map(
            |(at, monitoring)| json!({"monitoring_id": monitoring.monitoring_id, "at": days::timestamp(at)}),
        );
        let shown = json!({
            "now": days::timestamp(self.clock_ms()),
            "machine": days::timestamp(self.now),
            "next_due": next_due,
            "refreshes_to_come": self.refreshes_due(self.clock_ms()),
            "edge": edge,
        });
        Answer::json(200, &shown).with_open_cors()
    }

    /// The first moment ahead at which the sandbox or the edge has something to do, or that there is none.
    fn next_due_of_both(&self, edge: Option<&EdgeClock>) -> Result<u64, String> {
        let of_edge = edge.and_then(EdgeClock::next_due_ms).filter(|at| *at > self.clock_ms());
        let own = self.next_ahead().map(|(at, _)| at);
        own.into_iter().chain(of_edge).min().ok_or_else(|| {
            let nothing = match (&self.config.edge, edge) {
                (None, _) => "no monitoring has a date ahead",
                (Some(_), Some(_)) => "neither a monitoring here nor the edge has a date ahead",
                (Some(_), None) => "no monitoring here has a date ahead, and the edge did not answer",
            };
            format!("nothing is due: {nothing}")
        })
    }

    /// `target_ms`, if a move can go there.
    fn reachable(&self, target_ms: u64) -> Result<u64, String> {
        if target_ms < self.clock_ms() {
            let now = days::timestamp(self.clock_ms());
            return Err(format!(
                "the clock goes forwards only, and shows {now}; POST /sandbox/reset sets it back"
            ));
        }
        if i128::from(target_ms) - i128::from(self.now) > MAX_AHEAD.whole_milliseconds() {
            return Err(format!("the clock goes {} days forwards at most", MAX_AHEAD.whole_days()));
        }
        let due = self.refreshes_due(target_ms);
        if due > MAX_REFRESHES {
            return Err(format!(
                "this makes {due} refreshes due, and at most {MAX_REFRESHES} can be at once: move in smaller steps"
            ));
        }
        Ok(target_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        delivery::Outgoing,
        driven::{TEAM, TEAM_PATH, call, connected, world},
    };

    fn moved(world: &mut World, body: Value) -> (u16, Value) {
        call(world, "/sandbox/clock", &[], &body)
    }

    #[test]
    fn it_goes_forwards_to_a_moment_or_by_a_duration_and_a_reset_sets_it_back() {
        let mut world = world();
        let (status, shown) = moved(&mut world, json!({"now": "2030-01-31T09:30:00Z"}));
        assert_eq!((status, &shown["now"]), (200, &json!("2030-01-31T09:30:00.000Z")));
        assert_eq!(shown["machine"], days::timestamp(world.now));
        world.now += 1500;
        assert_eq!(moved(&mut world, json!({"advance": "P1DT1H"})).1["now"], "2030-02-01T10:30:01.500Z");
        world.reset();
        assert_eq!(world.clock_ms(), world.now);
    }

    #[test]
    fn what_it_cannot_do_it_says() {
        let mut world = world();
        for (body, detail) in [
            (json!({"now": "2020-01-31T09:30:00Z"}), "forwards only"),
            (json!({"now": "tomorrow"}), "RFC 3339"),
            (json!({"advance": "30 days"}), "ISO 8601"),
            (json!({"advance": "P200Y"}), "36500 days"),
            (json!({"advance": "P1D", "now": "2030-01-31T09:30:00Z"}), "expected"),
            (json!({"ahead": 5}), "expected"),
            (json!([]), "expected"),
        ] {
            let (status, answer) = moved(&mut world, body);
            assert_eq!(status, 400);
            assert!(answer["detail"].as_str().unwrap().contains(detail), "{answer}");
        }
        assert_eq!(world.clock_ms(), world.now);
    }

    #[test]
    fn a_move_that_makes_too_much_due_is_refused() {
        let mut world = world();
        world.change_switches(|switches| switches.pace_ms = Some(0));
        let (pull_id, _) = connected(&mut world, "user_good");
        world.come_due();
        let body = json!({"pull_id": pull_id, "interval": "P30D"});
        call(&mut world, &format!("{TEAM_PATH}/monitorings"), &TEAM, &body);
        let (status, answer) = moved(&mut world, json!({"advance": "P3030D"}));
        assert_eq!(status, 400);
        assert!(answer["detail"].as_str().unwrap().contains("101 refreshes"), "{answer}");
        assert_eq!(moved(&mut world, json!({"advance": "P3000D"})).0, 200);
        assert_eq!(world.pulls.len(), 101);
    }

    #[test]
    fn webhooks_are_signed_at_the_machines_time() {
        let mut world = world();
        moved(&mut world, json!({"advance": "P1Y"}));
        let (pull_id, _) = connected(&mut world, "user_good");
        assert_eq!(world.pulls.get(&pull_id).unwrap().created_ms, world.clock_ms());
        world.now = world.next_step_ms().unwrap();
        let sent: Vec<Outgoing> = world.tick();
        let signed = format!("t={},", world.now / 1000);
        assert!(sent[0].headers["canopy-signature"].starts_with(&signed));
    }
}
