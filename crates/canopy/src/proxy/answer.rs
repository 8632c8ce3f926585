//! How an answer of Canopy's crosses to the client.

use crate::{
    contract::{Access, Answer, Operation, Repeat, Scope},
    id::PullId,
    json,
    problem::{Code, Problem},
    seal::NONCE_BYTES,
    secret::Secret,
    security::{MASK, PULL_TOKEN_SECONDS, PullToken, PullTokenKey, rewritten},
    time::UnixSeconds,
};

use super::{admission::Admitted, repeat::unanswered};

/// What an answer is for the client, by its status: passed on unless this says otherwise.
///
/// # Errors
/// [`Code::CanopyFailed`] for 401 where the credentials are the edge's own, and for what is no status of an answer; there
/// [`Code::OutcomeUnknown`] for a call that cannot be repeated.
pub fn check_answer(operation: Operation, status: u16) -> Result<(), Problem> {
    match status {
        401 if operation.row().access != Access::Pull => Err(Problem::new(
            Code::CanopyFailed,
            "Canopy did not accept the edge's own credentials: the operator has to check CANOPY_CLIENT_ID and CANOPY_CLIENT_SECRET",
        )),
        200..600 => Ok(()),
        // Whoever answered so, the call may have been taken.
        _ if operation.row().repeat == Repeat::Once => Err(unanswered(operation, None)),
        _ => Err(Problem::new(
            Code::CanopyFailed,
            format!("expected an answer of Canopy's, found status {status}"),
        )),
    }
}

/// Whether an answer may hold what the client must not see: then it is read whole before it crosses.
#[must_use]
pub fn is_looked_into(operation: Operation, admitted: &Admitted) -> bool {
    match operation.row().answer {
        Answer::AsIs => false,
        Answer::PullJwt => true,
        Answer::Secret => !may_see_secrets(admitted),
    }
}

fn may_see_secrets(admitted: &Admitted) -> bool {
    admitted.scopes.is_some_and(|scopes| scopes.has(Scope::Admin))
}

