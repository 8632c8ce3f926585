//! Times in expressions: RFC 3339 texts, or days alone.

use jiff::{Span, Timestamp, civil::Date, fmt::strtime, tz::TimeZone};

/// Longest pattern.
const MAX_PATTERN: usize = 64;

/// Why there is no such time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MomentError {
    /// It is none.
    #[error("expected a time like 2026-01-31T09:00:00Z, or a day like 2026-01-31")]
    Time,
    /// It is none.
    #[error("expected a zone like America/New_York")]
    Zone,
    /// It is none.
    #[error("expected a pattern of at most {MAX_PATTERN} characters like %B %-d, %Y")]
    Pattern,
    /// It is none.
    #[error("expected a length of time like PT30M, P3D or P1DT12H")]
    Span,
}

enum Moment {
    Time(Timestamp),
    Day(Date),
}

fn read(text: &str) -> Result<Moment, MomentError> {
    let time = text.parse().map(Moment::Time);
    time.or_else(|_| text.parse().map(Moment::Day)).map_err(|_| MomentError::Time)
}

/// In words and numbers, by a pattern of `strftime`. A day is one in any zone.
///
/// # Errors
/// Where one of the texts is not what is expected.
pub fn format(time: &str, zone: &str, pattern: &str) -> Result<String, MomentError> {
    let zone = TimeZone::get(zone).map_err(|_| MomentError::Zone)?;
    if pattern.len() > MAX_PATTERN {
        return Err(MomentError::Pattern);
    }
    let text = match read(time)? {
        Moment::Time(time) => strtime::format(pattern, &time.to_zoned_datetime(zone)),
        Moment::Day(day) => strtime::format(pattern, day),
    };
    text.map_err(|_| MomentError::Pattern)
}

/// Milliseconds of a length of time as ISO 8601 writes it, in days of 24 hours, hours, minutes and seconds.
///
/// # Errors
/// Where it is none, below nothing, or has weeks, months or years.
pub fn millis(span: &str) -> Result<u64, MomentError> {
    let span: Span = span.parse().map_err(|_| MomentError::Span)?;
    if span.get_years() != 0 || span.get_months() != 0 || span.get_weeks() != 0 {
        return Err(MomentError::Span);
    }
    let days = i64::from(span.get_days());
    let rest = span.days(0).total(jiff::Unit::Millisecond).map_err(|_| MomentError::Span)?;
    let millis = days.saturating_mul(86_400_000).saturating_add(rest as i64);
    u64::try_from(millis).map_err(|_| MomentError::Span)
}

/// The time so much later.
///
/// # Errors
/// Where one of the texts is not what is expected.
pub fn add(time: &str, span: &str) -> Result<String, MomentError> {
    let time: Timestamp = time.parse().map_err(|_| MomentError::Time)?;
    let millis = i64::try_from(millis(span)?).map_err(|_| MomentError::Span)?;
    let later = time.as_millisecond().saturating_add(millis);
    let later = Timestamp::from_millisecond(later).map_err(|_| MomentError::Span)?;
    Ok(format!("{later:.3}"))
}

/// Days from one to the other, those of times by their days in UTC.
///
/// # Errors
/// Where one of them is neither a time nor a day.
pub fn days_between(from: &str, to: &str) -> Result<i64, MomentError> {
    let day = |text| {
        Ok(match read(text)? {
            Moment::Day(day) => day,
            Moment::Time(time) => time.to_zoned_datetime(TimeZone::UTC).date(),
        })
    };
    let (from, to): (Date, Date) = (day(from)?, day(to)?);
    Ok(from.until(to).map_err(|_| MomentError::Time)?.get_days().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read() {
        for (text, length) in
            [("PT30S", 30_000), ("P3D", 259_200_000), ("P1DT12H", 129_600_000), ("PT0.5S", 500), ("PT0S", 0)]
        {
            assert_eq!(millis(text), Ok(length), "{text}");
        }
        for text in ["", "P1Y", "P2M", "P1W", "-PT1H", "3 days and", "soon", "PT"] {
            assert_eq!(millis(text), Err(MomentError::Span), "{text}");
        }
    }
}
