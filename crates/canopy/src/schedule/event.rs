//! Events of the back office's and of the edge's own.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::Data;
use crate::{
    json,
    problem::{Code, Problem},
    text::cut,
    time::UnixMillis,
};

/// Types that begin so are the edge's.
pub(crate) const OURS: &str = "EDGE_";

/// Longest type.
const MAX_TYPE_LENGTH: usize = 64;

/// Longest key, in characters.
const MAX_KEY_LENGTH: usize = 255;

/// How far ahead something is scheduled, in milliseconds: a hundred years.
const MAX_AHEAD_MILLIS: u64 = 36_525 * 24 * 60 * 60 * 1_000;

/// Body of an entry of the kinds `own`, `scheduled`, `cancelled`, `fired` and `void`, but of what the edge found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnEvent {
    /// Names what was scheduled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule_id: Option<String>,
    /// In capital letters.
    pub event_type: String,
    /// When it counts, or is due.
    #[serde(with = "rfc3339")]
    pub effective_at: UnixMillis,
    /// What goes with it.
    #[serde(default)]
    pub data: Data,
    /// The caller's own name of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Whether the consumer's page is told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub page: bool,
    /// Why it comes, or does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Name of the back-office token that asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<String>,
}

impl OwnEvent {
    /// One of the edge's own, of which there is no more to say.
    #[must_use]
    pub fn of_the_edge(event_type: &str, at: UnixMillis) -> Self {
        Self {
            schedule_id: None,
            event_type: event_type.to_owned(),
            effective_at: at,
            data: Data::default(),
            key: None,
            page: false,
            because: None,
            caller: None,
        }
    }

    /// Whether it is the same as `other` for a caller that asks again with its key: a time that was left out is that of the first.
    #[must_use]
    pub fn is_the_event_of(&self, asked: &NewEvent) -> bool {
        let is_same_time = asked.effective_at.is_none_or(|at| at == self.effective_at);
        (&self.event_type, self.page) == (&asked.event_type, asked.page)
            && self.data.says_what(&asked.data)
            && is_same_time
    }
}

/// An event that a caller brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewEvent {
    /// In capital letters.
    pub event_type: String,
    /// What goes with it.
    pub data: Data,
    /// The caller's own name of it: once in a pull.
    pub key: String,
    /// When it counts; now where it was left out.
    pub effective_at: Option<UnixMillis>,
    /// Whether the consumer's page is told.
    pub page: bool,
}

/// Whether an event has come or is to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum When {
    /// `POST …/events`
    Now,
    /// `POST …/schedule`
    Later,
}

impl NewEvent {
    /// Reads a body.
    ///
    /// # Errors
    /// [`Code::BodyMalformed`] for what is no object, [`Code::InputInvalid`] naming the member that is not what it should be.
    pub fn read(body: &[u8], when: When) -> Result<Self, Problem> {
        let text = json::body(body);
        let members = json::entries(&text).ok_or_else(|| {
            Problem::new(Code::BodyMalformed, "expected a JSON object with event_type and key")
        })?;
        let (mut event_type, mut key, mut data, mut effective_at, mut page) = (None, None, None, None, false);
        for (name, value) in members {
            match name.as_str() {
                "event_type" => event_type = Some(type_of(value)?),
                "key" => key = Some(key_of(value)?),
                "data" => data = Some(Data::read(value).ok_or_else(|| invalid("data", Data::EXPECTED))?),
                "effective_at" if value.get() == "null" => {}
                "effective_at" => effective_at = Some(moment("effective_at", value)?),
                "page" => page = flag(value)?,
                _ => {
                    return Err(invalid(
                        &name.escape_debug().to_string(),
                        "event_type, data, key, effective_at or page",
                    ));
                }
            }
        }
        if when == When::Later && effective_at.is_none() {
            return Err(invalid("effective_at", "an RFC 3339 time to come"));
        }
        Ok(Self {
            event_type: event_type.ok_or_else(|| invalid("event_type", TYPE))?,
            key: key.ok_or_else(|| invalid("key", KEY))?,
            data: data.unwrap_or_default(),
            effective_at,
            page,
        })
    }

    /// That it counts when it can, at `now`.
    ///
    /// # Errors
    /// [`Code::InputInvalid`]
    pub fn check(&self, when: When, now: UnixMillis) -> Result<(), Problem> {
        let at = self.effective_at.unwrap_or(now);
        match when {
            When::Now if at > now => {
                let expected =
                    format!("a time not after {}: POST …/schedule takes what is to come", now.rfc3339());
                Err(invalid("effective_at", &expected))
            }
            When::Later if at <= now || at > now.plus(MAX_AHEAD_MILLIS) => {
                let expected = format!(
                    "a time after {}, at most a hundred years: POST …/events takes what has come",
                    now.rfc3339()
                );
                Err(invalid("effective_at", &expected))
            }
            _ => Ok(()),
        }
    }

    /// What its entry is told apart by. The key may say something of somebody, so that it does not stand there.
    #[must_use]
    pub fn log_key(&self, when: When) -> Vec<u8> {
        let head: &[u8] = if when == When::Now { b"own/" } else { b"due/" };
        [head, &Sha256::digest(&self.key)].concat()
    }

    /// The event, asked for by `caller` at `now`.
    #[must_use]
    pub fn event(self, caller: &str, now: UnixMillis) -> OwnEvent {
        OwnEvent {
            schedule_id: None,
            event_type: self.event_type,
            effective_at: self.effective_at.unwrap_or(now),
            data: self.data,
            key: Some(self.key),
            page: self.page,
            because: None,
            caller: Some(caller.to_owned()),
        }
    }
}

