//! One pull on its way: the steps a login leads through, and the webhook each step sends.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    household::{self, Shown, View},
    ids,
    logins::{CodeEffect, Login, Mfa, Outcome},
    world::World,
};

/// Where the code of an identity verification can be sent: key and label.
pub const MFA_OPTIONS: [(&str, &str); 3] =
    [("SMS_0", "Text message to (***) ***-0000"), ("VOICE_0", "Phone call to (***) ***-0000"), ("EMAIL_0", "Email to c***@theplanet.com")];

/// A pull as the sandbox keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pull {
    pub pull_id: String,
    /// Order of creation; two pulls may have been created in the same millisecond.
    pub number: u64,
    pub created_ms: u64,
    pub origin: String,
    /// Empty when no login was given, as with uploaded documents.
    pub username: String,
    pub password: Option<String>,
    pub carrier: String,
    pub widget_id: String,
    pub public_alias: String,
    pub meta_data: Value,
    pub pull_type: String,
    pub parent_pull_id: Option<String>,
    pub jwt: String,
    pub status: String,
    /// The last `AUTH_STATUS` sent, or the one to come when something was submitted since.
    pub auth_status: String,
    pub sequence: u64,
    pub shown: Shown,
    pub is_archived: bool,
    pub encountered_mfa: bool,
    /// Set at pulls of a monitoring, the first one included.
    pub monitoring_id: Option<String>,
    pub initial_pull_id: Option<String>,
    /// A pull a monitoring made by itself.
    pub is_refresh: bool,
    pub policy_check: Option<Value>,
    pub steps: VecDeque<Step>,
    pub next_step_ms: Option<u64>,
    /// How often each operation was called on this pull.
    pub calls: BTreeMap<String, u64>,
}

/// Something that happens to a pull when its time comes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Step {
    /// An `AUTH_STATUS` webhook; the pull's own status can differ from the authentication's.
    Auth { auth_status: String, status: String, message: Option<String> },
    PolicyAvailable { index: usize },
    PoliciesAvailable,
    Complete,
    /// The pull failed with this status.
    Failed { status: String },
    /// A monitored refresh needs the consumer.
    Reconnect,
    /// A monitored refresh found what changed.
    MonitoringEvents,
    /// The servicing actions begin, or the next of them.
    NextServicingAction,
    /// The uploaded documents are read.
    Parsing,
}

fn auth(auth_status: &str, status: &str) -> Step {
    Step::Auth { auth_status: auth_status.into(), status: status.into(), message: None }
}

fn refused(auth_status: &str, message: Option<String>) -> Step {
    Step::Auth { auth_status: auth_status.into(), status: auth_status.into(), message }
}

impl Pull {
    /// What the body of this pull is made from.
    #[must_use]
    pub fn view<'a>(&'a self, team_id: &'a str) -> View<'a> {
        View {
            pull_id: &self.pull_id,
            account_identifier: None,
            created_ms: self.created_ms,
            as_of_ms: self.created_ms,
            username: &self.username,
            later: self.is_refresh,
            carrier: &self.carrier,
            team_id,
            widget_id: &self.widget_id,
            public_alias: &self.public_alias,
            meta_data: &self.meta_data,
            status: &self.status,
            pull_type: &self.pull_type,
            parent_pull_id: self.parent_pull_id.as_deref(),
            is_archived: self.is_archived,
            encountered_mfa: self.encountered_mfa,
            shown: self.shown,
            origin: &self.origin,
        }
    }

    /// The same for every pull of one login at one carrier; unknown until the login is accepted.
    #[must_use]
    pub fn account_identifier(&self) -> Option<String> {
        (self.shown > Shown::Nothing).then(|| ids::derived_uuid(&["account", &self.carrier, &self.username]))
    }

    /// The steps after credentials were given.
    #[must_use]
    pub fn after_credentials(&self, login: &Login) -> Vec<Step> {
        let mut steps = vec![auth("QUEUED", "QUEUED"), auth("PROCESSING", "PROCESSING")];
        match (login.outcome, login.mfa) {
            (Outcome::Success, Some(_)) if self.is_refresh => steps.extend([verification(login.mfa), Step::Reconnect]),
            (Outcome::Success, Some(_)) => steps.push(verification(login.mfa)),
            (Outcome::Success, None) => steps.extend(self.after_acceptance()),
            (Outcome::NotAuthenticated, _) => steps.push(refused("NOT_AUTHENTICATED", login.refusal())),
            (Outcome::ProviderError, _) => steps.extend(failure("PROVIDER_ERROR")),
            (Outcome::InternalError, _) => steps.extend(failure("INTERNAL_ERROR")),
        }
        steps
    }

