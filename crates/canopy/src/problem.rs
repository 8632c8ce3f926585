//! The edge's errors, as RFC 9457 writes problems. Source: design, "HTTP surface of the edge".

use http::{HeaderName, HeaderValue, header};
use serde_json::{Value, json};

use crate::contract::Scope;

/// An error's stable code with its status and title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// 401: no `canopy-signature`.
    SignatureMissing,
    /// 401: `canopy-signature` of another form.
    SignatureMalformed,
    /// 401: timestamp outside the tolerance.
    SignatureExpired,
    /// 401: signed by no configured secret.
    SignatureMismatch,
    /// 400: not the JSON that was expected.
    BodyMalformed,
    /// 413: larger than is taken.
    BodyTooLarge,
    /// 415: compressed, or encoded otherwise.
    EncodingNotSupported,
    /// 400: a value that is not allowed; the detail names it.
    InputInvalid,
    /// 401: no or wrong token.
    Unauthorized,
    /// 401: the session token has expired.
    SessionExpired,
    /// 403: the page's origin is not among the configured.
    OriginNotAllowed,
    /// 401: no or a wrong token of the pull's.
    PullTokenInvalid,
    /// 401: the pull's token has expired.
    PullTokenExpired,
    /// 403: the token is not good for this; the detail names the scope.
    ScopeMissing,
    /// 403: another team than the configured one.
    TeamNotAllowed,
    /// 403: only where Canopy is stood in for on this machine.
    LocalRunsOnly,
    /// 404: nothing here.
    NotFound,
    /// 404: the agency has not switched this on.
    FunnelOff,
    /// 404: no invitation of this edge's, or a changed one.
    InvitationInvalid,
    /// 410: the invitation's time is over.
    InvitationExpired,
    /// 410: the agency took the invitation back.
    InvitationRevoked,
    /// 405.
    MethodNotAllowed,
    /// 409: another call of this session is under way.
    ConnectInProgress,
    /// 409: whether the first call took effect is unknown; it is not repeated.
    ConnectOutcomeUnknown,
    /// 409: whether a call that is not repeated took effect is unknown.
    OutcomeUnknown,
    /// 409: the call of this idempotency key is under way.
    IdempotencyKeyInUse,
    /// 422: the idempotency key was another call's.
    IdempotencyKeyReused,
    /// 409: a comparison with Canopy is under way.
    SyncRunning,
    /// 408: the body did not come in time.
    BodyTimedOut,
    /// 409: the session, or what is scheduled, is not where this call belongs.
    StateConflict,
    /// 409: the servicing action was answered before.
    AlreadyAnswered,
    /// 422: Canopy refused what the consumer entered; the detail has its code.
    CanopyRefused,
    /// 422: Canopy takes no documents on the agency's link.
    DocumentUploadDisabled,
    /// 403: the agency takes no documents here.
    UploadsOff,
    /// 413: a file, or all of them, are larger than is taken.
    FileTooLarge,
    /// 422: a file is of no type that is taken, whatever its name says.
    FileTypeUnsupported,
    /// 422: a workflow group or the configuration of an instance is not as it must be; `errors` says where.
    WorkflowInvalid,
    /// 422: the pull's version is not mapped; the detail says what is.
    PullNotMapped,
    /// 422: more than is walked through at once; the detail says how much is.
    SimulationTooLarge,
    /// 429.
    TooManyRequests,
    /// 426: a WebSocket was expected.
    UpgradeRequired,
    /// 502: Canopy answered something else than it promises, or an error of its own.
    CanopyFailed,
    /// 504: Canopy did not answer; what was asked may have taken effect.
    CanopyTimedOut,
    /// 503: a variable is missing or malformed.
    NotConfigured,
    /// 500: our own fault.
    Internal,
}

