//! Monitoring: refreshes of a pull's account, each a pull of its own.

use serde_json::{Map, Value, json};

use crate::{household::Shown, ids, jwt, rows::interval_days, world::World};

const DAY_MS: u64 = 86_400_000;

impl World {
    /// When the refresh after a pull created at `created_ms` comes.
    #[must_use]
    pub fn next_refresh_ms(created_ms: u64, interval: &str) -> Option<u64> {
        Some(created_ms + interval_days(interval)? * DAY_MS)
    }

    /// Starts a refresh: a new pull on the account of the latest one.
    pub fn refresh(&mut self, monitoring_id: &str) -> Option<String> {
        let monitoring = self.monitorings.get(monitoring_id)?.clone();
        let mut pull = self.pulls.get(monitoring.latest_pull_id())?.clone();
        let pull_id = ids::random_uuid();
        pull.parent_pull_id = Some(std::mem::replace(&mut pull.pull_id, pull_id.clone()));
        pull.number = self.next_pull_number();
        pull.created_ms = self.now;
        pull.jwt = jwt::of_pull(&self.config.client_secret, &pull_id, self.now);
        pull.status = "STARTED".into();
        pull.auth_status = "STARTED".into();
        pull.sequence = 0;
        pull.message = None;
        pull.shown = Shown::Nothing;
        pull.is_refresh = true;
        pull.monitoring_id = Some(monitoring_id.to_owned());
        pull.initial_pull_id = Some(monitoring.initial_pull_id.clone());
        pull.policy_check = self.team_check();
        pull.steps.clear();
        pull.calls.clear();
        self.pulls.insert(pull_id.clone(), pull);
        let next = Self::next_refresh_ms(self.now, &monitoring.interval);
        if let Some(monitoring) = self.monitorings.get_mut(monitoring_id) {
            monitoring.pull_ids.push(pull_id.clone());
            monitoring.next_pull_ms = next;
        }
        self.sign_in(&pull_id);
        Some(pull_id)
    }

    /// A fresh token that brings the consumer back to the latest pull, and the link with it.
    pub fn reconnect_link(&mut self, monitoring_id: &str) -> Option<(String, String)> {
        let token = ids::random_uuid();
        let monitoring = self.monitorings.get_mut(monitoring_id)?;
        monitoring.reconnect_token = Some(token.clone());
        let pull = self.pulls.get(monitoring.latest_pull_id())?;
        let url = format!("{}/c/{}?reconnectToken={token}", pull.origin, pull.public_alias);
        Some((token, url))
    }

    /// `MONITORING_RECONNECT` for a refresh that needs the consumer.
    pub fn send_reconnect(&mut self, pull_id: &str) {
        let Some(pull) = self.pulls.get(pull_id) else { return };
        let (auth_status, monitoring_id) = (pull.auth_status.clone(), pull.monitoring_id.clone());
        let link = monitoring_id.and_then(|id| self.reconnect_link(&id));
        let (token, url) = link.unzip();
        let data = json!({"auth_status": auth_status, "reconnect_url": url, "reconnect_token": token});
        self.send(pull_id, "MONITORING_RECONNECT", data, Map::new());
    }

    /// `MONITORING_EVENTS`, when the refresh found a change.
    pub fn send_monitoring_events(&mut self, pull_id: &str) {
        let Some(monitoring) = self.pulls.get(pull_id).and_then(|pull| pull.monitoring_id.clone()) else {
            return;
        };
        let events = self.monitoring_events(&monitoring);
        if events["events"].as_array().is_some_and(|events| !events.is_empty()) {
            self.send(pull_id, "MONITORING_EVENTS", events, Map::new());
        }
    }

    /// What differs between the two latest pulls of a monitoring.
    #[must_use]
    pub fn monitoring_events(&self, monitoring_id: &str) -> Value {
        let Some(monitoring) = self.monitorings.get(monitoring_id) else { return Value::Null };
        let latest = monitoring.latest_pull_id();
        let previous = monitoring.pull_ids.iter().rev().nth(1).map_or(latest, String::as_str);
        let whole = |id: &str| {
            let Some(pull) = self.pulls.get(id) else { return Value::Null };
            self.whole_body(pull)
        };
        json!({"previous_pull_id": previous, "latest_pull_id": latest, "events": changes(&whole(previous), &whole(latest))})
    }
}

fn changes(before: &Value, after: &Value) -> Vec<Value> {
    let rows = |pull: &Value| pull["policies"].as_array().cloned().unwrap_or_default();
    let mut events = Vec::new();
    for (old, new) in rows(before).iter().zip(&rows(after)) {
        let mut changes = Vec::new();
        if old["total_premium_cents"] != new["total_premium_cents"] {
            let premium = |of: &Value| json!({"policy_id": of["policy_id"], "total_premium_cents": of["total_premium_cents"]});
            changes.push(
                json!({"schema": "POLICY", "type": "UPDATE", "before": premium(old), "after": premium(new)}),
            );
        }
        let mortgagees = |of: &Value| of["dwellings"][0]["mortgagees"].as_array().map_or(0, Vec::len);
        if mortgagees(old) != mortgagees(new) {
            let dwelling = |of: &Value| json!({"dwelling_id": of["dwellings"][0]["dwelling_id"], "mortgagees": of["dwellings"][0]["mortgagees"]});
            changes.push(json!({"schema": "DWELLING", "type": "UPDATE", "before": dwelling(old), "after": dwelling(new)}));
        }
        if !changes.is_empty() {
            let documents = after["documents"].as_array().into_iter().flatten();
            let documents: Vec<Value> = documents
                .filter(|document| document["policy_id"] == new["policy_id"])
                .take(1)
                .map(|document| json!({"document_id": document["document_id"]}))
                .collect();
            events.push(json!({"type": "ENDORSEMENT", "changes": changes, "documents": documents}));
        }
    }
    events
}
