//! What Canopy tells of a pull: the body of each webhook.

use serde_json::{Map, Value, json};

use crate::{rows::MFA_OPTIONS, world::World};

impl World {
    /// Sends an `AUTH_STATUS` with the next sequence.
    pub fn auth_status(&mut self, pull_id: &str, auth_status: &str, status: &str, message: Option<String>) {
        self.change(pull_id, |pull| {
            pull.sequence += 1;
            pull.message.clone_from(&message);
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
            "team_id": pull.team_id,
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
        let team_id = pull.team_id.clone();
        self.enqueue(&team_id, pull_id, event_type, &body);
    }
}
