//! What is to be sent again.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Standing, Types};
use crate::{
    id::{Position, PullId},
    json,
    problem::{Code, Problem},
    schedule::{invalid, moment},
    time::UnixMillis,
};

const MEMBERS: &str = "pull_id, from, to, types or state";

/// An end of a range, which is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Edge {
    /// An entry's position.
    Position(Position),
    /// When an entry was written down, in milliseconds.
    Time(i64),
}

/// A range of deliveries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    /// Of this pull; of all for `None`.
    pub pull_id: Option<PullId>,
    /// From here.
    pub from: Option<Edge>,
    /// To there.
    pub to: Option<Edge>,
    /// Of these types.
    pub types: Option<Types>,
    /// Those that stand so.
    pub standing: Option<Standing>,
    /// When that was asked for: what was tried since is not taken once more, so that it may be asked for again.
    #[serde(default)]
    pub asked_at: UnixMillis,
}

impl Replay {
    /// Reads a body that comes at `now`.
    ///
    /// # Errors
    /// [`Code::BodyMalformed`] for what is no object, [`Code::InputInvalid`] naming the member that is not what it should be.
    pub fn read(body: &[u8], now: UnixMillis) -> Result<Self, Problem> {
        let text = json::body(body);
        let entries = json::entries(&text).ok_or_else(|| {
            Problem::new(Code::BodyMalformed, format!("expected a JSON object with {MEMBERS}"))
        })?;
        let mut replay = Self { asked_at: now, ..Self::default() };
        for (name, value) in entries {
            match name.as_str() {
                "pull_id" => {
                    let id = json::text(Some(value)).and_then(|text| PullId::parse(&text).ok());
                    replay.pull_id = Some(id.ok_or_else(|| invalid("pull_id", "a pull's id"))?);
                }
                "from" => replay.from = Some(edge("from", value)?),
                "to" => replay.to = Some(edge("to", value)?),
                "types" => {
                    let types = serde_json::from_str(value.get()).ok().and_then(Types::read);
                    replay.types = Some(types.ok_or_else(|| invalid("types", Types::EXPECTED))?);
                }
                "state" => {
                    let is_dead = json::text(Some(value)).as_deref() == Some(Standing::Dead.as_str());
                    replay.standing =
                        Some(is_dead.then_some(Standing::Dead).ok_or_else(|| invalid("state", "dead"))?);
                }
                other => return Err(invalid(&other.escape_debug().to_string(), MEMBERS)),
            }
        }
        let is_position = |edge: &Option<Edge>| matches!(edge, Some(Edge::Position(_)));
        if replay.pull_id.is_none() {
            for (name, edge) in [("from", &replay.from), ("to", &replay.to)] {
                if is_position(edge) {
                    return Err(invalid(name, "an RFC 3339 time, or a pull_id beside a position"));
                }
            }
        }
        Ok(replay)
    }
}

fn edge(name: &str, value: &RawValue) -> Result<Edge, Problem> {
    if let Some(position) = json::integer(Some(value)).and_then(|number| i64::try_from(number).ok()) {
        return Ok(Edge::Position(position));
    }
    let expected = |_| invalid(name, "a position of a pull's log, or an RFC 3339 time");
    moment(name, value).map(|at| Edge::Time(at.0)).map_err(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_of_positions_of_one_pull_or_of_times() {
        let read =
            |body: &str| Replay::read(body.as_bytes(), UnixMillis(0)).map_err(|problem| problem.detail);
        let of_one =
            read(r#"{"pull_id":"p-1","from":3,"to":"2026-01-31T09:30:00Z","types":["COMPLETE"]}"#).unwrap();
        assert_eq!(of_one.from, Some(Edge::Position(3)));
        assert_eq!(of_one.to, Some(Edge::Time(1_769_851_800_000)));
        assert_eq!(serde_json::from_str::<Replay>(&serde_json::to_string(&of_one).unwrap()).unwrap(), of_one);
        assert_eq!(read("{}"), Ok(Replay::default()));
        assert_eq!(read(r#"{"state":"dead"}"#).unwrap().standing, Some(Standing::Dead));
        for (body, names) in [
            (r#"{"from":3}"#, "from: "),
            (r#"{"to":3}"#, "to: "),
            (r#"{"pull_id":"a/b"}"#, "pull_id: "),
            (r#"{"from":"soon"}"#, "from: "),
            (r#"{"pull_id":"p","from":-1}"#, "from: "),
            (r#"{"types":[]}"#, "types: "),
            (r#"{"state":"delivered"}"#, "state: "),
            (r#"{"all":true}"#, "all: "),
            ("[]", "expected a JSON object"),
        ] {
            assert!(read(body).unwrap_err().starts_with(names), "{body}");
        }
    }
}