impl Code {
    /// All of them.
    pub const ALL: [Self; 45] = [
        Self::SignatureMissing,
        Self::SignatureMalformed,
        Self::SignatureExpired,
        Self::SignatureMismatch,
        Self::BodyMalformed,
        Self::BodyTooLarge,
        Self::EncodingNotSupported,
        Self::InputInvalid,
        Self::Unauthorized,
        Self::SessionExpired,
        Self::OriginNotAllowed,
        Self::PullTokenInvalid,
        Self::PullTokenExpired,
        Self::ScopeMissing,
        Self::TeamNotAllowed,
        Self::LocalRunsOnly,
        Self::NotFound,
        Self::FunnelOff,
        Self::InvitationInvalid,
        Self::InvitationExpired,
        Self::InvitationRevoked,
        Self::MethodNotAllowed,
        Self::ConnectInProgress,
        Self::ConnectOutcomeUnknown,
        Self::OutcomeUnknown,
        Self::IdempotencyKeyInUse,
        Self::IdempotencyKeyReused,
        Self::SyncRunning,
        Self::BodyTimedOut,
        Self::StateConflict,
        Self::AlreadyAnswered,
        Self::CanopyRefused,
        Self::DocumentUploadDisabled,
        Self::UploadsOff,
        Self::FileTooLarge,
        Self::FileTypeUnsupported,
        Self::WorkflowInvalid,
        Self::PullNotMapped,
        Self::SimulationTooLarge,
        Self::TooManyRequests,
        Self::UpgradeRequired,
        Self::CanopyFailed,
        Self::CanopyTimedOut,
        Self::NotConfigured,
        Self::Internal,
    ];

    /// HTTP status, code and title.
    #[must_use]
    pub fn parts(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::SignatureMissing => (401, "SIGNATURE_MISSING", "The webhook is not signed"),
            Self::SignatureMalformed => (401, "SIGNATURE_MALFORMED", "The signature cannot be read"),
            Self::SignatureExpired => (401, "SIGNATURE_EXPIRED", "The signature is too old or too new"),
            Self::SignatureMismatch => (401, "SIGNATURE_MISMATCH", "The signature is not Canopy's"),
            Self::BodyMalformed => (400, "BODY_MALFORMED", "The body cannot be read"),
            Self::BodyTooLarge => (413, "BODY_TOO_LARGE", "The body is too large"),
            Self::EncodingNotSupported => (415, "ENCODING_NOT_SUPPORTED", "The body is encoded"),
            Self::InputInvalid => (400, "INPUT_INVALID", "A value is not allowed"),
            Self::Unauthorized => (401, "UNAUTHORIZED", "A valid token is needed"),
            Self::SessionExpired => (401, "SESSION_EXPIRED", "The session has expired"),
            Self::OriginNotAllowed => (403, "ORIGIN_NOT_ALLOWED", "This page may not use the edge"),
            Self::PullTokenInvalid => {
                (401, "PULL_TOKEN_INVALID", "The pull's token is not one of this edge's")
            }
            Self::PullTokenExpired => (401, "PULL_TOKEN_EXPIRED", "The pull's token has expired"),
            Self::ScopeMissing => (403, "SCOPE_MISSING", "The token is not good for this"),
            Self::TeamNotAllowed => (403, "TEAM_NOT_ALLOWED", "This team is not served here"),
            Self::LocalRunsOnly => (403, "LOCAL_RUNS_ONLY", "This is for local runs alone"),
            Self::FunnelOff => (404, "FUNNEL_OFF", "The funnel is switched off"),
            Self::InvitationInvalid => (404, "INVITATION_INVALID", "There is no such invitation"),
            Self::InvitationExpired => (410, "INVITATION_EXPIRED", "The invitation's time is over"),
            Self::InvitationRevoked => (410, "INVITATION_REVOKED", "The invitation was taken back"),
            Self::NotFound => (404, "NOT_FOUND", "There is nothing here"),
            Self::MethodNotAllowed => (405, "METHOD_NOT_ALLOWED", "This method is not served here"),
            Self::ConnectInProgress => (409, "CONNECT_IN_PROGRESS", "A call of this session is under way"),
            Self::ConnectOutcomeUnknown => {
                (409, "CONNECT_OUTCOME_UNKNOWN", "Whether the login was taken is not known")
            }
            Self::OutcomeUnknown => (409, "OUTCOME_UNKNOWN", "Whether this took effect is not known"),
            Self::IdempotencyKeyInUse => (409, "IDEMPOTENCY_KEY_IN_USE", "The call of this key is under way"),
            Self::IdempotencyKeyReused => (422, "IDEMPOTENCY_KEY_REUSED", "This key belongs to another call"),
            Self::SyncRunning => (409, "SYNC_RUNNING", "A comparison with Canopy is under way"),
            Self::BodyTimedOut => (408, "BODY_TIMED_OUT", "The body did not come in time"),
            Self::StateConflict => (409, "STATE_CONFLICT", "Things do not stand so that this can be done"),
            Self::AlreadyAnswered => (409, "ALREADY_ANSWERED", "This was answered before"),
            Self::CanopyRefused => (422, "CANOPY_REFUSED", "Canopy did not take this"),
            Self::DocumentUploadDisabled => {
                (422, "DOCUMENT_UPLOAD_DISABLED", "Canopy takes no documents on this link")
            }
            Self::UploadsOff => (403, "UPLOADS_OFF", "Documents are not taken here"),
            Self::FileTooLarge => (413, "FILE_TOO_LARGE", "A file is too large"),
            Self::FileTypeUnsupported => {
                (422, "FILE_TYPE_UNSUPPORTED", "A file is of a type that is not taken")
            }
            Self::WorkflowInvalid => (422, "WORKFLOW_INVALID", "The workflow is not as it must be"),
            Self::PullNotMapped => (422, "PULL_NOT_MAPPED", "This version is not mapped"),
            Self::SimulationTooLarge => {
                (422, "SIMULATION_TOO_LARGE", "This is more than can be walked through")
            }
            Self::TooManyRequests => (429, "TOO_MANY_REQUESTS", "Too many requests"),
            Self::UpgradeRequired => (426, "UPGRADE_REQUIRED", "A WebSocket is expected here"),
            Self::CanopyFailed => (502, "CANOPY_FAILED", "Canopy could not answer"),
            Self::CanopyTimedOut => (504, "CANOPY_TIMED_OUT", "Canopy did not answer in time"),
            Self::NotConfigured => (503, "NOT_CONFIGURED", "The edge is not configured"),
            Self::Internal => (500, "INTERNAL", "The edge failed"),
        }
    }
}

