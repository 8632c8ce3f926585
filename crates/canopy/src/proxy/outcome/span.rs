//! The time in which a call takes effect.

use crate::{json, time::UnixMillis};

use serde_json::value::RawValue;

/// How far Canopy's clock may be behind the edge's, in milliseconds.
const SKEW_MILLIS: i64 = 5_000;

/// How late a call may take effect, in milliseconds: the edge waits for half a minute, and Canopy's clock may be ahead.
const LATE_MILLIS: i64 = 60_000;

/// From one moment to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub from: UnixMillis,
    pub to: UnixMillis,
}

impl Span {
    /// When that of a call begun then has its date, if Canopy took it.
    pub fn of(begun_at: UnixMillis) -> Self {
        Self { from: later(begun_at, -SKEW_MILLIS), to: later(begun_at, LATE_MILLIS) }
    }

    /// When another call may have begun whose effect has a date in here.
    pub fn of_others(self) -> Self {
        Self { from: later(self.from, -LATE_MILLIS), to: later(self.to, SKEW_MILLIS) }
    }

    /// Whether a date lies in it. What has none lies nowhere.
    pub fn has(self, date: Option<&RawValue>) -> bool {
        let date = json::text(date).and_then(|text| UnixMillis::parse(&text));
        date.is_some_and(|date| (self.from..=self.to).contains(&date))
    }
}

fn later(moment: UnixMillis, millis: i64) -> UnixMillis {
    UnixMillis(moment.0.saturating_add(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_call_made_lies_in_its_span_and_other_calls_of_it_do_not_begin_outside() {
        let span = Span::of(UnixMillis(1_700_000_000_000));
        let has = |text: &str| span.has(serde_json::from_str::<Box<RawValue>>(text).ok().as_deref());
        for (date, is_in) in [
            (r#""2023-11-14T22:13:15.000Z""#, true),
            (r#""2023-11-14T22:14:20.000Z""#, true),
            (r#""2023-11-14T22:13:14.999Z""#, false),
            (r#""2023-11-14T22:14:20.001Z""#, false),
            ("1700000000000", false),
            ("null", false),
        ] {
            assert_eq!(has(date), is_in, "{date}");
        }
        let others = span.of_others();
        assert_eq!((others.from, others.to), (UnixMillis(1_699_999_935_000), UnixMillis(1_700_000_065_000)));
        let edge = Span::of(UnixMillis(i64::MIN)).of_others();
        assert_eq!(edge.from, UnixMillis(i64::MIN));
    }
}