    /// The steps after a code was entered.
    #[must_use]
    pub fn after_code(&self, effect: CodeEffect) -> Vec<Step> {
        match effect {
            CodeEffect::Wrong => {
                vec![refused("IDENTITY_VERIFICATION", Some("The code you entered is wrong. Please check it and try again.".into()))]
            }
            CodeEffect::LoginError => vec![refused(
                "NOT_AUTHENTICATED",
                Some("Your insurance company could not verify your identity. Please sign in again.".into()),
            )],
            CodeEffect::Right => self.after_acceptance(),
        }
    }

    fn after_acceptance(&self) -> Vec<Step> {
        if self.pull_type == "SERVICING" {
            return vec![auth("SUCCESS", "SERVICING"), Step::NextServicingAction];
        }
        let policies = household::account(&self.username, self.is_refresh).policies.len();
        let mut steps = vec![auth("GETTING_CONSUMERS", "GETTING_CONSUMERS"), auth("SUCCESS", "PULLING_DATA")];
        steps.extend((0..policies).map(|index| Step::PolicyAvailable { index }));
        steps.extend([Step::PoliciesAvailable, Step::Complete]);
        if self.is_refresh {
            steps.push(Step::MonitoringEvents);
        }
        steps
    }
}

/// The step that asks the consumer to verify their identity.
#[must_use]
pub fn verification(mfa: Option<Mfa>) -> Step {
    match mfa {
        Some(Mfa::Options) => refused("IDENTITY_VERIFICATION_OPTIONS", None),
        _ => refused("IDENTITY_VERIFICATION", None),
    }
}

fn failure(status: &str) -> [Step; 2] {
    [refused(status, None), Step::Failed { status: status.into() }]
}

impl World {
    /// Plans steps in place of what was planned; the first happens after one pace.
    pub fn plan(&mut self, pull_id: &str, steps: Vec<Step>) {
        let next = self.now + self.pace_ms();
        if let Some(pull) = self.pulls.get_mut(pull_id) {
            pull.steps = steps.into();
            pull.next_step_ms = (!pull.steps.is_empty()).then_some(next);
        }
    }

    /// When the next step of any pull is due.
    #[must_use]
    pub fn next_step_ms(&self) -> Option<u64> {
        self.pulls.values().filter_map(|pull| pull.next_step_ms).min()
    }

    /// Runs every step that is due; at pace 0 all that are planned.
    pub fn run_steps(&mut self) {
        let due = |world: &Self| {
            let ready = |pull: &&Pull| pull.next_step_ms.is_some_and(|at| at <= world.now);
            world.pulls.values().filter(ready).map(|pull| pull.pull_id.clone()).collect::<Vec<_>>()
        };
        loop {
            let ready = due(self);
            if ready.is_empty() {
                return;
            }
            for pull_id in ready {
                self.run_step(&pull_id);
            }
        }
    }

    fn run_step(&mut self, pull_id: &str) {
        let next = self.now + self.pace_ms();
        let Some(pull) = self.pulls.get_mut(pull_id) else { return };
        let step = pull.steps.pop_front();
        pull.next_step_ms = (!pull.steps.is_empty()).then_some(next);
        match step {
            None => {}
            Some(Step::Auth { auth_status, status, message }) => self.auth_status(pull_id, &auth_status, &status, message),
            Some(Step::PolicyAvailable { index }) => {
                self.change(pull_id, |pull| pull.shown = pull.shown.max(Shown::Policies));
                let body = self.body(pull_id);
                let policy = &body["policies"][index];
                let data = json!({"policy_id": policy["policy_id"], "policy_type": policy["policy_type"]});
                self.send(pull_id, "POLICY_AVAILABLE", data, Map::new());
            }
            Some(Step::PoliciesAvailable) => {
                self.change(pull_id, |pull| pull.shown = pull.shown.max(Shown::Policies));
                self.send(pull_id, "POLICIES_AVAILABLE", json!({}), Map::new());
            }
            Some(Step::Complete) => {
                self.change(pull_id, |pull| {
                    pull.shown = Shown::Everything;
                    pull.status = "SUCCESS".into();
                });
                self.verify_servicing_of(pull_id);
                self.send(pull_id, "COMPLETE", json!({}), Map::new());
            }
            Some(Step::Failed { status }) => {
                self.change(pull_id, |pull| pull.status = status);
                self.send(pull_id, "ERROR", json!({}), Map::new());
            }
            Some(Step::Reconnect) => self.send_reconnect(pull_id),
            Some(Step::MonitoringEvents) => self.send_monitoring_events(pull_id),
            Some(Step::NextServicingAction) => self.next_servicing_action(pull_id),
            Some(Step::Parsing) => self.change(pull_id, |pull| pull.status = "DOCUMENT_PARSING".into()),
        }
    }

