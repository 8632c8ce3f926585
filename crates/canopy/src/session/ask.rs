//! What a page asks of its session.

use crate::{
    api::{Consent, Login},
    id::Id,
    json,
    problem::{Code, Problem},
    secret::Secret,
};

/// Longest value a consumer enters or a page hands back, in characters, as `docs/openapi.json` counts.
const MAX_VALUE_LENGTH: usize = 2048;

/// One request of the page that Canopy has to answer.
#[derive(Debug, Clone)]
pub enum Ask {
    /// `POST …/consent`: ahead of the hosted SDK.
    Consent(Consent),
    /// `POST …/connect`
    Connect(Login),
    /// `POST …/documents`: the files and their form are checked where they came in.
    Documents,
    /// `POST …/identity-option`: the option's key.
    IdentityOption(String),
    /// `POST …/identity-code`: what the consumer entered.
    IdentityCode(Secret),
    /// `POST …/reconnect`: the monitoring's token.
    Reconnect(Secret),
    /// `POST …/servicing-confirmation`
    Confirm {
        /// The action.
        action: Id,
        /// Confirmed, or rejected.
        is_confirmed: bool,
    },
}

impl Ask {
    /// The requests there are, by the last segment of their path.
    pub const NAMES: [&str; 6] =
        ["consent", "connect", "identity-option", "identity-code", "reconnect", "servicing-confirmation"];

    /// Reads the request `POST /connect/sessions/{id}/{name}`; `None` when there is no such request.
    ///
    /// # Errors
    /// [`Code::BodyMalformed`] or [`Code::InputInvalid`], with the shape that was expected.
    pub fn read(name: &str, body: &[u8]) -> Option<Result<Self, Problem>> {
        Some(match name {
            "consent" => Consent::read(body).map(Self::Consent),
            "connect" => Login::read(body).map(Self::Connect),
            "identity-option" => member(body, "option_key").map(Self::IdentityOption),
            "identity-code" => member(body, "code").map(|code| Self::IdentityCode(Secret::new(code))),
            "reconnect" => member(body, "reconnect_token").map(|token| Self::Reconnect(Secret::new(token))),
            "servicing-confirmation" => confirmation(body),
            _ => return None,
        })
    }
}

fn member(body: &[u8], name: &str) -> Result<String, Problem> {
    let value = json::members(&json::body(body), [name]).and_then(|[value]| json::text(value));
    let value =
        value.ok_or_else(|| Problem::new(Code::BodyMalformed, format!("expected {{\"{name}\": \"…\"}}")))?;
    if !(1..=MAX_VALUE_LENGTH).contains(&value.chars().count()) {
        return Err(Problem::new(
            Code::InputInvalid,
            format!("{name}: expected 1 to {MAX_VALUE_LENGTH} characters"),
        ));
    }
    Ok(value)
}

fn confirmation(body: &[u8]) -> Result<Ask, Problem> {
    let body = json::body(body);
    let read = || {
        let [action, is_confirmed] = json::members(&body, ["servicing_action_id", "is_confirmed"])?;
        let action = Id::parse(&json::text(action)?).ok()?;
        Some(Ask::Confirm { action, is_confirmed: is_confirmed?.get().parse().ok()? })
    };
    read().ok_or_else(|| {
        Problem::new(
            Code::BodyMalformed,
            "expected {\"servicing_action_id\": \"…\", \"is_confirmed\": true or false}",
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_request_is_read_by_its_name() {
        let read = |name: &str, body: &str| Ask::read(name, body.as_bytes()).unwrap().unwrap();
        assert!(
            matches!(read("identity-option", r#"{"option_key":"sms"}"#), Ask::IdentityOption(key) if key == "sms")
        );
        assert!(
            matches!(read("identity-code", r#"{"code":"1"}"#), Ask::IdentityCode(code) if code.expose() == "1")
        );
        assert!(matches!(read("reconnect", r#"{"reconnect_token":"t"}"#), Ask::Reconnect(_)));
        let confirm = read("servicing-confirmation", r#"{"servicing_action_id":"a","is_confirmed":false}"#);
        assert!(matches!(confirm, Ask::Confirm { is_confirmed: false, .. }));
        assert!(Ask::read("other", b"{}").is_none());
        assert!(Ask::NAMES.iter().all(|name| Ask::read(name, b"{}").is_some()));
    }

    #[test]
    fn a_value_is_measured_in_characters() {
        let read = |code: String| Ask::read("identity-code", json!({ "code": code }).to_string().as_bytes());
        assert!(read("é".repeat(MAX_VALUE_LENGTH)).unwrap().is_ok());
        assert!(read("é".repeat(MAX_VALUE_LENGTH + 1)).unwrap().is_err());
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_the_shape_expected() {
        for (name, body, code) in [
            ("identity-code", "{}", Code::BodyMalformed),
            ("identity-code", r#"{"code":1}"#, Code::BodyMalformed),
            ("identity-code", r#"{"code":""}"#, Code::InputInvalid),
            ("identity-option", "", Code::BodyMalformed),
            ("servicing-confirmation", r#"{"servicing_action_id":"a"}"#, Code::BodyMalformed),
            (
                "servicing-confirmation",
                r#"{"servicing_action_id":"a/b","is_confirmed":true}"#,
                Code::BodyMalformed,
            ),
            ("connect", "{}", Code::BodyMalformed),
        ] {
            assert_eq!(Ask::read(name, body.as_bytes()).unwrap().unwrap_err().code, code, "{name} {body}");
        }
    }
}
