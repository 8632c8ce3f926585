//! Who may ask for an operation, and with what Canopy is asked for it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    api::{Credentials, PullJwt},
    config::ApiToken,
    contract::{Access, Operation, Scope},
    id::{Id, PullId},
    json,
    problem::{Code, Problem},
    security::{PullToken, PullTokenError, PullTokenKey, Scopes},
    time::UnixSeconds,
};

/// A call that may be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admitted {
    /// Name of the back-office token that asks; `<name> (consumer)` where the pull's token came alone that it asked for.
    pub caller: String,
    /// What that is good for; nothing when the pull's token came alone.
    pub scopes: Option<Scopes>,
    /// What Canopy is asked with.
    pub credentials: Credentials,
    /// The pull, where the path or the pull's token names it.
    pub pull_id: Option<PullId>,
}

/// Who asks: what of the request says so.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// The back-office token, if a known one was brought.
    pub token: Option<&'a ApiToken>,
    /// Whether one was brought at all.
    pub brings_token: bool,
    /// The header `pull-jwt`.
    pub pull_jwt: Option<&'a str>,
}

/// Lets a call in. The consumer's calls take the pull's token alone, as Canopy does; a back-office token that comes with it
/// has to be good for them.
///
/// # Errors
/// [`Code::Unauthorized`], [`Code::ScopeMissing`], [`Code::PullTokenInvalid`], [`Code::PullTokenExpired`]
pub fn admit(
    operation: Operation,
    pull_id: Option<PullId>,
    asking: Asking<'_>,
    key: &PullTokenKey,
    now: UnixSeconds,
) -> Result<Admitted, Problem> {
    let row = operation.row();
    if row.access == Access::Pull && !asking.brings_token {
        let token = opened(asking.pull_jwt, pull_id.as_ref(), key, now)?;
        if row.scope == Scope::Servicing && !token.confirms {
            return Err(Problem::scope_missing(Scope::Servicing));
        }
        let caller = format!("{} (consumer)", token.caller);
        return Ok(with_pull_token(PullToken { caller, ..token }, None));
    }
    let token = asking.token.ok_or_else(Problem::unauthorized)?;
    require(token.scopes, row.scope)?;
    let scopes = Some(token.scopes);
    let credentials = match row.access {
        Access::Pull => {
            let mut opened = opened(asking.pull_jwt, pull_id.as_ref(), key, now)?;
            opened.caller.clone_from(&token.name);
            return Ok(with_pull_token(opened, scopes));
        }
        Access::Client => Credentials::Client,
        Access::Open => Credentials::None,
    };
    Ok(Admitted { caller: token.name.clone(), scopes, credentials, pull_id })
}

fn with_pull_token(token: PullToken, scopes: Option<Scopes>) -> Admitted {
    Admitted {
        caller: token.caller,
        scopes,
        credentials: Credentials::Pull(PullJwt(token.pull_jwt)),
        pull_id: Some(token.pull_id),
    }
}

fn opened(
    pull_jwt: Option<&str>,
    pull_id: Option<&PullId>,
    key: &PullTokenKey,
    now: UnixSeconds,
) -> Result<PullToken, Problem> {
    let token = pull_jwt.ok_or(PullTokenError::Invalid);
    token.and_then(|token| PullToken::open(token, pull_id, key, now)).map_err(|error| {
        let code = match error {
            PullTokenError::Invalid => Code::PullTokenInvalid,
            PullTokenError::Expired => Code::PullTokenExpired,
        };
        Problem::new(code, error.to_string())
    })
}

/// # Errors
/// [`Code::ScopeMissing`]
pub fn require(scopes: Scopes, scope: Scope) -> Result<(), Problem> {
    if scopes.has(scope) { Ok(()) } else { Err(Problem::scope_missing(scope)) }
}

/// What a call asks for beyond its operation and path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// Whether the token that the answer brings may confirm a servicing action.
    pub confirms: bool,
    /// The pull that the body names.
    pub pull_id: Option<PullId>,
    /// The servicing action that is answered.
    pub servicing_action_id: Option<Id>,
}

