//! Times that recur, by a cron pattern in a zone. Source: the crate `croner`, POSIX 2024 `crontab`.

use std::cmp::Ordering;

use canopy::time::UnixMillis;
use croner::{
    Cron,
    errors::CronError,
    parser::{CronParser, Seconds, Year},
    time::{CivilDate, CivilDateTime, CivilTime, CronDateTime, Resolution, Weekday},
};
use jiff::{
    SignedDuration, Timestamp, ZonedDateTime,
    civil::DateTime,
    tz::{AmbiguousOffset, TimeZone},
};

/// Longest pattern.
const MAX_LENGTH: usize = 100;

/// A pattern and the zone that its hours are of.
#[derive(Debug, Clone)]
pub struct Recurring {
    cron: Cron,
    zone: TimeZone,
    text: String,
}

/// Why there is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecurringError {
    /// The pattern is none.
    #[error("expected a cron pattern of minute, hour, day, month and weekday, like 0 8 * * MON-FRI")]
    Pattern,
    /// The zone is none.
    #[error("expected a zone like America/New_York")]
    Zone,
}

impl Recurring {
    /// Reads a pattern of five fields.
    ///
    /// # Errors
    /// Where the pattern or the zone is none.
    pub fn read(pattern: &str, zone: &str) -> Result<Self, RecurringError> {
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let in_bounds = pattern.len() <= MAX_LENGTH && !pattern.trim_start().starts_with('@');
        let cron = in_bounds.then(|| parser.parse(pattern)).ok_or(RecurringError::Pattern)?;
        let cron = cron.map_err(|_| RecurringError::Pattern)?;
        let text = format!("{pattern} {zone}");
        let zone = TimeZone::get(zone).map_err(|_| RecurringError::Zone)?;
        Ok(Self { cron, zone, text })
    }

    /// The pattern and the zone, as they were read.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The first of its times after `moment`; `None` where there is none any more, as of 30 February.
    #[must_use]
    pub fn next(&self, moment: UnixMillis) -> Option<UnixMillis> {
        let at = Timestamp::from_millisecond(moment.0).ok()?.to_zoned_datetime(self.zone.clone());
        let next = self.cron.find_next_occurrence(&Local(at), false).ok()?;
        Some(UnixMillis(next.0.timestamp().as_millisecond()))
    }

    /// The last of its times up to `moment`, not before `after`.
    #[must_use]
    pub fn last(&self, after: UnixMillis, moment: UnixMillis) -> Option<UnixMillis> {
        let at = Timestamp::from_millisecond(moment.0).ok()?.to_zoned_datetime(self.zone.clone());
        let last = self.cron.find_previous_occurrence(&Local(at), true).ok()?;
        Some(UnixMillis(last.0.timestamp().as_millisecond())).filter(|last| *last > after)
    }
}

/// A time in a zone, as the search for the next one has it.
#[derive(Debug, Clone)]
struct Local(ZonedDateTime);

impl CronDateTime for Local {
    fn to_civil(&self) -> CivilDateTime {
        let at = self.0.datetime();
        CivilDateTime::new(
            CivilDate::from_parts_unchecked(i32::from(at.year()), at.month() as u32, at.day() as u32),
            CivilTime::from_parts_unchecked(at.hour() as u32, at.minute() as u32, at.second() as u32),
        )
    }

    fn civil_weekday(&self) -> Weekday {
        Weekday::from_days_from_sunday(self.0.weekday().to_sunday_zero_offset() as u32)
    }

    fn resolve_civil(&self, civil: CivilDateTime) -> Result<Resolution<Self>, CronError> {
        let year = i16::try_from(civil.year()).map_err(|_| CronError::InvalidDate)?;
        let [month, day] = [civil.month(), civil.day()].map(|part| part as i8);
        let [hour, minute, second] = [civil.hour(), civil.minute(), civil.second()].map(|part| part as i8);
        let at =
            DateTime::new(year, month, day, hour, minute, second, 0).map_err(|_| CronError::InvalidDate)?;
        let ambiguous = self.0.time_zone().to_ambiguous_zoned_datetime(at);
        let invalid = |_| CronError::InvalidTime;
        Ok(match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => {
                Resolution::Single(Self(ambiguous.unambiguous().map_err(invalid)?))
            }
            AmbiguousOffset::Fold { .. } => Resolution::Ambiguous(
                Self(ambiguous.clone().earlier().map_err(invalid)?),
                Self(ambiguous.later().map_err(invalid)?),
            ),
            AmbiguousOffset::Gap { .. } => Resolution::Gap,
        })
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        self.0.checked_add(SignedDuration::from_secs(seconds)).ok().map(Self)
    }

    fn cmp_instant(&self, other: &Self) -> Ordering {
        self.0.timestamp().cmp(&other.0.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UnixMillis {
        UnixMillis(text.parse::<Timestamp>().unwrap().as_millisecond())
    }

    fn next(pattern: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
        let recurring = Recurring::read(pattern, zone).unwrap();
        let times = std::iter::successors(recurring.next(at(after)), |last| recurring.next(*last));
        times.take(count).map(UnixMillis::rfc3339).collect()
    }

    #[test]
    fn hours_are_those_of_the_zone_also_where_clocks_are_changed() {
        assert_eq!(
            next("30 2 * * *", "America/New_York", "2026-03-07T00:00:00Z", 3),
            ["2026-03-07T07:30:00.000Z", "2026-03-08T07:00:00.000Z", "2026-03-09T06:30:00.000Z"],
        );
        assert_eq!(
            next("30 1 * * *", "America/New_York", "2026-10-31T06:00:00Z", 3),
            ["2026-11-01T05:30:00.000Z", "2026-11-02T06:30:00.000Z", "2026-11-03T06:30:00.000Z"],
        );
        assert_eq!(
            next("0 8 * * MON", "UTC", "2026-01-01T00:00:00Z", 2),
            ["2026-01-05T08:00:00.000Z", "2026-01-12T08:00:00.000Z"],
        );
        assert_eq!(next("0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", 1), ["2028-02-29T00:00:00.000Z"]);
        assert_eq!(next("0 0 30 2 *", "UTC", "2026-01-01T00:00:00Z", 1), [""; 0]);
    }

    #[test]
    fn the_last_that_was_missed_is_found() {
        let recurring = Recurring::read("0 8 * * *", "UTC").unwrap();
        let last = |after, now| recurring.last(at(after), at(now)).map(UnixMillis::rfc3339);
        let missed = Some("2026-01-04T08:00:00.000Z".to_owned());
        assert_eq!(last("2026-01-01T08:00:00Z", "2026-01-05T07:59:59Z"), missed);
        assert_eq!(last("2026-01-01T08:00:00Z", "2026-01-04T08:00:00Z"), missed);
        assert_eq!(last("2026-01-04T08:00:00Z", "2026-01-05T07:59:59Z"), None);
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for pattern in
            ["", "* * * *", "* * * * * *", "60 * * * *", "@daily", "0 8 * * MOO", "soon", &"1,".repeat(80)]
        {
            assert_eq!(Recurring::read(pattern, "UTC").unwrap_err(), RecurringError::Pattern, "{pattern}");
        }
        assert_eq!(Recurring::read("* * * * *", "Mars/Olympus").unwrap_err(), RecurringError::Zone);
    }
}
