//! How values are written in markup, in URLs and for people.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What may stand unencoded anywhere in a URL. Source: RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text as markup shows it.
#[must_use]
pub fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    // Writing into a text cannot fail.
    let _ = maud::Escaper::new(&mut escaped).write_str(text);
    escaped
}

/// A text as one part of a URL.
#[must_use]
pub fn encode_url(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// An amount as it is written in the United States.
#[must_use]
pub fn dollars(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let (whole, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    let digits = whole.to_string();
    let groups: Vec<_> =
        digits.as_bytes().rchunks(3).rev().map(|group| String::from_utf8_lossy(group)).collect();
    format!("{sign}${}.{rest:02}", groups.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped() {
        assert_eq!(
            [dollars(0), dollars(99), dollars(100_000), dollars(-123_456_789)],
            ["$0.00", "$0.99", "$1,000.00", "-$1,234,567.89"]
        );
        assert_eq!(dollars(i64::MIN), "-$92,233,720,368,547,758.08");
    }
}