/// Whether the body says something of what is asked for: see [`read_body`].
#[must_use]
pub fn looks_into_body(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::ConsentAndConnect
            | Operation::CreateServicings
            | Operation::CreateMonitoring
            | Operation::ConfirmServicing
    )
}

/// Reads what the body asks for. `servicing_actions` with a pull's beginning tell an insurance company to change something:
/// a body in which they could stand unseen is not passed on.
///
/// # Errors
/// [`Code::ScopeMissing`], [`Code::BodyMalformed`]
pub fn read_body(operation: Operation, admitted: &Admitted, body: &[u8]) -> Result<Said, Problem> {
    let mut said = Said { confirms: operation.row().scope == Scope::Servicing, ..Said::default() };
    if !looks_into_body(operation) {
        return Ok(said);
    }
    if operation != Operation::ConsentAndConnect {
        let body = json::body(body);
        let entries = json::all_entries(&body);
        let text = |member: &str| {
            let (_, value) = entries.iter().flatten().rev().find(|(name, _)| name == member)?;
            json::text(Some(value))
        };
        match operation {
            Operation::ConfirmServicing => {
                said.servicing_action_id = text("servicing_action_id").and_then(|id| Id::parse(&id).ok());
            }
            _ => said.pull_id = text("pull_id").and_then(|id| PullId::parse(&id).ok()),
        }
        return Ok(said);
    }
    let entries = str::from_utf8(body).ok().and_then(json::all_entries);
    let malformed = || Problem::new(Code::BodyMalformed, "expected a JSON object in UTF-8");
    let is_servicing =
        |(name, value): &(String, &RawValue)| name == "servicing_actions" && value.get() != "null";
    if entries.ok_or_else(malformed)?.iter().any(is_servicing) {
        require(admitted.scopes.ok_or_else(Problem::unauthorized)?, Scope::Servicing)?;
        said.confirms = true;
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{contract::Repeat, secret::Secret};

    fn id(text: &str) -> PullId {
        PullId::parse(text).unwrap()
    }

    fn key() -> PullTokenKey {
        PullTokenKey::derive(&Secret::new("0123456789abcdef"))
    }

    fn token(scopes: &str) -> ApiToken {
        ApiToken { name: "crm".to_owned(), token: Secret::new("x"), scopes: Scopes::parse(scopes).unwrap() }
    }

    fn pull_token(confirms: bool) -> String {
        let token = PullToken {
            pull_id: id("p-1"),
            confirms,
            caller: "other".to_owned(),
            expires_at: 100,
            pull_jwt: Secret::new("eyJ"),
        };
        token.seal(&key(), [7; 12])
    }

    fn asked(
        operation: Operation,
        token: Option<&ApiToken>,
        pull_jwt: Option<&str>,
    ) -> Result<Admitted, Code> {
        let asking = Asking { token, brings_token: token.is_some(), pull_jwt };
        admit(operation, Some(id("p-1")), asking, &key(), UnixSeconds(99)).map_err(|problem| problem.code)
    }

    #[test]
    fn each_operation_takes_its_scope_and_no_other() {
        let pull = pull_token(false);
        for operation in Operation::ALL {
            let row = operation.row();
            for scope in Scope::ALL {
                let expected = if scope == row.scope { Ok(()) } else { Err(Code::ScopeMissing) };
                let given = asked(*operation, Some(&token(scope.as_str())), Some(&pull)).map(drop);
                assert_eq!(given, expected, "{} by {scope:?}", row.id);
            }
            let alone = asked(*operation, None, Some(&pull)).map(drop);
            let expected = match (row.access, row.scope) {
                (Access::Pull, Scope::Servicing) => Err(Code::ScopeMissing),
                (Access::Pull, _) => Ok(()),
                _ => Err(Code::Unauthorized),
            };
            assert_eq!(alone, expected, "{} by the pull's token", row.id);
            let confirming = asked(*operation, None, Some(&pull_token(true)));
            assert_eq!(confirming.is_ok(), row.access == Access::Pull, "{}", row.id);
        }
    }

    #[test]
    fn a_back_office_token_that_is_unknown_is_refused_with_a_pulls_own_too() {
        let (pull, key) = (pull_token(true), key());
        let asking = Asking { token: None, brings_token: true, pull_jwt: Some(&pull) };
        let refused = admit(Operation::Connect, None, asking, &key, UnixSeconds(99)).unwrap_err();
        assert_eq!(refused.code, Code::Unauthorized);
    }

    #[test]
    fn canopy_is_asked_with_what_it_lets_in() {
        let pull = pull_token(false);
        let write = token("write+read");
        let admitted = asked(Operation::Connect, Some(&write), Some(&pull)).unwrap();
        assert_eq!(admitted.credentials, Credentials::Pull(PullJwt(Secret::new("eyJ"))));
        assert_eq!((admitted.caller.as_str(), admitted.pull_id), ("crm", Some(id("p-1"))));
        let alone = asked(Operation::Connect, None, Some(&pull)).unwrap();
        assert_eq!((alone.caller.as_str(), alone.scopes), ("other (consumer)", None));
        let credentials = |operation| asked(operation, Some(&write), None).map(|it| it.credentials);
        assert_eq!(credentials(Operation::GetPull), Ok(Credentials::Client));
        assert_eq!(credentials(Operation::GetTerms), Ok(Credentials::None));
        assert_eq!(credentials(Operation::Connect), Err(Code::PullTokenInvalid));
    }

    #[test]
    fn servicing_with_a_pulls_beginning_needs_its_scope() {
        let admitted = |scopes| Admitted {
            caller: String::new(),
            scopes: Some(Scopes::parse(scopes).unwrap()),
            credentials: Credentials::Client,
            pull_id: None,
        };
        let check = |scopes, body: &str| {
            read_body(Operation::ConsentAndConnect, &admitted(scopes), body.as_bytes())
                .map(|said| said.confirms)
                .map_err(|problem| problem.code)
        };
        for body in [
            r#"{"servicing_actions":[{}]}"#,
            r#"{"servicing_actions":[]}"#,
            r#"{"s\u0065rvicing_actions":1}"#,
        ] {
            assert_eq!(check("write", body), Err(Code::ScopeMissing), "{body}");
            assert_eq!(check("write+servicing", body), Ok(true), "{body}");
        }
        let twice = r#"{"servicing_actions":[{}],"servicing_actions":null}"#;
        assert_eq!(check("write", twice), Err(Code::ScopeMissing));
        for body in ["{}", r#"{"servicing_actions":null}"#] {
            assert_eq!(check("write", body), Ok(false), "{body}");
        }
        for body in ["not json", "", "[]", "\u{feff}{}", "servicing_actions[0][type]=x", "{\0}\0"] {
            assert_eq!(check("write+servicing", body), Err(Code::BodyMalformed), "{body}");
        }
        let said = |operation, body: &str| read_body(operation, &admitted("write"), body.as_bytes()).unwrap();
        assert!(
            said(Operation::CreateServicings, "").confirms
                && !said(Operation::UseReconnectToken, "").confirms
        );
        let body = r#"{"pull_id":"P-1"}"#;
        for operation in Operation::ALL {
            let names_it = matches!(operation, Operation::CreateServicings | Operation::CreateMonitoring);
            for body in [body, "\u{feff}{\"pull_id\":\"P-1\"}"]
                .into_iter()
                .filter(|_| *operation != Operation::ConsentAndConnect)
            {
                assert_eq!(
                    said(*operation, body).pull_id,
                    names_it.then(|| id("p-1")),
                    "{}",
                    operation.row().id
                );
            }
        }
    }

    /// A call that is not safe to repeat has to be asked for by somebody who may write.
    #[test]
    fn a_reader_repeats_nothing() {
        for operation in Operation::ALL.iter().filter(|operation| operation.row().scope == Scope::Read) {
            assert_eq!(operation.row().repeat, Repeat::Safe, "{}", operation.row().id);
        }
    }
}