/// The body of an answer as it crosses: a sealed token in the place of a `pull_jwt`, secrets masked, and every other byte
/// as it is. `confirms` is what [`super::read_body`] gave; each that `nonce` gives must be random and new.
///
/// # Errors
/// [`Code::OutcomeUnknown`] or [`Code::CanopyFailed`] when the answer is no JSON, or names no pull for its token: nothing
/// is passed on that was not looked into.
pub fn crossing(
    operation: Operation,
    admitted: &Admitted,
    confirms: bool,
    body: Vec<u8>,
    key: &PullTokenKey,
    now: UnixSeconds,
    nonce: impl Fn() -> [u8; NONCE_BYTES],
) -> Result<Vec<u8>, Problem> {
    if !is_looked_into(operation, admitted) || body.is_empty() {
        return Ok(body);
    }
    let text = json::body(&body);
    let pull_id = json::members(&text, ["pull_id"]).and_then(|[id]| PullId::parse(&json::text(id)?).ok());
    let is_bound = pull_id.is_some() || operation.row().answer != Answer::PullJwt;
    let mut is_whole = true;
    let replaced = rewritten(&body, &["pull_jwt", "signing_secret", "client_secret"], |name, value| {
        if name != "pull_jwt" {
            return if may_see_secrets(admitted) { value.to_owned() } else { MASK.to_owned() };
        }
        is_whole &= is_bound;
        let Some(pull_id) = pull_id.clone() else { return MASK.to_owned() };
        let token = PullToken {
            pull_id,
            confirms,
            caller: admitted.caller.clone(),
            expires_at: now.0 + PULL_TOKEN_SECONDS,
            pull_jwt: Secret::new(value),
        };
        token.seal(key, nonce())
    });
    replaced.filter(|_| is_whole).ok_or_else(|| unanswered(operation, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{api::Credentials, security::Scopes};

    const NOW: UnixSeconds = UnixSeconds(1_000);

    fn key() -> PullTokenKey {
        PullTokenKey::derive(&Secret::new("0123456789abcdef"))
    }

    fn crossed(operation: Operation, scopes: &str, body: &str) -> Result<String, Code> {
        let admitted = Admitted {
            caller: "crm".to_owned(),
            scopes: Scopes::parse(scopes),
            credentials: Credentials::Client,
            pull_id: None,
        };
        let body = crossing(operation, &admitted, true, body.into(), &key(), NOW, || [7; 12]);
        body.map(|body| String::from_utf8(body).unwrap()).map_err(|problem| problem.code)
    }

    #[test]
    fn no_pull_jwt_and_no_secret_crosses() {
        let plain =
            r#"{"pull_id":"p-1", "pull_jwt" : "eyJ.a.b","signing_secret":"hush","client_secret":"hush"}"#;
        for operation in Operation::ALL.iter().filter(|operation| operation.row().answer != Answer::AsIs) {
            let crossed = crossed(*operation, "read+write+servicing", plain).unwrap();
            for secret in ["eyJ", "hush"] {
                assert!(!crossed.contains(secret), "{}: {crossed}", operation.row().id);
            }
        }
    }

    #[test]
    fn a_sealed_token_is_the_pulls_own_and_says_who_asked() {
        let body = r#"{"success": true, "pull_id":"p-1", "pull_jwt" : "eyJ.a.b"}"#;
        let sealed = crossed(Operation::ConsentAndConnect, "write", body).unwrap();
        let token = serde_json::from_str::<serde_json::Value>(&sealed).unwrap()["pull_jwt"].clone();
        let token = token.as_str().unwrap();
        assert_eq!(sealed, body.replace("eyJ.a.b", token), "and nothing else is changed");
        let pull_id = PullId::parse("p-1").unwrap();
        let opened = PullToken::open(token, Some(&pull_id), &key(), NOW).unwrap();
        assert_eq!((opened.pull_jwt.expose(), opened.caller.as_str()), ("eyJ.a.b", "crm"));
        assert_eq!((opened.confirms, opened.expires_at), (true, 1_000 + 24 * 60 * 60));
    }

    #[test]
    fn a_webhooks_secret_is_for_admin() {
        let body = r#"{"webhooks":[{"signing_secret":"hush"}]}"#;
        assert_eq!(crossed(Operation::GetWebhooks, "read+admin", body).as_deref(), Ok(body));
        let masked = body.replace("hush", MASK);
        assert_eq!(crossed(Operation::GetWebhooks, "read", body), Ok(masked));
    }

    #[test]
    fn what_was_not_looked_into_does_not_cross() {
        for body in ["<html>", "{\"pull_jwt\":\"eyJ\"}", "{\"pull_id\":\"p\",\"pull_jwt\":\"eyJ\""] {
            assert_eq!(crossed(Operation::CreateServicings, "servicing", body), Err(Code::OutcomeUnknown));
            assert!(crossed(Operation::GetPulls, "read", body).is_ok());
        }
        assert_eq!(crossed(Operation::GetWebhooks, "read", "<html>"), Err(Code::CanopyFailed));
        for body in [r#"{"error":"NOT_FOUND"}"#, ""] {
            assert_eq!(crossed(Operation::CreateServicings, "servicing", body).as_deref(), Ok(body));
        }
    }

    #[test]
    fn only_what_can_be_an_answer_is_passed_on() {
        let check = |operation, status| check_answer(operation, status).map_err(|problem| problem.code);
        for status in (200..600).filter(|status| *status != 401) {
            assert_eq!(check(Operation::GetPulls, status), Ok(()), "{status}");
        }
        for status in (0..200).chain(600..=1_000).chain([401]) {
            assert_eq!(check(Operation::GetPulls, status), Err(Code::CanopyFailed), "{status}");
        }
        for status in [0, 100, 199, 600, 999] {
            let told = check(Operation::CreateServicings, status);
            assert_eq!(told, Err(Code::OutcomeUnknown), "{status}: it may have been taken");
        }
        assert_eq!(check(Operation::CreateServicings, 401), Err(Code::CanopyFailed), "it was not taken");
        let refused = check_answer(Operation::GetPulls, 401).unwrap_err();
        assert!(refused.detail.contains("CANOPY_CLIENT_SECRET"));
        assert_eq!(check(Operation::Connect, 401), Ok(()), "those are the consumer's");
    }
}
