//! Dates as the API writes them.

use time::{Date, Duration, OffsetDateTime, format_description::well_known::Rfc3339};

/// `2023-01-12T20:59:42.811Z` for a Unix time in milliseconds.
#[must_use]
pub fn timestamp(unix_ms: u64) -> String {
    written(at(unix_ms))
}

/// The moment a published timestamp names, as Unix milliseconds, 0 for what lies before them; `None` for anything else.
#[must_use]
pub fn parsed(text: &str) -> Option<u64> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    u64::try_from(moment.unix_timestamp_nanos().max(0) / 1_000_000).ok()
}

/// `text` moved by whole days if it is a timestamp, and unchanged otherwise.
#[must_use]
pub fn shifted(text: &str, days: i64) -> String {
    OffsetDateTime::parse(text, &Rfc3339)
        .map_or_else(|_| text.to_owned(), |moment| written(moment + Duration::days(days)))
}

/// Whole days from one timestamp to another.
#[must_use]
pub fn between(from: &str, to: &str) -> Option<i64> {
    let from = OffsetDateTime::parse(from, &Rfc3339).ok()?;
    let to = OffsetDateTime::parse(to, &Rfc3339).ok()?;
    Some((to.date() - from.date()).whole_days())
}

/// `12/13/2022`, as in a policy's description.
#[must_use]
pub fn slashed(timestamp: &str) -> String {
    date(timestamp).map_or_else(String::new, |day| {
        format!("{:02}/{:02}/{}", u8::from(day.month()), day.day(), day.year())
    })
}

/// `12-13-2022`, as in a document's title.
#[must_use]
pub fn dashed(timestamp: &str) -> String {
    slashed(timestamp).replace('/', "-")
}

fn date(timestamp: &str) -> Option<Date> {
    OffsetDateTime::parse(timestamp, &Rfc3339).ok().map(OffsetDateTime::date)
}

fn at(unix_ms: u64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(unix_ms) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn written(moment: OffsetDateTime) -> String {
    let moment = moment.to_offset(time::UtcOffset::UTC);
    format!(
        "{}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        moment.year(),
        u8::from(moment.month()),
        moment.day(),
        moment.hour(),
        moment.minute(),
        moment.second(),
        moment.millisecond()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_written_as_published() {
        let published = "2023-01-12T20:59:42.811Z";
        assert_eq!(timestamp(parsed(published).unwrap()), published);
    }

    #[test]
    fn shifting_keeps_the_time_of_day_and_leaves_other_text_alone() {
        assert_eq!(shifted("2022-12-13T06:00:00.000Z", 20), "2023-01-02T06:00:00.000Z");
        assert_eq!(shifted("HO132483", 20), "HO132483");
        assert_eq!(between("2022-12-13T06:00:00.000Z", "2023-06-13T05:00:00.000Z"), Some(182));
        assert_eq!(slashed("2022-12-13T06:00:00.000Z"), "12/13/2022");
    }
}
