//! What the frame of the hosted SDK asks for: it stands for Canopy's own page, so it needs no team's
//! credentials. Each call becomes the call of the API that does the same.

use serde_json::{Value, json};

use crate::{
    contract,
    http::{Answer, Call},
    pull::MFA_OPTIONS,
    world::World,
};

/// Prefix of all of it, below [`crate::control::BASE`].
pub const BASE: &str = "/link";

/// Text shown to the consumer, and recorded as their consent.
const CONSENT: &str = "By clicking Agree and continue you agree to the Privacy Policy and Terms of Service";

impl World {
    /// Serves a call below [`BASE`].
    pub(crate) fn serve_link(&mut self, call: &Call, path: &str) -> Answer {
        if call.method == "GET" {
            return self.link_state(path.trim_start_matches('/'));
        }
        let body = call.json().unwrap_or_else(|| json!({}));
        let jwt = body["pull_jwt"].as_str().unwrap_or_default().to_owned();
        let team = self.config.client_id.clone();
        match path {
            "/start" => {
                let mut json = self.link_credentials(&body);
                json["device_identifier"] = json!("sandbox");
                json["terms_version"] = json!(1);
                json["consent_language"] = json!(CONSENT);
                json["public_alias"] = body["public_alias"].clone();
                json["meta_data"] = body["meta_data"].clone();
                self.call_inside(call, "/widget/pull/consentAndConnect", &team, &json)
            }
            "/connect" => {
                let json = self.link_credentials(&body);
                self.call_inside(call, "/widget/pull/connect", &jwt, &json)
            }
            "/option" => {
                self.call_inside(call, "/widget/pull/idvoptions", &jwt, &json!({"optionKey": body["key"]}))
            }
            "/code" => self.call_inside(call, "/widget/pull/idv", &jwt, &json!({"mfaValue": body["code"]})),
            "/reconnect" => self.call_inside(
                call,
                "/widget/pull/reconnectToken",
                &team,
                &json!({"reconnect_token": body["reconnect_token"]}),
            ),
            _ => Answer::error(404, "NOT_FOUND"),
        }
    }

    /// The credential fields of a connect call, as tokens.
    fn link_credentials(&mut self, body: &Value) -> Value {
        let tokens = self.tokens_for(&body["credentials"]);
        json!({
            "insurerName": body["carrier_id"],
            "insurerUsername": tokens.get("username"),
            "insurerPassword": tokens.get("password"),
            "insurerThirdField": tokens.get("thirdfield"),
        })
    }

    /// Makes the POST of the API with the team's credentials, or as the consumer with this `pull-jwt`.
    fn call_inside(&mut self, from: &Call, path: &str, identity: &str, json: &Value) -> Answer {
        let headers = if identity == self.config.client_id {
            vec![
                ("x-canopy-client-id".to_owned(), self.config.client_id.clone()),
                ("x-canopy-client-secret".to_owned(), self.config.client_secret.clone()),
            ]
        } else {
            vec![("pull-jwt".to_owned(), identity.to_owned())]
        };
        let call = Call {
            method: "POST".into(),
            origin: from.origin.clone(),
            path: format!("{}{path}", contract::BASE),
            headers,
            body: json.to_string().into_bytes(),
            ..Call::default()
        };
        self.work_of(&call)
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
