//! When failed work is tried again. Source: design, "The way of one pull", 4; contract, "Errors".

use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use crate::time::UnixMillis;

/// Wait before the second attempt, in milliseconds; doubled for each one after.
pub const BASE_MILLIS: u64 = 1_000;

/// Longest wait between attempts, in milliseconds.
pub const CAP_MILLIS: u64 = 15 * 60 * 1_000;

/// Longest `Retry-After` followed, in milliseconds: a day.
pub const MAX_RETRY_AFTER_MILLIS: u64 = 24 * 60 * 60 * 1_000;

/// Attempts before work counts as failed: about an hour and a half.
pub const MAX_ATTEMPTS: u32 = 14;

/// Attempts when Canopy itself refuses: enough for an answer that comes a moment too early.
pub const MAX_REFUSED_ATTEMPTS: u32 = 4;

/// Attempts in a row that may be interrupted: work that ends the isolate takes its neighbours with it each time.
pub const MAX_INTERRUPTED_ATTEMPTS: u32 = 4;

/// Failures kept with a piece of work: the latest.
pub const MAX_FAILURES_KEPT: usize = 10;

/// Why an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    /// 429.
    RateLimited,
    /// 5xx.
    ServerError,
    /// Any other status than the expected: trying again seldom helps.
    Refused,
    /// No answer in time.
    TimedOut,
    /// No connection, or it broke.
    Unreachable,
    /// An answer cut short or of another shape.
    Malformed,
    /// An answer larger than is taken.
    TooLarge,
    /// Our own storage did not take it.
    Storage,
    /// The edge ended in the middle of it: killed, deployed anew, out of memory.
    Interrupted,
    /// Left by another version of the edge: this one does not know what it is.
    UnknownWork,
}

/// One failed attempt, as an operator reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// When.
    pub at: UnixMillis,
    /// Why.
    pub reason: Reason,
    /// The HTTP status, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What `Retry-After` asked for, in milliseconds from [`Failure::at`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

impl Failure {
    /// The failure that an answer's status is, when `expected` does not hold for it.
    #[must_use]
    pub fn of_status(status: u16, retry_after: Option<&str>, at: UnixMillis) -> Self {
        let reason = match status {
            429 => Reason::RateLimited,
            408 => Reason::TimedOut,
            500.. => Reason::ServerError,
            _ => Reason::Refused,
        };
        let retry_after = retry_after.and_then(|value| read_retry_after(value, at));
        Self { at, reason, status: Some(status), retry_after }
    }

    /// A failure without an answer's status.
    #[must_use]
    pub fn without_status(reason: Reason, at: UnixMillis) -> Self {
        Self { at, reason, status: None, retry_after: None }
    }

    /// When to try again after `attempts` failed ones, this included; `None` when that was the last.
    ///
    /// Exponential, with the upper half of the wait drawn by `random`; never before `Retry-After`.
    #[must_use]
    pub fn next_attempt(&self, attempts: u32, random: u32) -> Option<UnixMillis> {
        let limit = match self.reason {
            Reason::Refused | Reason::TooLarge => MAX_REFUSED_ATTEMPTS,
            _ => MAX_ATTEMPTS,
        };
        if attempts >= limit {
            return None;
        }
        let wait = backoff(attempts, BASE_MILLIS, CAP_MILLIS, random);
        let asked = self.retry_after.unwrap_or(0).min(MAX_RETRY_AFTER_MILLIS);
        Some(self.at.plus(wait.max(asked)))
    }
}

/// The wait after `attempts` failures: `base · 2^(attempts - 1)` up to `cap`, half of it drawn by `random`.
#[must_use]
pub fn backoff(attempts: u32, base: u64, cap: u64, random: u32) -> u64 {
    let doublings = attempts.saturating_sub(1).min(32);
    let full = base.saturating_mul(1 << doublings).min(cap);
    full / 2 + (full / 2 * u64::from(random)) / u64::from(u32::MAX)
}

/// `Retry-After` as seconds or as an HTTP date in each of its three forms, in milliseconds from `now`.
/// Source: RFC 9110, sections 10.2.3 and 5.6.7.
#[must_use]
pub fn read_retry_after(value: &str, now: UnixMillis) -> Option<u64> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit ask for longer than anybody waits.
        return Some(value.parse::<u64>().map_or(u64::MAX, |seconds| seconds.saturating_mul(1_000)));
    }
    let moment = httpdate::parse_http_date(value).ok()?.duration_since(UNIX_EPOCH).ok()?;
    let moment = i64::try_from(moment.as_millis()).ok()?;
    Some(u64::try_from(moment - now.0).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

    #[test]
    fn waits_double_up_to_the_cap_with_jitter_in_the_upper_half() {
        let waits =
            |random| [1, 2, 3, 11, 40].map(|attempts| backoff(attempts, BASE_MILLIS, CAP_MILLIS, random));
        assert_eq!(waits(u32::MAX), [1_000, 2_000, 4_000, 900_000, 900_000]);
        assert_eq!(waits(0), [500, 1_000, 2_000, 450_000, 450_000]);
    }

    #[test]
    fn retry_after_is_honoured_in_all_its_forms() {
        assert_eq!(read_retry_after("2", NOW), Some(2_000));
        assert_eq!(read_retry_after("0", NOW), Some(0));
        for date in
            ["Tue, 14 Nov 2023 22:13:50 GMT", "Tuesday, 14-Nov-23 22:13:50 GMT", "Tue Nov 14 22:13:50 2023"]
        {
            assert_eq!(read_retry_after(date, NOW), Some(30_000), "{date}");
        }
        assert_eq!(read_retry_after("Sun Nov  6 08:49:37 1994", NOW), Some(0));
        assert_eq!(read_retry_after("99999999999999999999999", NOW), Some(u64::MAX));
        assert_eq!(read_retry_after("Tue, 14 Nov 2000 22:13:50 GMT", NOW), Some(0));
        for nonsense in
            ["soon", "", "-1", "+2", "1.5", "2s", "Tue, 14 Nov 2023", "Tue, 31 Feb 2023 00:00:00 GMT"]
        {
            assert_eq!(read_retry_after(nonsense, NOW), None, "{nonsense}");
        }
        let limited = Failure::of_status(429, Some("2"), NOW);
        assert_eq!(limited.next_attempt(1, 0), Some(NOW.plus(2_000)));
        assert_eq!(limited.next_attempt(5, u32::MAX), Some(NOW.plus(16_000)));
        let hours = Failure::of_status(429, Some("7200"), NOW);
        assert_eq!(hours.next_attempt(1, 0), Some(NOW.plus(7_200_000)));
        let forever = Failure::of_status(429, Some("4000000000"), NOW);
        assert_eq!(forever.next_attempt(1, 0), Some(NOW.plus(MAX_RETRY_AFTER_MILLIS)));
    }

    #[test]
    fn a_refusal_is_given_up_sooner_than_a_fault() {
        let refused = Failure::of_status(404, None, NOW);
        let fault = Failure::of_status(503, None, NOW);
        assert_eq!((refused.reason, fault.reason), (Reason::Refused, Reason::ServerError));
        assert!(refused.next_attempt(MAX_REFUSED_ATTEMPTS - 1, 0).is_some());
        assert!(refused.next_attempt(MAX_REFUSED_ATTEMPTS, 0).is_none());
        assert!(fault.next_attempt(MAX_ATTEMPTS - 1, 0).is_some());
        assert!(fault.next_attempt(MAX_ATTEMPTS, 0).is_none());
    }
}
