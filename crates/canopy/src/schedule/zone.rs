//! Days of the calendar, and when each begins in the agency's zone.

use std::fmt;

use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::time::UnixMillis;

/// A day, in no zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(Date);

impl Day {
    /// Reads `YYYY-MM-DD`, alone or at the beginning of a time as Canopy writes dates: what follows `T` is of no day.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (day, rest) = text.split_at_checked(10)?;
        let is_day = day.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let is_whole = is_day && (rest.is_empty() || rest.starts_with(['T', 't', ' ']));
        day.parse().ok().filter(|_| is_whole).map(Self)
    }

    /// So many days before; `None` before the year 1.
    #[must_use]
    pub fn before(self, days: u16) -> Option<Self> {
        self.0.checked_sub(Span::new().days(i64::from(days))).ok().map(Self)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

impl TryFrom<String> for Day {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("expected a day like 2026-01-31")
    }
}

/// A zone of the IANA database.
#[derive(Debug, Clone)]
pub struct Zone(TimeZone);

impl Zone {
    /// Finds the zone of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        TimeZone::get(name).ok().map(Self)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The day that a moment lies in, here.
    #[must_use]
    pub fn day_at(&self, moment: UnixMillis) -> Day {
        let timestamp = Timestamp::from_millisecond(moment.0).unwrap_or_default();
        Day(self.0.to_datetime(timestamp).date())
    }

    /// The first moment of a day: where no midnight is, after the gap.
    #[must_use]
    pub fn start_of(&self, day: Day) -> Option<UnixMillis> {
        let zoned = day.0.to_zoned_datetime(self.0.clone()).ok()?;
        Some(UnixMillis(zoned.timestamp().as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(zone: &str, day: &str) -> String {
        Zone::named(zone).unwrap().start_of(Day::parse(day).unwrap()).unwrap().rfc3339()
    }

    #[test]
    fn a_day_begins_where_the_agency_is() {
        for (zone, day, begins) in [
            ("UTC", "2026-03-01", "2026-03-01T00:00:00.000Z"),
            ("America/New_York", "2026-03-08", "2026-03-08T05:00:00.000Z"),
            ("America/New_York", "2026-03-09", "2026-03-09T04:00:00.000Z"),
            ("America/New_York", "2026-11-01", "2026-11-01T04:00:00.000Z"),
            ("America/New_York", "2026-11-02", "2026-11-02T05:00:00.000Z"),
            ("America/Phoenix", "2026-07-01", "2026-07-01T07:00:00.000Z"),
            ("Pacific/Honolulu", "2028-02-29", "2028-02-29T10:00:00.000Z"),
            // No midnight, and two of them.
            ("America/Santiago", "2026-09-06", "2026-09-06T04:00:00.000Z"),
            ("America/Havana", "2026-11-01", "2026-11-01T04:00:00.000Z"),
        ] {
            assert_eq!(start(zone, day), begins, "{zone} {day}");
            let (zone, first) = (Zone::named(zone).unwrap(), UnixMillis::parse(begins).unwrap());
            let before = UnixMillis(first.0 - 1);
            assert_eq!(zone.day_at(first).to_string(), day);
            assert_eq!(Some(zone.day_at(before)), Day::parse(day).unwrap().before(1));
        }
        assert!(Zone::named("Mars/Olympus").is_none() && Zone::named("").is_none());
    }

    #[test]
    fn a_day_is_read_as_canopy_writes_it_and_counted_over_leap_days() {
        let day = Day::parse("2028-03-01T00:00:00.000Z").unwrap();
        assert_eq!(day.to_string(), "2028-03-01");
        assert_eq!(day.before(1).unwrap().to_string(), "2028-02-29");
        assert_eq!(day.before(366).unwrap().to_string(), "2027-03-01");
        for text in ["", "2027-02-29", "2028-3-1", "03/01/2028", "2028-03-011", "+002028-03", "é028-03-01"] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
        let stored: Day = serde_json::from_str(&serde_json::to_string(&day).unwrap()).unwrap();
        assert_eq!(stored, day);
    }
}
