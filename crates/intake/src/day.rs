//! Days of the calendar.

use time::{Date, format_description::BorrowedFormatItem, macros::format_description};

const ISO: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const AMERICAN: &[BorrowedFormatItem<'_>] = format_description!("[month]/[day]/[year]");

/// A day, in no zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(Date);

impl Day {
    /// Reads `YYYY-MM-DD`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Date::parse(text, ISO).ok().map(Self)
    }

    /// Reads `MM/DD/YYYY`.
    #[must_use]
    pub fn parse_american(text: &str) -> Option<Self> {
        Date::parse(text, AMERICAN).ok().map(Self)
    }

    /// The day in UTC that lies so many milliseconds after 1970 began.
    #[must_use]
    pub fn of(moment: canopy::time::UnixMillis) -> Self {
        Self::parse(&moment.rfc3339()[..10]).expect("a time begins with its day")
    }

    /// `YYYY-MM-DD`.
    #[must_use]
    pub fn iso(self) -> String {
        self.0.format(ISO).expect("each day of a calendar has a year, a month and a day")
    }

    /// How many days after `other` it is.
    #[must_use]
    pub fn days_since(self, other: Self) -> i64 {
        (self.0 - other.0).whole_days()
    }

    /// Whole years and the months beyond them since `other`, which is not after it.
    #[must_use]
    pub fn months_since(self, other: Self) -> i64 {
        let month = |day: Date| i64::from(day.year()) * 12 + i64::from(u8::from(day.month()));
        month(self.0) - month(other.0) - i64::from(self.0.day() < other.0.day())
    }

    /// So many days later; `None` after the year 9999.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Option<Self> {
        self.0.checked_add(time::Duration::days(days)).map(Self)
    }
}
