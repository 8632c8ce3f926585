//! The Monitoring API.

use serde_json::{Value, json};

use super::request::{Outcome, Refusal, Request, ok};
use crate::{
    days, household, ids,
    rows::{MIN_INTERVAL_DAYS, Monitoring, Pull, interval_days},
    world::World,
};

const DEFAULT_LIMIT: usize = 100;

impl World {
    pub(super) fn list_monitorings(&self, request: &Request<'_>) -> Outcome {
        let query = |name: &str| request.call.parameter(name);
        let account = |monitoring: &Monitoring| {
            self.pulls.get(&monitoring.initial_pull_id).and_then(Pull::account_identifier)
        };
        let mut found: Vec<&Monitoring> = self
            .monitorings
            .values()
            .filter(|it| self.pull_of(&request.team_id, &it.initial_pull_id).is_some())
            .filter(|it| query("pull_id").is_none_or(|pull_id| it.pull_ids.iter().any(|of| of == pull_id)))
            .filter(|it| {
                query("account_identifier").is_none_or(|wanted| account(it).as_deref() == Some(wanted))
            })
            .filter(|it| query("status").is_none_or(|status| (status == "ACTIVE") == it.is_active))
            .collect();
        found.sort_by_key(|it| std::cmp::Reverse(it.number));
        let count = found.len();
        let after = query("before")
            .and_then(|before| found.iter().position(|it| it.monitoring_id == before))
            .map_or(0, |at| at + 1);
        let limit = query("limit").and_then(|limit| limit.parse().ok()).unwrap_or(DEFAULT_LIMIT);
        let page: Vec<Value> = found.into_iter().skip(after).take(limit).map(Monitoring::shown).collect();
        ok(&json!({"monitorings_count": count, "monitorings": page}))
    }

    pub(super) fn create_monitoring(&mut self, request: &Request<'_>) -> Outcome {
        let malformed = Refusal("INVALID_INPUT");
        let body = request.body();
        let pull_id = body["pull_id"].as_str().filter(|id| ids::is_uuid(id)).ok_or(malformed)?;
        let interval = body["interval"]
            .as_str()
            .filter(|text| interval_days(text).is_some_and(|days| days >= MIN_INTERVAL_DAYS))
            .ok_or(malformed)?;
        let pull = self.pull_of(&request.team_id, pull_id).ok_or(Refusal("NOT_FOUND"))?;
        if pull.pull_type != "PULLING_DATA" {
            return Err(Refusal("PULL_NOT_SUPPORTED"));
        }
        if pull.status != "SUCCESS" {
            return Err(Refusal("PULL_NOT_SUCCESS"));
        }
        let monitoring = Monitoring {
            monitoring_id: ids::random_uuid(),
            number: self.monitorings.values().map(|it| it.number).max().unwrap_or(0) + 1,
            initial_pull_id: pull_id.to_owned(),
            pull_ids: vec![pull_id.to_owned()],
            is_active: true,
            interval: interval.to_owned(),
            next_pull_ms: moment(&body, "next_pull_date", malformed)?
                .or_else(|| self.coming_refresh_ms(pull.created_ms, interval)),
            stop_after_ms: moment(&body, "stop_after_date", malformed)?,
            reconnect_token: None,
            reconnect_token_expires_ms: 0,
        };
        let (monitoring_id, initial) = (monitoring.monitoring_id.clone(), pull_id.to_owned());
        self.change(pull_id, |pull| {
            pull.monitoring_id = Some(monitoring_id);
            pull.initial_pull_id = Some(initial);
        });
        let answer = json!({"success": true, "monitoring": monitoring.shown()});
        self.monitorings.insert(monitoring.monitoring_id.clone(), monitoring);
        ok(&answer)
    }

    pub(super) fn get_monitoring(&self, request: &Request<'_>) -> Outcome {
        let monitoring = self.named_monitoring(request)?;
        let mut answer = json!({"monitoring": monitoring.shown()});
        if request.call.parameter("with_pulls") == Some("true") {
            let mut pulls: Vec<&Pull> =
                monitoring.pull_ids.iter().filter_map(|id| self.pulls.get(id)).collect();
            pulls.reverse();
            answer["pulls"] = pulls.into_iter().map(|pull| self.monitored_pull(pull)).collect();
        }
        ok(&answer)
    }

    fn monitored_pull(&self, pull: &Pull) -> Value {
        let body = household::pull_body(&pull.view());
        let mut shown = json!({});
        for field in [
            "pull_id",
            "widget_id",
            "created_at",
            "first_name",
            "middle_name",
            "last_name",
            "account_email",
            "phone",
            "mobile_phone",
            "home_phone",
            "work_phone",
            "work_phone_extension",
            "status",
            "insurance_provider_name",
            "is_archived",
        ] {
            // The document gives these fields no null: what is not known yet is left out.
            if !body[field].is_null() {
                shown[field] = body[field].clone();
            }
        }
        shown["monitoring_status"] = json!(match pull.status.as_str() {
            "SUCCESS" => "COMPLETED",
            "IDENTITY_VERIFICATION" | "IDENTITY_VERIFICATION_OPTIONS" | "NOT_AUTHENTICATED" =>
                "WAITING_FOR_USER",
            _ => "PROCESSING",
        });
        shown
    }