/// A problem to answer with: never holds a secret or a consumer's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind.
    pub code: Code,
    /// What was expected and what to do, for the one who called.
    pub detail: String,
    /// For [`Code::MethodNotAllowed`]: the methods that are served.
    allow: Option<String>,
    /// What is wrong in the body: the JSON pointer of its place, and what is expected there.
    errors: Vec<(String, String)>,
}

impl Problem {
    /// A problem with its explanation.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), allow: None, errors: Vec::new() }
    }

    /// The method is not among `allow`, which is what `Allow` says.
    #[must_use]
    pub fn method_not_allowed(allow: &[&str]) -> Self {
        let allow = allow.join(", ");
        Self { allow: Some(allow.clone()), ..Self::new(Code::MethodNotAllowed, format!("expected {allow}")) }
    }

    /// With what is wrong in the body, each with its place. Source: RFC 9457, section 3, and RFC 6901.
    #[must_use]
    pub fn with_errors(self, errors: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { errors: errors.into_iter().collect(), ..self }
    }

    /// The token has not the scope that was asked for.
    #[must_use]
    pub fn scope_missing(scope: Scope) -> Self {
        let scope = scope.as_str();
        Self::new(
            Code::ScopeMissing,
            format!("expected a token with the scope {scope}: EDGE_API_TOKENS, name:token:{scope}"),
        )
    }

    /// No back-office token, or an unknown one.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::new(
            Code::Unauthorized,
            "expected an API token: Authorization: Bearer <token>, Basic with the token as password, or x-canopy-client-secret",
        )
    }

    /// The header that the status asks for, beside the content type. Source: RFC 9110, sections 10.2.3, 15.5.2, 15.5.6
    /// and 12.5.3.
    #[must_use]
    pub fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        let (name, value) = match self.code {
            Code::MethodNotAllowed => {
                return Some((header::ALLOW, HeaderValue::from_str(self.allow.as_deref()?).ok()?));
            }
            Code::Unauthorized | Code::SessionExpired | Code::PullTokenInvalid | Code::PullTokenExpired => {
                (header::WWW_AUTHENTICATE, "Bearer")
            }
            _ if self.status() == 401 => (header::WWW_AUTHENTICATE, "Canopy-Signature"),
            Code::EncodingNotSupported => (header::ACCEPT_ENCODING, "identity"),
            Code::TooManyRequests => (header::RETRY_AFTER, "60"),
            _ => return None,
        };
        Some((name, HeaderValue::from_static(value)))
    }

    /// HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.code.parts().0
    }

    /// As `application/problem+json`. `error` repeats the code under the name that a client
    /// written for Canopy's own API reads.
    #[must_use]
    pub fn json(&self) -> Value {
        let (status, code, title) = self.code.parts();
        let mut json = json!({
            "type": format!("urn:canopy-edge:problem:{}", code.to_lowercase().replace('_', "-")),
            "title": title, "status": status, "detail": self.detail, "code": code, "error": code,
        });
        if !self.errors.is_empty() {
            let errors = self.errors.iter();
            json["errors"] =
                errors.map(|(pointer, detail)| json!({ "pointer": pointer, "detail": detail })).collect();
        }
        json
    }
}

