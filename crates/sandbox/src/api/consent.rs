//! Consent, and what starts with it: a pull from credentials, from documents, from a search.

use canopy::contract::Operation;
use serde_json::{Value, json};

use super::{
    multipart,
    public::TERMS_VERSION,
    request::{Outcome, Refusal, Request, ok},
};
use crate::{
    carriers,
    household::Shown,
    ids, jwt,
    rows::{Pull, Step, requested},
    world::World,
};

const MAX_CONSENT_LANGUAGE: usize = 1024;
/// An hour: the contract says nothing of it.
const CONSENT_TOKEN_LIVES_MS: u64 = 3_600_000;
/// Files of one upload (contract, `post-consent-and-documents`).
const MAX_FILES: usize = 20;
/// 10 MB a file (there). So many of the largest are the 200 MB that all of an upload may have.
const MAX_FILE_BYTES: usize = 10 * 1024 * 1024;

/// Credentials as the pull keeps them: what the tokens stand for.
pub(super) struct Credentials {
    pub username: String,
    pub password: Option<String>,
}

impl World {
    pub(super) fn consent(&mut self, request: &Request<'_>) -> Outcome {
        let body = request.body();
        agreed(&body)?;
        let token = ids::random_uuid();
        self.consents.insert(
            token.clone(),
            json!({
                "device_identifier": body["device_identifier"],
                "terms_version": TERMS_VERSION,
                "expires_ms": self.clock_ms() + CONSENT_TOKEN_LIVES_MS,
            }),
        );
        ok(&json!({"consent_token": token}))
    }

    pub(super) fn consent_and_connect(&mut self, request: &Request<'_>) -> Outcome {
        let body = request.body();
        agreed(&body)?;
        self.known_alias(request, &body)?;
        let carrier = known_carrier(&body)?;
        let credentials = self.credentials_of(&body, &carrier)?;
        let actions = match &body["servicing_actions"] {
            Value::Null => None,
            Value::Array(none) if none.is_empty() => return Err(Refusal("MISSING_SERVICING_ACTIONS")),
            actions => Some(requested(actions).ok_or(Refusal("INVALID_SERVICING_ACTIONS"))?),
        };
        let kind = if actions.is_some() { "SERVICING" } else { "PULLING_DATA" };
        let pull_id = self.create_pull(request, &body, &carrier, credentials, kind);
        self.sign_in(&pull_id);
        let mut answer =
            json!({"pull_id": pull_id, "pull_jwt": self.pulls.get(&pull_id).map(|pull| pull.jwt.clone())});
        if let Some(actions) = actions {
            answer["servicing_action_ids"] = json!(self.add_servicings(&pull_id, actions, "QUEUED"));
        }
        self.change(&pull_id, |pull| {
            pull.calls.insert(Operation::ConsentAndConnect.row().id.to_owned(), 1);
        });
        ok(&answer)
    }

    pub(super) fn consent_and_documents(&mut self, request: &Request<'_>) -> Outcome {
        let form = multipart::fields(request.call).ok_or(Refusal("COULD_NOT_CREATE"))?;
        let body = form.as_json();
        agreed(&body)?;
        self.known_alias(request, &body)?;
        if body["insurerName"].as_str().is_some_and(|name| !name.is_empty()) {
            known_carrier(&body)?;
        }
        let count = form.files.len();
        if count == 0 || count > MAX_FILES || form.files.iter().any(|file| file.bytes.len() > MAX_FILE_BYTES)
        {
            return Err(Refusal("COULD_NOT_CREATE"));
        }
        let carrier = body["insurerName"].as_str().unwrap_or_default().to_owned();
        let credentials = Credentials { username: "user_good".into(), password: None };
        let pull_id = self.create_pull(request, &body, &carrier, credentials, "DOCUMENT_UPLOAD");
        for file in form.files {
            self.keep_file(&pull_id, file.name, file.content_type, file.bytes);
        }
        self.plan(&pull_id, vec![Step::Parsing, Step::PoliciesAvailable, Step::Complete]);
        ok(&json!({"pull_id": pull_id}))
    }

    pub(super) fn policy_search(&mut self, request: &Request<'_>) -> Outcome {
        let body = request.body();
        agreed(&body).map_err(|_| Refusal("INVALID_INPUT"))?;
        self.known_alias(request, &body)?;
        let carrier = known_carrier(&body).map_err(|_| Refusal("INVALID_INPUT"))?;
        let username = match body["searchType"].as_str() {
            Some("AUTO_ID_CARD" | "AUTO_POLICY") => "user_good_auto",
            Some("HOME_POLICY") => "user_good_home",
            _ => return Err(Refusal("INVALID_INPUT")),
        };
        if body["searchData"].as_object().is_none_or(serde_json::Map::is_empty) {
            return Err(Refusal("INVALID_POLICY_LOOKUP_DATA"));
        }
        let credentials = Credentials { username: username.into(), password: None };
        let pull_id = self.create_pull(request, &body, &carrier, credentials, "POLICY_LOOKUP");
        self.sign_in(&pull_id);
        ok(&json!({"pull_id": pull_id, "pull_jwt": self.pulls.get(&pull_id).map(|pull| pull.jwt.clone())}))
    }

