//! What a page says of its screens: `{"link": "…", "events": [{"stage": "…", "outcome": "…", "duration_ms": 1200, "count": 1}]}`.

use serde::Deserialize;

use super::{Outcome, Stage};
use crate::problem::{Code, Problem};

/// Largest report taken, in bytes.
pub const MAX_REPORT_BYTES: usize = 2 * 1024;

/// Longest name of a link, in bytes.
const MAX_LINK_LENGTH: usize = 64;

/// Most that one event stands for.
const MAX_COUNT: u32 = 100;

/// Longest that a screen is counted for, in milliseconds: a day.
const MAX_DURATION_MS: u64 = 24 * 60 * 60 * 1_000;

const EXPECTED: &str = "{\"link\": \"…\", \"events\": [{\"stage\": \"…\", \"outcome\": \"…\", \"duration_ms\": …, \"count\": …}]} as docs/page.md says";

/// See above.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Where the page stands, in the agency's words: a short name in small letters.
    pub link: String,
    events: Vec<Event>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    stage: Stage,
    outcome: Outcome,
    duration_ms: u64,
    #[serde(default = "once")]
    count: u32,
}

fn once() -> u32 {
    1
}

/// Whether `text` is the name of a link.
pub(super) fn is_link(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_./".contains(&byte);
    (1..=MAX_LINK_LENGTH).contains(&text.len()) && text.bytes().all(is_plain)
}

impl Report {
    /// Reads a body.
    ///
    /// # Errors
    /// [`Code::BodyMalformed`] for what is no report, [`Code::InputInvalid`] naming what is out of bounds.
    pub fn read(body: &[u8]) -> Result<Self, Problem> {
        let malformed = || Problem::new(Code::BodyMalformed, format!("expected {EXPECTED}"));
        let report: Self = serde_json::from_slice(body).map_err(|_| malformed())?;
        let invalid = |detail: String| Err(Problem::new(Code::InputInvalid, detail));
        if !is_link(&report.link) {
            return invalid(format!(
                "link: expected 1 to {MAX_LINK_LENGTH} small letters, digits, -, _, . or /"
            ));
        }
        if report.events.iter().any(|event| event.duration_ms > MAX_DURATION_MS) {
            return invalid(format!("duration_ms: expected at most {MAX_DURATION_MS}"));
        }
        if report.events.iter().any(|event| !(1..=MAX_COUNT).contains(&event.count)) {
            return invalid(format!("count: expected 1 to {MAX_COUNT}"));
        }
        Ok(report)
    }

    /// What is added, as rows of `[stage, outcome, count, duration_ms]` in JSON. A duration is of one: all of an event last as long.
    #[must_use]
    pub fn rows(&self) -> String {
        let row = |event: &Event| {
            (event.stage, event.outcome, event.count, event.duration_ms * u64::from(event.count))
        };
        serde_json::to_string(&self.events.iter().map(row).collect::<Vec<_>>()).expect("rows are plain data")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_taken_whole_or_not_at_all() {
        let report = r#"{"link":"/quote","events":[{"stage":"no-policies","outcome":"done","duration_ms":1200},{"stage":"identity-code","outcome":"left","duration_ms":5,"count":2}]}"#;
        let read = Report::read(report.as_bytes()).unwrap();
        assert_eq!(read.rows(), r#"[["no-policies","done",1,1200],["identity-code","left",2,10]]"#);
        let event = r#"{"stage":"done","outcome":"done","duration_ms":1}"#;
        for (wrong, code) in [
            ("", Code::BodyMalformed),
            ("[]", Code::BodyMalformed),
            (r#"{"link":"a"}"#, Code::BodyMalformed),
            (r#"{"link":"a","events":[],"name":"Ann"}"#, Code::BodyMalformed),
            (
                r#"{"link":"a","events":[{"stage":"other","outcome":"next","duration_ms":1}]}"#,
                Code::BodyMalformed,
            ),
            (
                r#"{"link":"a","events":[{"stage":"done","outcome":"done","duration_ms":-1}]}"#,
                Code::BodyMalformed,
            ),
            (
                r#"{"link":"a","events":[{"stage":"done","outcome":"done","duration_ms":86400001}]}"#,
                Code::InputInvalid,
            ),
            (
                r#"{"link":"a","events":[{"stage":"done","outcome":"done","duration_ms":1,"count":0}]}"#,
                Code::InputInvalid,
            ),
            (&format!(r#"{{"link":"","events":[{event}]}}"#), Code::InputInvalid),
            (&format!(r#"{{"link":"Ann","events":[{event}]}}"#), Code::InputInvalid),
            (&format!(r#"{{"link":"a b","events":[{event}]}}"#), Code::InputInvalid),
            (&format!(r#"{{"link":"a@b","events":[{event}]}}"#), Code::InputInvalid),
            (&format!(r#"{{"link":"{}","events":[{event}]}}"#, "a".repeat(65)), Code::InputInvalid),
        ] {
            assert_eq!(Report::read(wrong.as_bytes()).unwrap_err().code, code, "{wrong}");
        }
    }
}