    pub(super) fn patch_monitoring(&mut self, request: &Request<'_>) -> Outcome {
        let mut monitoring = self.named_monitoring(request)?.clone();
        let body = request.object(Refusal("INVALID_INTERVAL"))?;
        if let Some(given) = body.get("interval") {
            let interval = given.as_str().unwrap_or_default();
            let days = interval_days(interval).ok_or(Refusal("INVALID_INTERVAL"))?;
            if days < MIN_INTERVAL_DAYS {
                return Err(Refusal("INTERVAL_TOO_SHORT"));
            }
            monitoring.interval = interval.to_owned();
            monitoring.next_pull_ms = self
                .pulls
                .get(monitoring.latest_pull_id())
                .and_then(|pull| self.coming_refresh_ms(pull.created_ms, interval));
        }
        if let Some(next) = moment(&body, "next_pull_date", Refusal("INVALID_INTERVAL"))? {
            monitoring.next_pull_ms = Some(next);
        }
        if let Some(stop) = moment(&body, "stop_after_date", Refusal("INVALID_STOP_AFTER"))? {
            if stop <= self.clock_ms() {
                return Err(Refusal("INVALID_STOP_AFTER"));
            }
            monitoring.stop_after_ms = Some(stop);
        }
        if let Some(given) = body.get("status") {
            let status = given.as_str().ok_or(Refusal("INVALID_INTERVAL"))?;
            let was_active = std::mem::replace(&mut monitoring.is_active, status == "ACTIVE");
            if monitoring.is_active && !was_active {
                self.start_again(&mut monitoring, !body["next_pull_date"].is_null());
            }
        }
        let answer = json!({"success": true, "monitoring": monitoring.shown()});
        self.monitorings.insert(monitoring.monitoring_id.clone(), monitoring);
        ok(&answer)
    }

    /// What passed while a monitoring was stopped is not made up for.
    fn start_again(&self, monitoring: &mut Monitoring, is_dated: bool) {
        let now = self.clock_ms();
        if !is_dated && monitoring.next_pull_ms.is_some_and(|at| at <= now) {
            monitoring.next_pull_ms = Self::next_refresh_ms(now, &monitoring.interval);
        }
        monitoring.stop_after_ms = monitoring.stop_after_ms.filter(|at| *at > now);
    }

    pub(super) fn delete_monitoring(&mut self, request: &Request<'_>) -> Outcome {
        let id = self.named_monitoring(request)?.monitoring_id.clone();
        let Some(monitoring) = self.monitorings.get_mut(&id) else { return Err(Refusal("NOT_FOUND")) };
        monitoring.is_active = false;
        ok(&json!({"success": true, "monitoring": monitoring.shown()}))
    }

    pub(super) fn refresh_monitoring(&mut self, request: &Request<'_>) -> Outcome {
        let monitoring = self.monitoring_at(request, Refusal("NOT_FOUND"))?;
        if !monitoring.is_active {
            return Err(Refusal("MONITORING_INACTIVE"));
        }
        let id = monitoring.monitoring_id.clone();
        if self.is_refreshing(&id) {
            return Err(Refusal("CURRENTLY_REFRESHING"));
        }
        let pull_id = self.refresh(&id, self.clock_ms()).ok_or(Refusal("NOT_FOUND"))?;
        ok(&json!({"pull_id": pull_id}))
    }

    pub(super) fn events_of_monitoring(&self, request: &Request<'_>) -> Outcome {
        let monitoring = self.monitoring_at(request, Refusal("NOT_FOUND"))?;
        ok(&self.monitoring_events(&monitoring.monitoring_id))
    }

    pub(super) fn reconnect_token(&mut self, request: &Request<'_>) -> Outcome {
        let monitoring = self.monitoring_at(request, Refusal("NOT_FOUND"))?;
        let (id, pull_id) = (monitoring.monitoring_id.clone(), monitoring.latest_pull_id().to_owned());
        let (token, url) = self.reconnect_link(&id).ok_or(Refusal("NOT_FOUND"))?;
        ok(&json!({"pull_id": pull_id, "reconnect_url": url, "reconnect_token": token}))
    }

    fn named_monitoring(&self, request: &Request<'_>) -> Result<&Monitoring, Refusal> {
        self.monitoring_at(request, Refusal("INVALID_MONITORING_ID"))
    }

    /// The monitoring named in the path. Not every operation has a code for a malformed id.
    fn monitoring_at(&self, request: &Request<'_>, malformed: Refusal) -> Result<&Monitoring, Refusal> {
        let id = request.id("monitoringId", malformed)?;
        let is_own = |it: &&Monitoring| self.pull_of(&request.team_id, &it.initial_pull_id).is_some();
        self.monitorings.get(id).filter(is_own).ok_or(Refusal("NOT_FOUND"))
    }
}

/// A date that the body may have.
fn moment(body: &Value, field: &str, otherwise: Refusal) -> Result<Option<u64>, Refusal> {
    let given = body.get(field).map(|given| given.as_str().and_then(days::parsed).ok_or(otherwise));
    given.transpose()
}
