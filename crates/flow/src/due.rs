//! When a flow with a schedule starts.

use canopy::time::UnixMillis;

use crate::{cron::Recurring, definition::Missed};

/// How late a time counts as missed, in milliseconds.
const LATE_MILLIS: u64 = 5 * 60 * 1_000;

/// What is to be done of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The time that a run is started for.
    pub run: Option<UnixMillis>,
    /// The last time that is dealt with.
    pub last: UnixMillis,
    /// The next time.
    pub next: Option<UnixMillis>,
}

impl Due {
    /// What is due `now`, where `last` is dealt with. Of several that were missed one is made up for, or none.
    #[must_use]
    pub fn of(recurring: &Recurring, missed: Missed, last: UnixMillis, now: UnixMillis) -> Self {
        let at = recurring.last(last, now);
        let is_late = at.is_some_and(|at| now > at.plus(LATE_MILLIS));
        let run = at.filter(|_| !is_late || missed == Missed::Once);
        Self { run, last: at.unwrap_or(last), next: recurring.next(now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UnixMillis {
        UnixMillis::parse(text).unwrap()
    }

    #[test]
    fn a_time_starts_one_run_and_missed_ones_one_or_none() {
        let daily = Recurring::read("0 8 * * *", "America/New_York").unwrap();
        let begun = at("2026-11-30T10:00:00Z");
        let due = |missed, last, now: &str| Due::of(&daily, missed, last, at(now));
        let before = due(Missed::Once, begun, "2026-11-30T12:59:59Z");
        assert_eq!((before.run, before.next), (None, Some(at("2026-11-30T13:00:00Z"))));
        let now = due(Missed::Skip, begun, "2026-11-30T13:00:02Z");
        assert_eq!((now.run, now.last), (Some(at("2026-11-30T13:00:00Z")), at("2026-11-30T13:00:00Z")));
        assert_eq!(due(Missed::Once, now.last, "2026-11-30T13:00:03Z").run, None);
        for (missed, run) in [(Missed::Once, Some(at("2026-12-03T13:00:00Z"))), (Missed::Skip, None)] {
            let late = due(missed, begun, "2026-12-03T20:00:00Z");
            assert_eq!((late.run, late.last), (run, at("2026-12-03T13:00:00Z")));
            assert_eq!(late.next, Some(at("2026-12-04T13:00:00Z")));
        }
    }
}
