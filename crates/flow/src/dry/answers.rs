//! What others answer in a dry run, as its caller says.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::{field::Problem, template::escaped};

/// What is expected of an answer.
const EXPECTED: &str = r#"expected {"status": 200, "body": …, "headers": {…}} of a call, {"event": {…}} or {"timed_out": true} of a wait, {"approved": true} or {"timed_out": true} of an approval, {"rows": […]} of a query"#;

/// What others answer, by the step's path: `mail`, `all[0].note`, or `all[].note` for every round.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answers(BTreeMap<String, Said>);

/// One answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum Said {
    Call(Called),
    Came { event: Map<String, Json> },
    TimedOut { timed_out: bool },
    Decided { approved: bool },
    Rows { rows: Vec<Json> },
}

/// What a service, or Canopy, answers at each attempt.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Called {
    pub status: u16,
    /// Null where there is none.
    #[serde(default)]
    pub body: Json,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

impl Called {
    /// Its body as it is sent.
    pub fn bytes(&self) -> Vec<u8> {
        if self.body.is_null() { Vec::new() } else { self.body.to_string().into_bytes() }
    }

    /// Its headers by small name.
    pub fn small_headers(&self) -> BTreeMap<String, String> {
        self.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect()
    }
}

impl Said {
    fn read(json: &Json) -> Option<Self> {
        let said = Self::deserialize(json).ok()?;
        let is_sound = match &said {
            Self::Call(called) => (200..=599).contains(&called.status),
            Self::TimedOut { timed_out } => *timed_out,
            Self::Came { .. } | Self::Decided { .. } | Self::Rows { .. } => true,
        };
        is_sound.then_some(said)
    }
}

impl Answers {
    /// Reads the answers: an object with one for each step that is not to be assumed.
    ///
    /// # Errors
    /// All that is wrong with them, each with its place from here.
    pub fn read(json: &Json) -> Result<Self, Vec<Problem>> {
        let Json::Object(members) = json else {
            return Err(vec![Problem::new("", "expected an object of answers by the paths of steps")]);
        };
        let (mut answers, mut problems) = (BTreeMap::new(), Vec::new());
        for (path, json) in members {
            let wrong = |detail: &str| Problem::new(format!("/{}", escaped(path)), detail);
            match Said::read(json) {
                _ if !path.split('.').all(is_part) => {
                    problems.push(wrong("expected a step's path, like mail, all[0].note or all[].note"));
                }
                Some(said) => drop(answers.insert(path.clone(), said)),
                None => problems.push(wrong(EXPECTED)),
            }
        }
        if problems.is_empty() { Ok(Self(answers)) } else { Err(problems) }
    }

    /// What is said of a step: of one round before what is said of every round, as `0` is sorted before `]`.
    pub(super) fn find(&self, path: &str) -> Option<&Said> {
        self.0.iter().find(|(key, _)| names(key, path)).map(|(_, said)| said)
    }
}

/// Whether it can be a part of a path: an id, and of a loop its round.
fn is_part(part: &str) -> bool {
    let (id, round) = part.split_once('[').unwrap_or((part, "]"));
    let round = round.strip_suffix(']');
    let is_round = round.is_some_and(|round| round.bytes().all(|byte| byte.is_ascii_digit()));
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    is_round && !id.is_empty() && id.bytes().all(allowed)
}

/// Whether what is said of `key` is said of a path.
fn names(key: &str, path: &str) -> bool {
    let is_same = |(key, part): (&str, &str)| {
        let id = key.strip_suffix("[]");
        key == part || id.is_some_and(|id| part.split_once('[').is_some_and(|(known, _)| known == id))
    };
    key.split('.').count() == path.split('.').count() && key.split('.').zip(path.split('.')).all(is_same)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_of_its_step_and_of_one_round_before_every_round() {
        let rows = |n: i64| json!({ "rows": [n] });
        let answers = Answers::read(&json!({
            "mail": rows(1), "all[].note": rows(2), "all[1].note": rows(3), "all[].each[].x": rows(4), "all[].each[2].x": rows(5),
        }))
        .unwrap();
        let found = |path| answers.find(path).map(|said| said == &Said::Rows { rows: vec![json!(1)] });
        assert_eq!((found("mail"), found("all[0].note"), found("all.note")), (Some(true), Some(false), None));
        let of = |path| match answers.find(path) {
            Some(Said::Rows { rows }) => rows[0].as_i64(),
            _ => None,
        };
        assert_eq!(["all[0].note", "all[1].note", "all[10].note"].map(of), [Some(2), Some(3), Some(2)]);
        assert_eq!(["all[7].each[2].x", "all[7].each[3].x"].map(of), [Some(5), Some(4)]);
        assert_eq!(["mai", "mail.x", "all[0]", "all[0].notes", "call[0].note"].map(of), [None; 5]);
    }

    #[test]
    fn what_is_no_answer_is_told_with_its_place() {
        for (answer, is_one) in [
            (json!({ "status": 200 }), true),
            (json!({ "status": 503, "body": [1], "headers": { "Retry-After": "1" } }), true),
            (json!({ "event": {} }), true),
            (json!({ "timed_out": true }), true),
            (json!({ "approved": false }), true),
            (json!({ "rows": [] }), true),
            (json!({ "status": 100 }), false),
            (json!({ "status": 700 }), false),
            (json!({ "status": "200" }), false),
            (json!({ "status": 200, "headers": { "x": 1 } }), false),
            (json!({ "status": 200, "more": 1 }), false),
            (json!({ "status": 200, "rows": [] }), false),
            (json!({ "timed_out": false }), false),
            (json!({ "event": "BOUND" }), false),
            (json!({}), false),
            (json!(null), false),
        ] {
            assert_eq!(Said::read(&answer).is_some(), is_one, "{answer}");
        }
        let problems =
            Answers::read(&json!({ "a": 1, "b": { "rows": [] }, "c/d": { "rows": [] }, "e[x].f": 1, "": 1 }))
                .unwrap_err();
        let places: Vec<_> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
        assert_eq!(places, ["/", "/a", "/c~1d", "/e[x].f"]);
        assert!(problems.iter().all(|problem| problem.detail.starts_with("expected ")));
        assert_eq!(Answers::read(&json!([])).unwrap_err()[0].pointer, "");
        assert_eq!(Answers::read(&json!({})), Ok(Answers::default()));
    }
}