    /// What the tokens of a request stand for. A token stands for one field; a plain login name is none.
    pub(super) fn credentials_of(&self, body: &Value, carrier: &str) -> Result<Credentials, Refusal> {
        let known = |field: &str, name: &str| {
            let token = self.tokens.get(body[name].as_str()?)?;
            (token.field == field).then(|| token.value.clone())
        };
        let carrier = carriers::find(carrier);
        let username = known("username", "insurerUsername").ok_or(Refusal("INVALID_USERNAME"))?;
        let password = known("password", "insurerPassword");
        let has_password = carrier.is_none_or(|carrier| carrier["disablePasswordField"] != true);
        if password.is_none() && (has_password || !body["insurerPassword"].is_null()) {
            return Err(Refusal("INVALID_PASSWORD"));
        }
        let has_third_field = carrier.is_some_and(|carrier| carrier["thirdFieldPlaceholder"].is_string());
        if known("thirdfield", "insurerThirdField").is_none()
            && (has_third_field || !body["insurerThirdField"].is_null())
        {
            return Err(Refusal("INVALID_THIRDFIELD"));
        }
        Ok(Credentials { username, password })
    }

    pub(super) fn create_pull(
        &mut self,
        request: &Request<'_>,
        body: &Value,
        carrier: &str,
        credentials: Credentials,
        kind: &str,
    ) -> String {
        let pull_id = ids::random_uuid();
        let public_alias = body["public_alias"].as_str().unwrap_or_default().to_owned();
        let pull = Pull {
            pull_id: pull_id.clone(),
            team_id: request.team_id.clone(),
            number: self.next_pull_number(),
            created_ms: self.clock_ms(),
            as_of_ms: self.clock_ms(),
            origin: request.call.origin.clone(),
            username: credentials.username,
            password: credentials.password,
            carrier: carrier.to_owned(),
            widget_id: self.widget_of(&public_alias).unwrap_or_default().0,
            public_alias,
            meta_data: if body["meta_data"].is_null() { json!({}) } else { body["meta_data"].clone() },
            pull_type: kind.to_owned(),
            parent_pull_id: None,
            jwt: jwt::of_pull(&self.config.first().client_secret, &pull_id, self.clock_ms()),
            status: "STARTED".into(),
            auth_status: "STARTED".into(),
            sequence: 0,
            message: None,
            shown: Shown::Nothing,
            is_archived: false,
            encountered_mfa: false,
            monitoring_id: None,
            initial_pull_id: None,
            is_refresh: false,
            policy_check: self.team_check(&request.team_id),
            steps: std::collections::VecDeque::new(),
            next_step_ms: None,
            calls: std::collections::BTreeMap::new(),
        };
        self.pulls.insert(pull_id.clone(), pull);
        pull_id
    }

    /// A link of another team is as good as none.
    fn known_alias(&self, request: &Request<'_>, body: &Value) -> Result<(), Refusal> {
        let alias = body["public_alias"].as_str().unwrap_or_default();
        let widget = self.widget_of(alias).filter(|(_, team_id)| *team_id == request.team_id);
        widget.map(|_| ()).ok_or(Refusal("INVALID_PUBLIC_ALIAS"))
    }
}

/// Consent as it has to be given everywhere.
fn agreed(body: &Value) -> Result<(), Refusal> {
    let text = |field: &str| body[field].as_str().unwrap_or_default();
    if text("device_identifier").is_empty() {
        return Err(Refusal("MISSING_DEVICE_IDENTIFIER"));
    }
    if text("consent_language").is_empty() {
        return Err(Refusal("INVALID_CONSENT_LANGUAGE"));
    }
    if text("consent_language").chars().count() > MAX_CONSENT_LANGUAGE {
        return Err(Refusal("CONSENT_LANGUAGE_TOO_LONG"));
    }
    if body["terms_version"].as_i64() != Some(TERMS_VERSION) {
        return Err(Refusal("INVALID_PRIVACY_POLICY_TERM_ID"));
    }
    Ok(())
}

fn known_carrier(body: &Value) -> Result<String, Refusal> {
    let id = body["insurerName"].as_str().unwrap_or_default();
    carriers::find(id).map(|_| id.to_owned()).ok_or(Refusal("UNSUPPORTED_INSURER"))
}
