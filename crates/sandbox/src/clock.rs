//! The sandbox's own clock: the machine's, or put forward for a test. What has a date goes by it; the pace of pulls, the
//! delivery of webhooks and their signatures stay on the machine's, so that receivers take them.

use serde_json::{Value, json};
use time::Duration;

use crate::{
    days, durations,
    http::{Answer, Call},
    world::World,
};

/// How far it can be put forward: some hundred years.
const MAX_AHEAD: Duration = Duration::days(36_500);
/// Refreshes that one move of it may make due.
const MAX_REFRESHES: u64 = 100;

impl World {
    /// `GET /sandbox/clock`.
    pub(crate) fn shown_clock(&self) -> Answer {
        Answer::json(
            200,
            &json!({
                "now": days::timestamp(self.clock_ms()),
                "machine": days::timestamp(self.now),
                "refreshes_to_come": self.refreshes_due(self.clock_ms()),
            }),
        )
    }

    /// `POST /sandbox/clock`: moves it, and begins what is due at once. Where a pull has a pace, what comes after it waits.
    pub(crate) fn move_clock(&mut self, call: &Call) -> Answer {
        match self.aim(&call.json().unwrap_or_default()) {
            Err(detail) => Answer::json(400, &json!({"error": "INVALID_INPUT", "detail": detail})),
            Ok(target_ms) => {
                let ahead_ms = target_ms.saturating_sub(self.now);
                self.change_switches(|switches| switches.clock_ahead_ms = ahead_ms);
                self.come_due();
                self.shown_clock()
            }
        }
    }

    /// The moment a move is to, in Unix milliseconds, or why there is none.
    fn aim(&self, body: &Value) -> Result<u64, String> {
        let asked = body.as_object().filter(|members| members.len() == 1).and_then(|it| it.iter().next());
        let target_ms = match asked {
            Some((name, Value::String(text))) if name == "now" => {
                days::parsed(text).ok_or_else(|| format!("{text:?} is no RFC 3339 time after 1970"))?
            }
            Some((name, Value::String(text))) if name == "advance" => {
                let duration = durations::parsed(text)
                    .ok_or_else(|| format!("{text:?} is no ISO 8601 duration, such as P30D or PT1H"))?;
                let by_ms = u64::try_from(duration.whole_milliseconds()).unwrap_or(u64::MAX);
                self.clock_ms().saturating_add(by_ms)
            }
            _ => return Err(r#"expected {"now": "2027-01-31T09:30:00Z"} or {"advance": "P30D"}"#.into()),
        };
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
