//! ISO 8601 durations. A year has 365 days and a month 30: the same wherever one begins.

use time::Duration;

/// The duration that `text` names, e.g. `P30D`, `PT1H`, `P1M2DT12H30M`; `None` when it names none.
#[must_use]
pub fn parsed(text: &str) -> Option<Duration> {
    let (dates, times) = match text.strip_prefix('P')?.split_once('T') {
        Some((dates, times)) => (dates, Some(times)),
        None => (text.strip_prefix('P')?, None),
    };
    let date = |letter| match letter {
        'Y' => Some(Duration::days(365)),
        'M' => Some(Duration::days(30)),
        'W' => Some(Duration::WEEK),
        'D' => Some(Duration::DAY),
        _ => None,
    };
    let time = |letter| match letter {
        'H' => Some(Duration::HOUR),
        'M' => Some(Duration::MINUTE),
        'S' => Some(Duration::SECOND),
        _ => None,
    };
    match times {
        Some(times) if dates.is_empty() => sum(times, time),
        Some(times) => sum(dates, date)?.checked_add(sum(times, time)?),
        None => sum(dates, date),
    }
}

/// Numbers, each followed by the letter of its unit; at least one.
fn sum(text: &str, unit: impl Fn(char) -> Option<Duration>) -> Option<Duration> {
    let (mut sum, mut number) = (Duration::ZERO, String::new());
    for letter in text.chars() {
        if letter.is_ascii_digit() {
            number.push(letter);
        } else {
            let count = std::mem::take(&mut number).parse().ok()?;
            sum = sum.checked_add(unit(letter)?.checked_mul(count)?)?;
        }
    }
    (number.is_empty() && !text.is_empty()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_iso_8601_writes_them() {
        assert_eq!(parsed("P30D"), Some(Duration::days(30)));
        assert_eq!(parsed("P1Y2M1W"), Some(Duration::days(432)));
        assert_eq!(parsed("PT1H30M5S"), Some(Duration::seconds(5405)));
        assert_eq!(parsed("P1DT1M"), Some(Duration::DAY + Duration::MINUTE));
        for wrong in ["", "P", "PT", "P1DT", "30D", "P30", "PT1D", "P1H", "-P1D", "P-1D", "P99999999999D"] {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }
}
