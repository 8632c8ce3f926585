//! Limits for each caller's address, counted by the platform.

use canopy::{
    address::limit_key,
    problem::{Code, Problem},
};
use worker::RateLimiter;

use crate::http::Incoming;

/// Sessions that are opened.
pub const SESSIONS: &str = "SESSION_LIMIT";

/// What costs a call to Canopy with the agency's credentials.
pub const CALLS: &str = "CALL_LIMIT";

/// Reports of pages: how far their visitors come, that somebody looks at an invitation.
pub const REPORTS: &str = "REPORT_LIMIT";

/// Answers that refuse a token.
const REFUSALS: &str = "REFUSAL_LIMIT";

/// Counts an answer that refuses a token, and gives what its caller is told.
pub async fn refused(incoming: &Incoming, problem: Problem) -> Problem {
    match check(incoming, REFUSALS).await {
        Err(limited) if limited.code == Code::TooManyRequests => limited,
        // An edge that was deployed without this limit refuses all the same.
        _ => problem,
    }
}

/// Counts a request against the limit of a binding.
///
/// # Errors
/// [`Code::TooManyRequests`], also when the limiter itself fails: what it guards is not given away for that.
pub async fn check(incoming: &Incoming, binding: &'static str) -> Result<(), Problem> {
    let limiter = incoming.env.get_binding::<RateLimiter>(binding).map_err(|_| {
        Problem::new(Code::NotConfigured, format!("{binding}: expected a rate limit binding"))
    })?;
    if limiter.limit(limit_key(&incoming.address())).await.is_ok_and(|outcome| outcome.success) {
        return Ok(());
    }
    Err(Problem::new(Code::TooManyRequests, "too many requests from this address: wait a minute"))
}
