//! What an answer to a call that is not safe to repeat means.

use serde::Serialize;
use serde_json::value::RawValue;

use super::PullJwt;
use crate::{
    id::{Id, PullId},
    json,
    problem::{Code, Problem},
    secret::Secret,
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
            Self::Refused { code: Some(code), .. } if code == "DOCUMENT_UPLOAD_DISABLED" => Problem::new(
                Code::DocumentUploadDisabled,
                "Canopy takes no documents on this link: the agency has to ask Canopy for it",
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
#[derive(Debug, Clone, PartialEq, Eq)]
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
    let body = json::body(body);
    let [pull_id, pull_jwt] = json::members(&body, ["pull_id", "pull_jwt"]).ok_or(CallError::Unknown)?;
    let started = || {
        Some(Started {
            pull_id: PullId::parse(&json::text_or_number(pull_id)?).ok()?,
            pull_jwt: PullJwt(Secret::new(json::text_or_number(pull_jwt)?)),
        })
    };
    started().ok_or(CallError::Unknown)
}

/// Reads the answer of `post-consent-and-documents`: the pull, and no right to speak on it.
///
/// # Errors
/// [`CallError`]; an answer of 200 that cannot be read is [`CallError::Unknown`].
pub fn read_uploaded(status: u16, body: &[u8]) -> Result<PullId, CallError> {
    read_done(status, body)?;
    let body = json::body(body);
    let [pull_id] = json::members(&body, ["pull_id"]).ok_or(CallError::Unknown)?;
    json::text_or_number(pull_id).and_then(|id| PullId::parse(&id).ok()).ok_or(CallError::Unknown)
}

/// Reads the answer of `post-consent`.
///
/// # Errors
/// [`CallError`]
pub fn read_consent_token(status: u16, body: &[u8]) -> Result<Id, CallError> {
    read_done(status, body)?;
    let body = json::body(body);
    let [token] = json::members(&body, ["consent_token"]).ok_or(CallError::Unknown)?;
    json::text_or_number(token).and_then(|token| Id::parse(&token).ok()).ok_or(CallError::Unknown)
}

/// What a page may know of a servicing action: what would change, nothing else of it.
#[derive(Debug, Clone, Serialize)]
pub struct ServicingDetails {
    /// The action.
    pub servicing_action_id: Id,
    /// E.g. `ADD_MORTGAGEE`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// E.g. `WAITING_FOR_CONSUMER_CONFIRMATION`.
    pub status: String,
    /// As Canopy gives it: `{carrier_policy_number, before, after}`.
    pub confirmation_data: Option<Box<RawValue>>,
}

impl ServicingDetails {
    /// Reads the answer of `get-servicing` for `action`; `None` when it is not whole, or another action.
    #[must_use]
    pub fn read(body: &[u8], action: &Id) -> Option<Self> {
        let body = json::body(body);
        let names = ["servicing_action_id", "type", "status", "confirmation_data"];
        let [id, kind, status, data] = json::members(&body, names)?;
        if json::text_or_number(id)? != action.as_str() {
            return None;
        }
        let data = data
            .map(|data| RawValue::from_string(json::mended(data.get()).into_owned()).expect("it was whole"));
        Some(Self {
            servicing_action_id: action.clone(),
            kind: json::text_or_number(kind),
            status: json::text_or_number(status)?,
            confirmation_data: data,
        })
    }
}

/// Reads an answer of which only the status matters.
///
/// # Errors
/// [`CallError`]: 4xx is a refusal, all else but 2xx leaves open what happened.
pub fn read_done(status: u16, body: &[u8]) -> Result<(), CallError> {
    match status {
        200..300 => Ok(()),
        408 => Err(CallError::Unknown),
        400..500 => {
            let is_code = |code: &String| {
                code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
            };
            let body = json::body(body);
            let refusal = json::members(&body, ["error"]).and_then(|[code]| json::text_or_number(code));
            Err(CallError::Refused { status, code: refusal.filter(is_code) })
        }
        _ => Err(CallError::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_answer_starts_a_pull() {
        let whole = br#"{"\ud83d":1e400,"pull_id":"p","pull_jwt":"j","servicing_action_ids":[]}"#;
        let started = Started { pull_id: PullId::parse("p").unwrap(), pull_jwt: PullJwt(Secret::new("j")) };
        assert_eq!(read_started(200, whole), Ok(started));
        assert_eq!(read_started(200, &whole[..20]), Err(CallError::Unknown));
        assert_eq!(read_started(200, b"{}"), Err(CallError::Unknown));
    }

    #[test]
    fn an_upload_is_answered_with_its_pull() {
        assert_eq!(read_uploaded(200, br#"{"pull_id":"p"}"#), Ok(PullId::parse("p").unwrap()));
        for (status, body) in [(200, "{}"), (200, "{\"pull_id\":"), (200, r#"{"pull_id":"../x"}"#), (503, "")]
        {
            assert_eq!(read_uploaded(status, body.as_bytes()), Err(CallError::Unknown), "{status} {body}");
        }
        let disabled = read_uploaded(400, br#"{"error":"DOCUMENT_UPLOAD_DISABLED"}"#).unwrap_err().problem();
        assert_eq!(disabled.code, Code::DocumentUploadDisabled);
    }

    #[test]
    fn of_a_servicing_action_the_page_learns_what_would_change() {
        let body = br#"{"servicing_action_id":"a","type":"ADD_MORTGAGEE","status":"WAITING_FOR_CONSUMER_CONFIRMATION",
            "payload":{"loan_number":"secret"},"confirmation_data":{"before":null,"after":{"name":"BANK","loan":12345678901234567890123}}}"#;
        let details = ServicingDetails::read(body, &Id::parse("a").unwrap()).unwrap();
        let told = serde_json::to_string(&details).unwrap();
        assert!(told.contains("BANK") && told.contains("12345678901234567890123"), "{told}");
        assert!(!told.contains("secret"), "{told}");
        assert!(ServicingDetails::read(body, &Id::parse("b").unwrap()).is_none());
        assert!(ServicingDetails::read(&body[..40], &Id::parse("a").unwrap()).is_none());
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
