//! Moving the clock of a local run.

use jiff::{SpanRelativeTo, fmt::temporal::SpanParser};

use crate::{
    json,
    problem::{Code, Problem},
    time::UnixMillis,
};

/// How far it goes: the end of the year 9000.
const LAST: UnixMillis = UnixMillis(221_876_928_000_000);

/// Where it is moved to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// To a moment.
    To(UnixMillis),
    /// To when something comes next.
    NextDue,
}

impl Move {
    /// Reads a body, of a clock that shows `now`. A year of a duration has 365 days and a month 30, as the intervals of monitorings have.
    ///
    /// # Errors
    /// [`Code::BodyMalformed`], or [`Code::InputInvalid`] naming the member.
    pub fn read(body: &[u8], now: UnixMillis) -> Result<Self, Problem> {
        const EXPECTED: &str =
            "expected {\"advance\": \"P30D\"}, {\"now\": \"2027-01-31T09:30:00Z\"} or {\"to\": \"next_due\"}";
        let text = json::body(body);
        let members = json::entries(&text).ok_or_else(|| Problem::new(Code::BodyMalformed, EXPECTED))?;
        let [(name, value)] = members.as_slice() else {
            return Err(Problem::new(Code::InputInvalid, EXPECTED));
        };
        let value = json::text(Some(value)).unwrap_or_default();
        let moment = match name.as_str() {
            "to" if value == "next_due" => return Ok(Self::NextDue),
            "now" => UnixMillis::parse(&value),
            "advance" => advance(&value).and_then(|millis| Some(UnixMillis(now.0.checked_add(millis)?))),
            _ => return Err(Problem::new(Code::InputInvalid, EXPECTED)),
        };
        let is_ahead = |moment: &UnixMillis| (now..=LAST).contains(moment);
        let moment = moment.filter(is_ahead).ok_or_else(|| {
            let now = now.rfc3339();
            let detail = format!(
                "{name}: expected an RFC 3339 time, or an ISO 8601 duration such as P30D or PT1H, that leads forwards from {now}, to the year 9000 at most"
            );
            Problem::new(Code::InputInvalid, detail)
        })?;
        Ok(Self::To(moment))
    }
}

/// Milliseconds of a duration.
fn advance(text: &str) -> Option<i64> {
    let span = SpanParser::new().parse_span(text).ok()?;
    let days = i64::from(span.get_years()) * 365 + i64::from(span.get_months()) * 30;
    let rest = span.years(0).months(0).to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    i64::try_from(rest.as_millis()).ok()?.checked_add(days * 24 * 60 * 60 * 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn read(body: &str) -> Result<Move, Problem> {
        Move::read(body.as_bytes(), NOW)
    }

    #[test]
    fn it_goes_forwards_by_a_duration_or_to_a_moment() {
        const DAY: u64 = 24 * 60 * 60 * 1_000;
        for (body, millis) in [
            (r#"{"advance":"P30D"}"#, 30 * DAY),
            (r#"{"advance":"P1Y2M"}"#, 425 * DAY),
            (r#"{"advance":"P1WT1H30M1.5S"}"#, 7 * DAY + 5_401_500),
            (r#"{"now":"2027-01-15T09:00:00+01:00"}"#, 0),
            (r#"{"now":"2027-01-15T09:00:00.001Z"}"#, 3_600_001),
        ] {
            assert_eq!(read(body), Ok(Move::To(NOW.plus(millis))), "{body}");
        }
        assert_eq!(read(r#"{"to":"next_due"}"#), Ok(Move::NextDue));
    }

    #[test]
    fn what_it_cannot_do_it_says() {
        for body in [
            r#"{"now":"2027-01-15T07:59:59Z"}"#,
            r#"{"now":"tomorrow"}"#,
            r#"{"advance":"-P1D"}"#,
            r#"{"advance":"30 days ago"}"#,
            r#"{"advance":"P7500Y"}"#,
            r#"{"advance":30}"#,
            r#"{"to":"end"}"#,
            r#"{"ahead":"P1D"}"#,
            r#"{"now":"2027-02-01T00:00:00Z","advance":"P1D"}"#,
            "{}",
        ] {
            assert_eq!(read(body).unwrap_err().code, Code::InputInvalid, "{body}");
        }
        assert_eq!(read("[]").unwrap_err().code, Code::BodyMalformed);
    }
}
