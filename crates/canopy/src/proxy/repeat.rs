//! What becomes of a call that Canopy did not answer.

use crate::{
    contract::{Operation, Repeat, Scope},
    problem::{Code, Problem},
    retry::{self, Reason},
    time::UnixMillis,
};

/// Most attempts of a GET that meets 429 or 5xx.
pub const MAX_ATTEMPTS: u32 = 3;

/// Longest wait before another attempt, in milliseconds: a longer `Retry-After` goes to the client.
pub const MAX_WAIT_MILLIS: u64 = 5_000;

/// Wait before the second attempt, in milliseconds; doubled for the third.
const BASE_WAIT_MILLIS: u64 = 250;

/// How long to wait before the next attempt, in milliseconds; `None` when this was the last.
///
/// Only a GET is repeated, on 429, 5xx or no answer at all (`status` `None`), and only as long as the wait that
/// Canopy asks for is within the bound: else its answer is the client's. One that is billed, or makes a token, only on 429:
/// that it was not taken is certain then alone.
#[must_use]
pub fn wait_before_next(
    operation: Operation,
    attempt: u32,
    status: Option<u16>,
    retry_after: Option<&str>,
    now: UnixMillis,
    random: u32,
) -> Option<u64> {
    let counts = operation.row().scope != Scope::Read;
    let is_transient = matches!(status, Some(429)) || (!counts && matches!(status, None | Some(500..)));
    if operation.row().repeat != Repeat::Safe || !is_transient || attempt >= MAX_ATTEMPTS {
        return None;
    }
    let asked = retry_after.and_then(|value| retry::read_retry_after(value, now)).unwrap_or(0);
    let wait = retry::backoff(attempt, BASE_WAIT_MILLIS, MAX_WAIT_MILLIS, random).max(asked);
    (wait <= MAX_WAIT_MILLIS).then_some(wait)
}

/// What the client is told of a call without an answer: one that cannot be repeated is left for it to look after.
#[must_use]
pub fn unanswered(operation: Operation, reason: Option<Reason>) -> Problem {
    let code = if reason == Some(Reason::TimedOut) { Code::CanopyTimedOut } else { Code::CanopyFailed };
    match operation.row().repeat {
        Repeat::Safe => Problem::new(code, "Canopy did not answer: try again"),
        Repeat::Same => Problem::new(
            code,
            "Canopy did not answer: what was asked may have taken effect, and may be asked for again",
        ),
        Repeat::Once => Problem::new(
            Code::OutcomeUnknown,
            "Canopy did not answer: what was asked may have taken effect. It was sent once and is not sent again: look at the pulls, monitorings or servicing actions before asking anew",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_get_is_repeated_and_only_within_the_bounds() {
        let wait = |operation, attempt, status, retry_after| {
            wait_before_next(operation, attempt, status, retry_after, UnixMillis(0), u32::MAX)
        };
        for status in [None, Some(429), Some(500), Some(503)] {
            assert_eq!(wait(Operation::GetPulls, 1, status, None), Some(250));
            assert_eq!(wait(Operation::GetPulls, 2, status, None), Some(500));
            assert_eq!(wait(Operation::GetPulls, MAX_ATTEMPTS, status, None), None);
            for operation in Operation::ALL.iter().filter(|it| it.row().repeat != Repeat::Safe) {
                assert_eq!(wait(*operation, 1, status, None), None);
            }
        }
        for operation in [Operation::GetDrivingRecord, Operation::GetReconnectToken] {
            assert_eq!(wait(operation, 1, Some(429), None), Some(250));
            assert!([None, Some(500)].iter().all(|status| wait(operation, 1, *status, None).is_none()));
        }
        for status in [200, 302, 400, 404] {
            assert_eq!(wait(Operation::GetPulls, 1, Some(status), None), None);
        }
        assert_eq!(wait(Operation::GetPulls, 1, Some(429), Some("2")), Some(2_000));
        assert_eq!(wait(Operation::GetPulls, 1, Some(429), Some("6")), None);
    }

    #[test]
    fn a_lost_answer_says_whether_to_ask_again() {
        let told = |operation, reason| unanswered(operation, reason).code;
        assert_eq!(told(Operation::GetPulls, Some(Reason::TimedOut)), Code::CanopyTimedOut);
        assert_eq!(told(Operation::PatchPull, Some(Reason::Unreachable)), Code::CanopyFailed);
        assert_eq!(told(Operation::CreateServicings, Some(Reason::TimedOut)), Code::OutcomeUnknown);
    }
}