const TYPE: &str = "1 to 64 capital letters, digits and _, the first a letter, not beginning with EDGE_";
const KEY: &str = "1 to 255 characters of your choice, once for each event of the pull";

pub(crate) fn invalid(member: &str, expected: &str) -> Problem {
    let member = cut(member, MAX_TYPE_LENGTH);
    Problem::new(Code::InputInvalid, format!("{member}: expected {expected}"))
}

/// A type of the back office's.
pub(crate) fn type_of(value: &RawValue) -> Result<String, Problem> {
    let is_type = |text: &String| {
        let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        text.len() <= MAX_TYPE_LENGTH
            && text.starts_with(|first: char| first.is_ascii_uppercase())
            && text.bytes().all(allowed)
            && !text.starts_with(OURS)
    };
    json::text(Some(value)).filter(is_type).ok_or_else(|| invalid("event_type", TYPE))
}

fn key_of(value: &RawValue) -> Result<String, Problem> {
    let is_key = |text: &String| (1..=MAX_KEY_LENGTH).contains(&text.chars().count());
    json::text(Some(value)).filter(is_key).ok_or_else(|| invalid("key", KEY))
}

/// A member that is a time.
pub(crate) fn moment(member: &str, value: &RawValue) -> Result<UnixMillis, Problem> {
    let moment = json::text(Some(value)).and_then(|text| UnixMillis::parse(&text));
    let moment = moment.filter(|moment| moment.0 >= 0);
    moment.ok_or_else(|| invalid(member, "an RFC 3339 time since 1970, like 2026-01-31T09:30:00Z"))
}

fn flag(value: &RawValue) -> Result<bool, Problem> {
    value.get().parse().map_err(|_| invalid("page", "true or false"))
}

/// Times in JSON that people read.
pub(crate) mod rfc3339 {
    use super::{Deserialize, Deserializer, Serializer, UnixMillis};

    pub(crate) fn serialize<S: Serializer>(at: &UnixMillis, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&at.rfc3339())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UnixMillis, D::Error> {
        let text = String::deserialize(deserializer)?;
        UnixMillis::parse(&text).ok_or_else(|| serde::de::Error::custom("expected an RFC 3339 time"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn read(body: serde_json::Value) -> Result<NewEvent, Problem> {
        NewEvent::read(body.to_string().as_bytes(), When::Now)
    }

    #[test]
    fn an_event_is_read_and_written_as_the_log_has_it() {
        let new =
            read(json!({"event_type": "QUOTE_SENT", "key": "k", "data": {"a": 1}, "page": true})).unwrap();
        let event = new.clone().event("crm", NOW);
        let text = serde_json::to_string(&event).unwrap();
        assert!(text.contains(r#""effective_at":"2027-01-15T08:00:00.000Z""#), "{text}");
        assert_eq!(serde_json::from_str::<OwnEvent>(&text).unwrap(), event);
        assert!(event.is_the_event_of(&new));
        let other = NewEvent { data: Data::default(), ..new.clone() };
        assert!(!event.is_the_event_of(&other));
        let later = NewEvent { effective_at: Some(NOW.plus(1)), ..new };
        assert!(!event.is_the_event_of(&later));
    }

    #[test]
    fn each_member_that_is_wrong_is_named() {
        let base = json!({"event_type": "A", "key": "k"});
        for (member, value) in [
            ("event_type", json!("quote_sent")),
            ("event_type", json!("EDGE_QUOTE")),
            ("event_type", json!("1A")),
            ("event_type", json!("")),
            ("event_type", json!("A".repeat(65))),
            ("event_type", json!(null)),
            ("key", json!("")),
            ("key", json!("k".repeat(256))),
            ("key", json!(7)),
            ("data", json!([])),
            ("effective_at", json!("tomorrow")),
            ("page", json!("true")),
            ("efective_at", json!("2026-01-31T09:30:00Z")),
        ] {
            let mut body = base.clone();
            body[member] = value;
            let problem = read(body).unwrap_err();
            assert_eq!(problem.code, Code::InputInvalid);
            assert!(problem.detail.starts_with(member), "{}", problem.detail);
        }
        for missing in ["event_type", "key"] {
            let mut body = base.clone();
            body.as_object_mut().unwrap().remove(missing);
            assert!(read(body).unwrap_err().detail.starts_with(missing));
        }
        assert_eq!(NewEvent::read(b"[]", When::Now).unwrap_err().code, Code::BodyMalformed);
        assert!(
            NewEvent::read(base.to_string().as_bytes(), When::Later)
                .unwrap_err()
                .detail
                .starts_with("effective_at")
        );
    }

    #[test]
    fn what_has_come_and_what_is_to_come_are_told_apart_by_their_time() {
        let at = |at| NewEvent { effective_at: at, ..read(json!({"event_type": "A", "key": "k"})).unwrap() };
        assert!(at(None).check(When::Now, NOW).is_ok() && at(Some(NOW)).check(When::Now, NOW).is_ok());
        assert!(at(Some(NOW.plus(1))).check(When::Now, NOW).is_err());
        assert!(at(Some(NOW.plus(1))).check(When::Later, NOW).is_ok());
        assert!(at(Some(NOW)).check(When::Later, NOW).is_err());
        assert!(at(Some(NOW.plus(MAX_AHEAD_MILLIS + 1))).check(When::Later, NOW).is_err());
        assert_ne!(at(None).log_key(When::Now), at(None).log_key(When::Later));
        assert_eq!(at(None).log_key(When::Now).len(), 36, "no digest of a webhook is as long");
    }
}