    /// Changes a pull that exists.
    pub fn change(&mut self, pull_id: &str, change: impl FnOnce(&mut Pull)) {
        if let Some(pull) = self.pulls.get_mut(pull_id) {
            change(pull);
        }
    }

    /// The body of a pull that exists.
    #[must_use]
    pub fn body(&self, pull_id: &str) -> Value {
        let Some(pull) = self.pulls.get(pull_id) else { return Value::Null };
        let account = pull.account_identifier();
        let mut body = household::pull_body(&View { account_identifier: account.as_deref(), ..pull.view(&self.config.team_id) });
        if let Some(check) = &pull.policy_check {
            crate::policy_check::add(&mut body, check);
        }
        body
    }

    /// Sends an `AUTH_STATUS` with the next sequence.
    pub fn auth_status(&mut self, pull_id: &str, auth_status: &str, status: &str, message: Option<String>) {
        self.change(pull_id, |pull| {
            pull.sequence += 1;
            auth_status.clone_into(&mut pull.auth_status);
            status.clone_into(&mut pull.status);
            pull.encountered_mfa |= auth_status.starts_with("IDENTITY_VERIFICATION");
        });
        let mut data = json!({"auth_status": auth_status, "login_error_message": message});
        if auth_status == "IDENTITY_VERIFICATION_OPTIONS" {
            data["mfa_options"] = if self.switches().webhook.options_as_array {
                MFA_OPTIONS.iter().map(|(key, label)| json!({"key": key, "label": label})).collect()
            } else {
                Value::Object(MFA_OPTIONS.iter().map(|(key, label)| ((*key).to_owned(), json!(label))).collect())
            };
        }
        self.send_sequenced(pull_id, "AUTH_STATUS", data);
    }

    /// Sends a webhook that carries the pull's sequence.
    pub fn send_sequenced(&mut self, pull_id: &str, event_type: &str, mut data: Value) {
        let sequence = self.pulls.get(pull_id).map_or(0, |pull| pull.sequence);
        let mut extra = Map::new();
        if self.switches().webhook.sequence_in_data && data.is_object() {
            data["sequence"] = json!(sequence);
        } else {
            extra.insert("sequence".into(), json!(sequence));
        }
        self.send(pull_id, event_type, data, extra);
    }

    /// Sends a webhook of a pull with the common fields (contract, "Webhooks"); `extra` goes over them.
    pub fn send(&mut self, pull_id: &str, event_type: &str, data: Value, extra: Map<String, Value>) {
        let Some(pull) = self.pulls.get(pull_id) else { return };
        let meta_data = if self.switches().webhook.meta_data_as_string { json!(pull.meta_data.to_string()) } else { pull.meta_data.clone() };
        let monitoring = pull.monitoring_id.as_ref().map(|monitoring_id| json!({"initial_pull_id": pull.initial_pull_id, "monitoring_id": monitoring_id}));
        let mut body = json!({
            "widget_id": pull.widget_id,
            "team_id": self.config.team_id,
            "pull_id": pull_id,
            "status": pull.status,
            "meta_data": meta_data,
            "event_type": event_type,
            "account_identifier": pull.account_identifier(),
            "is_monitored": monitoring.is_some(),
            "monitoring": monitoring,
            "data": data,
        });
        for (field, value) in extra {
            body[field] = value;
        }
        self.enqueue(pull_id, event_type, &body);
    }
}
