//! When failed work is tried again. Source: design, "The way of one pull", 4; contract, "Errors".

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

use crate::time::UnixMillis;

/// Wait before the second attempt, in milliseconds; doubled for each one after.
pub const BASE_MILLIS: u64 = 1_000;

/// Longest wait between attempts, in milliseconds.
pub const CAP_MILLIS: u64 = 15 * 60 * 1_000;

/// Longest `Retry-After` followed, in milliseconds.
pub const MAX_RETRY_AFTER_MILLIS: u64 = 60 * 60 * 1_000;

/// Attempts before work counts as failed: about an hour and a half.
pub const MAX_ATTEMPTS: u32 = 14;

/// Attempts when Canopy itself refuses: enough for an answer that comes a moment too early.
pub const MAX_REFUSED_ATTEMPTS: u32 = 4;

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

/// `Retry-After` as seconds or as an HTTP date, in milliseconds from `now`.
/// Source: RFC 9110, section 10.2.3.
#[must_use]
pub fn read_retry_after(value: &str, now: UnixMillis) -> Option<u64> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u32>() {
        return Some(u64::from(seconds) * 1_000);
    }
    let moment = OffsetDateTime::parse(value, &Rfc2822).ok()?;
    u64::try_from(moment.unix_timestamp() * 1_000 - now.0).ok().or(Some(0))
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
    fn retry_after_is_honoured_in_both_forms() {
        assert_eq!(read_retry_after("2", NOW), Some(2_000));
        assert_eq!(read_retry_after("Tue, 14 Nov 2023 22:13:50 GMT", NOW), Some(30_000));
        assert_eq!(read_retry_after("Tue, 14 Nov 2000 22:13:50 GMT", NOW), Some(0));
        assert_eq!(read_retry_after("soon", NOW), None);
        let limited = Failure::of_status(429, Some("2"), NOW);
        assert_eq!(limited.next_attempt(1, 0), Some(NOW.plus(2_000)));
        assert_eq!(limited.next_attempt(5, u32::MAX), Some(NOW.plus(16_000)));
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
