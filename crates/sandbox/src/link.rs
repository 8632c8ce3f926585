//! What the frame of the hosted SDK asks for: it stands for Canopy's own page, so it needs no team's
//! credentials. Each call becomes the call of the API that does the same.

use canopy::contract::Operation;
use serde_json::{Map, Value, json};

use crate::{
    http::{Answer, Call},
    ids,
    rows::MFA_OPTIONS,
    world::{Token, World},
};

/// Prefix of all of it, below [`crate::control::BASE`].
pub const BASE: &str = "/link";

/// Text shown to the consumer, and recorded as their consent.
const CONSENT: &str = "By clicking Agree and continue you agree to the Privacy Policy and Terms of Service";

/// Credentials as they are given, and the fields that their tokens stand for.
const TOKEN_FIELDS: [(&str, &str); 3] =
    [("username", "username"), ("password", "password"), ("third_field", "thirdfield")];

/// The fields that tokens stand for, and what a connect call names them.
const CREDENTIALS: [(&str, &str); 3] =
    [("username", "insurerUsername"), ("password", "insurerPassword"), ("thirdfield", "insurerThirdField")];

impl World {
    /// Serves a call below [`BASE`].
    pub(crate) fn serve_link(&mut self, call: &Call, path: &str) -> Answer {
        if call.method == "GET" {
            return self.link_state(path.trim_start_matches('/'));
        }
        let body = call.json().unwrap_or_else(|| json!({}));
        let jwt = body["pull_jwt"].as_str().unwrap_or_default();
        match path {
            "/start" => {
                let mut json = self.link_credentials(&body);
                json["device_identifier"] = json!("sandbox");
                json["terms_version"] = json!(1);
                json["consent_language"] = json!(CONSENT);
                json["public_alias"] = body["public_alias"].clone();
                json["meta_data"] = body["meta_data"].clone();
                let team_id = json["public_alias"].as_str().and_then(|alias| Some(self.widget_of(alias)?.1));
                self.call_inside(call, Operation::ConsentAndConnect, team_id, jwt, &json)
            }
            "/connect" => {
                let json = self.link_credentials(&body);
                self.call_inside(call, Operation::Connect, None, jwt, &json)
            }
            "/option" => {
                let json = json!({"optionKey": body["key"]});
                self.call_inside(call, Operation::ChooseIdentityOption, None, jwt, &json)
            }
            "/code" => {
                let json = json!({"mfaValue": body["code"]});
                self.call_inside(call, Operation::EnterIdentityCode, None, jwt, &json)
            }
            "/reconnect" => {
                let json = json!({"reconnect_token": body["reconnect_token"]});
                let token = json["reconnect_token"].as_str();
                let team_id = token.and_then(|token| self.team_of_reconnect(token).map(str::to_owned));
                self.call_inside(call, Operation::UseReconnectToken, team_id, jwt, &json)
            }
            "/consent" => {
                let consent = body["consent_token"].as_str().and_then(|token| self.consents.get(token));
                let expires_ms = consent.and_then(|consent| consent["expires_ms"].as_u64());
                let has_expired = expires_ms.is_some_and(|at| at <= self.clock_ms());
                Answer::json(200, &json!({"has_expired": has_expired}))
            }
            _ => Answer::error(404, "NOT_FOUND"),
        }
    }

    /// The company and the credential fields of a connect call, as tokens. A field that was not given is left out: the contract allows
    /// no `null`.
    fn link_credentials(&mut self, body: &Value) -> Value {
        let mut tokens = self.tokens_for(&body["credentials"]);
        let given =
            CREDENTIALS.iter().filter_map(|(field, name)| Some(((*name).to_owned(), tokens.remove(*field)?)));
        given.chain([("insurerName".to_owned(), body["carrier_id"].clone())]).collect()
    }

    /// A token for each credential given, by the name of its field.
    pub(crate) fn tokens_for(&mut self, credentials: &Value) -> Map<String, Value> {
        let mut tokens = Map::new();
        for (given, field) in TOKEN_FIELDS {
            if let Some(value) = credentials[given].as_str().filter(|value| !value.is_empty()) {
                let token = ids::random_uuid();
                self.tokens.insert(token.clone(), Token { field: field.into(), value: value.into() });
                tokens.insert(field.into(), json!(token));
            }
        }
        tokens
    }

    /// Makes the call of the API as the team whose link the consumer opened, or as the consumer with this `pull-jwt`.
    fn call_inside(
        &mut self,
        from: &Call,
        operation: Operation,
        team_id: Option<String>,
        jwt: &str,
        json: &Value,
    ) -> Answer {
        let call = Call {
            origin: from.origin.clone(),
            headers: vec![("pull-jwt".to_owned(), jwt.to_owned())],
            body: json.to_string().into_bytes(),
            ..Call::default()
        };
        // What no team knows the first one refuses, as it does any unknown one.
        let team_id = team_id.unwrap_or_else(|| self.config.first().team_id.clone());
        self.work_inside(&call, operation, team_id)
    }

    /// Where the consumer's pull stands.
    fn link_state(&self, jwt: &str) -> Answer {
        let Some(pull) = self.pulls.values().find(|pull| pull.jwt == jwt && !jwt.is_empty()) else {
            return Answer::error(404, "NOT_FOUND");
        };
        Answer::json(
            200,
            &json!({
                "pull_id": pull.pull_id,
                "sequence": pull.sequence,
                "auth_status": pull.auth_status,
                "message": pull.message,
                "options": MFA_OPTIONS,
            }),
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::driven::{call, serve, whole, world};

    #[test]
    fn a_login_that_was_refused_is_made_again_without_fields_that_were_not_given() {
        let mut world = world();
        let mut login = |path: &str, username: &str, jwt: &str| {
            let credentials = json!({"username": username, "password": "pass_good"});
            let body = json!({"carrier_id": "statefarm", "credentials": credentials, "public_alias": "demo", "pull_jwt": jwt});
            let answered = call(&mut world, &format!("/sandbox/link{path}"), &[], &body);
            while let Some(due) = world.next_step_ms() {
                world.now = world.now.max(due);
                world.run_steps();
            }
            answered
        };
        let (status, started) = login("/start", "user_bad", "");
        assert_eq!(status, 200, "{started}");
        let jwt = started["pull_jwt"].as_str().unwrap();
        let (status, answer) = login("/connect", "user_mfa", jwt);
        assert_eq!(status, 200, "{answer}");
        let (_, state) = whole(serve(&mut world, "GET", &format!("/sandbox/link/{jwt}"), &[], &json!({})));
        assert_eq!(state["auth_status"], "IDENTITY_VERIFICATION_OPTIONS");
    }
}