impl Problem {
    /// Reads what [`Problem::json`] gave back, as it comes from another object.
    #[must_use]
    pub fn read(json: &Value) -> Self {
        let code = json["code"].as_str();
        let code = Code::ALL.into_iter().find(|known| Some(known.parts().1) == code);
        let text = |json: &Value, name: &str| json[name].as_str().unwrap_or_default().to_owned();
        let errors = json["errors"].as_array().into_iter().flatten();
        let errors = errors.map(|error| (text(error, "pointer"), text(error, "detail")));
        Self::new(code.unwrap_or(Code::Internal), text(json, "detail")).with_errors(errors)
    }
}

impl serde::Serialize for Problem {
    /// As [`Problem::json`].
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json().serialize(serializer)
    }
}

impl From<crate::signature::SignatureError> for Problem {
    fn from(error: crate::signature::SignatureError) -> Self {
        use crate::signature::SignatureError as E;
        let code = match error {
            E::Missing => Code::SignatureMissing,
            E::Malformed => Code::SignatureMalformed,
            E::Expired { .. } => Code::SignatureExpired,
            E::Mismatch => Code::SignatureMismatch,
        };
        Self::new(code, error.to_string())
    }
}

impl From<crate::webhook::BodyError> for Problem {
    fn from(error: crate::webhook::BodyError) -> Self {
        Self::new(Code::BodyMalformed, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_written_as_rfc_9457_says() {
        let written = Problem::new(Code::BodyTooLarge, "expected at most 1 MiB").json();
        assert_eq!(written["type"], "urn:canopy-edge:problem:body-too-large");
        assert_eq!((&written["status"], &written["code"]), (&json!(413), &json!("BODY_TOO_LARGE")));
        assert_eq!(written["detail"], "expected at most 1 MiB");
    }

    #[test]
    fn each_status_has_the_headers_it_asks_for() {
        for code in Code::ALL {
            let problem = match code {
                Code::MethodNotAllowed => Problem::method_not_allowed(&["GET", "HEAD"]),
                code => Problem::new(code, "x"),
            };
            let asked = match problem.status() {
                401 => Some("www-authenticate"),
                405 => Some("allow"),
                415 => Some("accept-encoding"),
                429 => Some("retry-after"),
                _ => None,
            };
            assert_eq!(problem.header().as_ref().map(|(name, _)| name.as_str()), asked, "{code:?}");
        }
    }

    #[test]
    fn a_problem_survives_the_way_out_of_its_object() {
        for code in Code::ALL {
            let problem = Problem::new(code, "x").with_errors([("/a/0".to_owned(), "expected b".to_owned())]);
            assert_eq!(Problem::read(&problem.json()), problem);
        }
    }
}
