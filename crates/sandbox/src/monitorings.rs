//! Monitoring: refreshes of a pull's account, each a pull of its own.

use serde_json::{Map, Value, json};

use crate::{changes, household::Shown, ids, jwt, rows::interval_days, world::World};

pub const DAY_MS: u64 = 86_400_000;
/// A week: the contract says only that they expire.
const RECONNECT_TOKEN_LIVES_MS: u64 = 7 * DAY_MS;

impl World {
    /// When the refresh after a pull created at `created_ms` comes.
    #[must_use]
    pub fn next_refresh_ms(created_ms: u64, interval: &str) -> Option<u64> {
        Some(created_ms.saturating_add(interval_days(interval)?.saturating_mul(DAY_MS)))
    }

    /// When the next refresh comes that nobody gave a date: an interval after the latest pull, and where that has passed
    /// after this moment. Enabling a monitoring refreshes nothing at once.
    #[must_use]
    pub fn coming_refresh_ms(&self, created_ms: u64, interval: &str) -> Option<u64> {
        let now = self.clock_ms();
        Self::next_refresh_ms(created_ms, interval)
            .filter(|at| *at > now)
            .or_else(|| Self::next_refresh_ms(now, interval))
    }

    /// Whether the latest pull of a monitoring still has steps to go.
    #[must_use]
    pub fn is_refreshing(&self, monitoring_id: &str) -> bool {
        let latest = self.monitorings.get(monitoring_id).and_then(|it| self.pulls.get(it.latest_pull_id()));
        latest.is_some_and(|pull| pull.next_step_ms.is_some())
    }

    /// Starts a refresh as of `at_ms`, but not before the latest pull: a new pull on the account of that.
    pub fn refresh(&mut self, monitoring_id: &str, at_ms: u64) -> Option<String> {
        let monitoring = self.monitorings.get(monitoring_id)?.clone();
        let mut pull = self.pulls.get(monitoring.latest_pull_id())?.clone();
        let at_ms = at_ms.max(pull.created_ms);
        let pull_id = ids::random_uuid();
        pull.parent_pull_id = Some(std::mem::replace(&mut pull.pull_id, pull_id.clone()));
        pull.number = self.next_pull_number();
        pull.created_ms = at_ms;
        pull.jwt = jwt::of_pull(&self.config.first().client_secret, &pull_id, at_ms);
        pull.status = "STARTED".into();
        pull.auth_status = "STARTED".into();
        pull.sequence = 0;
        pull.message = None;
        pull.shown = Shown::Nothing;
        pull.is_refresh = true;
        pull.monitoring_id = Some(monitoring_id.to_owned());
        pull.initial_pull_id = Some(monitoring.initial_pull_id.clone());
        pull.policy_check = self.team_check(&pull.team_id);
        pull.steps.clear();
        pull.calls.clear();
        self.pulls.insert(pull_id.clone(), pull);
        let next = Self::next_refresh_ms(at_ms, &monitoring.interval);
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
        let expires_ms = self.clock_ms() + RECONNECT_TOKEN_LIVES_MS;
        let monitoring = self.monitorings.get_mut(monitoring_id)?;
        monitoring.reconnect_token = Some(token.clone());
        monitoring.reconnect_token_expires_ms = expires_ms;
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
        json!({"previous_pull_id": previous, "latest_pull_id": latest, "events": changes::events(&whole(previous), &whole(latest))})
    }
}
