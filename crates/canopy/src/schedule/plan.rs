//! What comes by itself, and when: the variables `EDGE_SCHEDULE`, `EDGE_TIME_ZONE` and `EDGE_RETENTION_DAYS`.

use serde::Deserialize;

use super::Zone;

/// Most days before a renewal.
const MAX_RENEWALS: usize = 10;

/// Longest time of each, in its unit: a hundred years of days.
const MAX_SPAN: u16 = 36_500;

/// See above. Zero is none: what would come with the event that it follows says nothing new.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Times {
    /// Days before a policy's renewal, the most first.
    #[serde(deserialize_with = "or_none")]
    pub renewal_days: Vec<u16>,
    /// Whether an expiry is announced.
    #[serde(deserialize_with = "or_none")]
    pub expired: bool,
    /// Days after the account was last fetched.
    pub refresh_days: Option<u16>,
    /// Days after the consumer was asked to come back.
    pub reconnect_overdue_days: Option<u16>,
    /// Minutes after the consumer was asked for something.
    pub login_abandoned_minutes: Option<u16>,
    /// Hours after the last sign of a pull on its way.
    pub stalled_hours: Option<u16>,
    /// Days after the last sign of a pull whose consumer never signed in: then it is deleted.
    pub unauthenticated_days: Option<u16>,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            renewal_days: vec![45, 14],
            expired: true,
            refresh_days: Some(90),
            reconnect_overdue_days: Some(3),
            login_abandoned_minutes: Some(30),
            stalled_hours: Some(2),
            unauthenticated_days: None,
        }
    }
}

fn or_none<'de, T: Default + Deserialize<'de>, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

impl Times {
    /// What is expected of the variable.
    pub const EXPECTED: &'static str = "a JSON object like {\"renewal_days\": [45, 14], \"stalled_hours\": 2} with members as docs/timeline.md lists them, spans from 1 to 36500, or nothing";

    /// Reads it; `None` for what is no such object.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        // An array would be read, too, member by member.
        let mut times: Self =
            serde_json::from_str(text).ok().filter(|_| text.trim_start().starts_with('{'))?;
        times.renewal_days.sort_unstable_by(|one, other| other.cmp(one));
        times.renewal_days.dedup();
        let spans = [
            times.refresh_days,
            times.reconnect_overdue_days,
            times.login_abandoned_minutes,
            times.stalled_hours,
            times.unauthenticated_days,
        ];
        let mut all = times.renewal_days.iter().copied().chain(spans.into_iter().flatten());
        let is_bounded =
            times.renewal_days.len() <= MAX_RENEWALS && all.all(|span| (1..=MAX_SPAN).contains(&span));
        is_bounded.then_some(times)
    }
}

/// All that the automatic events are derived by, beside the pull.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Spans.
    pub times: Times,
    /// Days after the last that came of the pull: then it is deleted.
    pub retention_days: Option<u16>,
    /// Where a day begins.
    pub zone: Zone,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_as_usual_and_null_is_never() {
        assert_eq!(Times::read("{}"), Some(Times::default()));
        let times = Times::read(r#"{"renewal_days":[7,30,7],"expired":null,"refresh_days":null}"#).unwrap();
        assert_eq!((times.renewal_days, times.expired, times.refresh_days), (vec![30, 7], false, None));
        assert_eq!(times.stalled_hours, Some(2));
        assert!(Times::read(r#"{"renewal_days":null}"#).unwrap().renewal_days.is_empty());
    }

    #[test]
    fn a_span_that_cannot_be_is_refused() {
        for text in [
            "",
            "[]",
            "7",
            r#"{"renewal":[7]}"#,
            r#"{"renewal_days":[0]}"#,
            r#"{"renewal_days":[36501]}"#,
            r#"{"renewal_days":[-1]}"#,
            r#"{"renewal_days":[1,2,3,4,5,6,7,8,9,10,11]}"#,
            r#"{"stalled_hours":0}"#,
            r#"{"stalled_hours":"2"}"#,
            r#"{"expired":1}"#,
        ] {
            assert_eq!(Times::read(text), None, "{text}");
        }
    }
}
