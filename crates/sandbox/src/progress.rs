//! Pulls going their way: steps that are due, and the webhook each of them sends.

use serde_json::{Map, Value, json};

use crate::{
    household::{self, Shown, View},
    pull::{MFA_OPTIONS, Pull, Step},
    world::World,
};

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
            Some(Step::Auth { auth_status, status, message }) => {
                self.auth_status(pull_id, &auth_status, &status, message)
            }
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
        let mut body = household::pull_body(&View {
            account_identifier: account.as_deref(),
            ..pull.view(&self.config.team_id)
        });
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
                Value::Object(
                    MFA_OPTIONS.iter().map(|(key, label)| ((*key).to_owned(), json!(label))).collect(),
                )
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
        let meta_data = if self.switches().webhook.meta_data_as_string {
            json!(pull.meta_data.to_string())
        } else {
            pull.meta_data.clone()
        };
        let monitoring = pull.monitoring_id.as_ref().map(
            |monitoring_id| json!({"initial_pull_id": pull.initial_pull_id, "monitoring_id": monitoring_id}),
        );
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
