//! What an answer to a call that is not safe to repeat means.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::PullJwt;
use crate::{
    id::{Id, PullId},
    problem::{Code, Problem},
};

/// Why a call did not do what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    /// Canopy said no: nothing happened. Its code, when it gave a proper one.
    Refused {
        /// HTTP status.
        status: u16,
        /// E.g. `INVALID_USERNAME`.
        code: Option<String>,
    },
    /// No answer, an answer that broke, or a fault of Canopy's: it may have taken effect.
    Unknown,
}

impl CallError {
    /// As the page is told.
    #[must_use]
    pub fn problem(&self) -> Problem {
        match self {
            Self::Refused { status: 429, .. } => {
                Problem::new(Code::TooManyRequests, "Canopy is busy: try again in a moment")
            }
            Self::Refused { status: 401 | 403, .. } => Problem::new(
                Code::CanopyFailed,
                "Canopy did not accept the edge's credentials: the operator has to check them",
            ),
            Self::Refused { code: Some(code), .. } => Problem::new(Code::CanopyRefused, code.clone()),
            Self::Refused { status, .. } => Problem::new(Code::CanopyRefused, format!("status {status}")),
            Self::Unknown => Problem::new(
                Code::CanopyTimedOut,
                "Canopy did not answer: what was asked may have taken effect, the status will tell",
            ),
        }
    }
}

/// The answer of `consentAndConnect` and `reconnectToken`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Started {
    /// The pull.
    pub pull_id: PullId,
    /// Authenticates the consumer's calls on it.
    pub pull_jwt: PullJwt,
}

/// Reads an answer that starts a pull or hands one over.
///
/// # Errors
/// [`CallError`]; an answer of 200 that cannot be read is [`CallError::Unknown`].
pub fn read_started(status: u16, body: &[u8]) -> Result<Started, CallError> {
    read_done(status, body)?;
    serde_json::from_slice(body).map_err(|_| CallError::Unknown)
}

/// Reads the answer of `post-consent`.
///
/// # Errors
/// [`CallError`]
pub fn read_consent_token(status: u16, body: &[u8]) -> Result<Id, CallError> {
    #[derive(Deserialize)]
    struct Consent {
        consent_token: Id,
    }
    read_done(status, body)?;
    let consent: Consent = serde_json::from_slice(body).map_err(|_| CallError::Unknown)?;
    Ok(consent.consent_token)
}

/// What a page may know of a servicing action: what would change, nothing else of it.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct ServicingDetails {
    /// The action.
    pub servicing_action_id: Id,
    /// E.g. `ADD_MORTGAGEE`.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    /// E.g. `WAITING_FOR_CONSUMER_CONFIRMATION`.
    pub status: String,
    /// As Canopy gives it: `{carrier_policy_number, before, after}`.
    #[serde(default)]
    pub confirmation_data: Option<Value>,
}

impl ServicingDetails {
    /// Reads the answer of `get-servicing` for `action`; `None` when it is not whole, or another action.
    #[must_use]
    pub fn read(body: &[u8], action: &Id) -> Option<Self> {
        let details: Self = serde_json::from_slice(body).ok()?;
        (details.servicing_action_id == *action).then_some(details)
    }
}

/// Reads an answer of which only the status matters.
///
/// # Errors
/// [`CallError`]: 4xx is a refusal, all else but 2xx leaves open what happened.
pub fn read_done(status: u16, body: &[u8]) -> Result<(), CallError> {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    match status {
        200..300 => Ok(()),
        408 => Err(CallError::Unknown),
        400..500 => {
            let is_code = |code: &String| {
                code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
            };
            let refusal = serde_json::from_slice::<Refusal>(body).ok();
            Err(CallError::Refused { status, code: refusal.map(|refusal| refusal.error).filter(is_code) })
        }
        _ => Err(CallError::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn only_a_whole_answer_starts_a_pull() {
        let whole = br#"{"pull_id":"p","pull_jwt":"j","servicing_action_ids":[]}"#;
        let started = Started { pull_id: Id::parse("p").unwrap(), pull_jwt: PullJwt(Secret::new("j")) };
        assert_eq!(read_started(200, whole), Ok(started));
        assert_eq!(read_started(200, &whole[..20]), Err(CallError::Unknown));
        assert_eq!(read_started(200, b"{}"), Err(CallError::Unknown));
    }

    #[test]
    fn of_a_servicing_action_the_page_learns_what_would_change() {
        let body = br#"{"servicing_action_id":"a","type":"ADD_MORTGAGEE","status":"WAITING_FOR_CONSUMER_CONFIRMATION",
            "payload":{"loan_number":"secret"},"confirmation_data":{"before":null,"after":{"name":"BANK"}}}"#;
        let details = ServicingDetails::read(body, &Id::parse("a").unwrap()).unwrap();
        let told = serde_json::to_string(&details).unwrap();
        assert!(told.contains("BANK") && !told.contains("secret"), "{told}");
        assert_eq!(ServicingDetails::read(body, &Id::parse("b").unwrap()), None);
        assert_eq!(ServicingDetails::read(&body[..40], &Id::parse("a").unwrap()), None);
    }

    #[test]
    fn only_a_refusal_says_that_nothing_happened() {
        let refused =
            |status, code: Option<&str>| Err(CallError::Refused { status, code: code.map(str::to_owned) });
        assert_eq!(
            read_done(400, br#"{"error":"INVALID_USERNAME"}"#),
            refused(400, Some("INVALID_USERNAME"))
        );
        assert_eq!(read_done(404, b"<html>"), refused(404, None));
        assert_eq!(read_done(400, br#"{"error":"name=secret"}"#), refused(400, None));
        assert_eq!(read_done(429, b""), refused(429, None));
        for status in [302, 408, 500, 502, 503, 504] {
            assert_eq!(read_done(status, b"{}"), Err(CallError::Unknown), "{status}");
        }
    }
}
