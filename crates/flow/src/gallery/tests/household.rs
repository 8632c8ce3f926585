//! The pull that templates are played on: Canopy's published household, mapped as the edge maps it, and its view folded of webhooks.

use std::collections::HashSet;

use canopy::{pull::State, signature, webhook::Event};
use intake::{
    day::Day,
    gaps::Thresholds,
    model::Model,
    redact::Redact,
    view::{Asked, Intake},
};
use serde_json::{Value as Json, json};

use crate::run::World;

/// A pull as the contract publishes it.
fn published(name: &str) -> Json {
    let contract: Json = serde_json::from_str(include_str!("../../../../../contract/openapi.json")).unwrap();
    let get = &contract["paths"]["/teams/{teamId}/pulls/{pullId}"]["get"];
    let examples = &get["responses"]["200"]["content"]["application/json"]["examples"];
    examples[name]["value"].clone()
}

/// The model of one.
fn mapped(pull: &Json) -> Json {
    let text = pull.to_string();
    let asked = Asked {
        version: 1,
        day: Day::parse("2023-01-13").unwrap(),
        initial_pull_id: None,
        stored: &HashSet::new(),
        redact: Redact::Nothing,
        thresholds: &Thresholds::default(),
    };
    serde_json::to_value(Intake::of(Model::of(&text).unwrap(), &asked)).unwrap()
}

/// The household's model.
pub fn intake() -> Json {
    mapped(&published("Personal Example Response"))
}

/// That of a business.
pub fn of_a_business() -> Json {
    mapped(&published("Commercial Example Response"))
}

/// That of somebody who has so many times what the household has.
pub fn large(times: usize) -> Json {
    let mut pull = published("Personal Example Response");
    let policies = pull["pull"]["policies"].as_array().unwrap().clone();
    let copies = (0..times).flat_map(|copy| {
        let renamed =
            serde_json::to_string(&policies).unwrap().replace("_id\":\"", &format!("_id\":\"{copy}-"));
        serde_json::from_str::<Vec<Json>>(&renamed).unwrap()
    });
    pull["pull"]["policies"] = copies.collect();
    mapped(&pull)
}

/// A webhook, as Canopy sends it of the first pull of an account, or of a refresh.
pub fn webhook(event_type: &str, status: &str, is_refresh: bool, data: Json) -> Json {
    let monitoring = json!({ "initial_pull_id": "first-pull", "monitoring_id": "monitoring-1" });
    json!({
        "pull_id": "59ced597", "event_type": event_type, "status": status, "sequence": null, "account_identifier": "account-1",
        "is_monitored": is_refresh, "monitoring": if is_refresh { monitoring } else { Json::Null },
        "meta_data": { "lead_id": "L-77" }, "data": data,
    })
}

/// The view after such webhooks.
pub fn view(webhooks: &[Json]) -> Json {
    let mut state = State::default();
    for body in webhooks.iter().map(Json::to_string) {
        state.apply(&Event::parse(body.as_bytes()).unwrap(), &signature::digest(body.as_bytes()));
    }
    let mut view = serde_json::to_value(state.view()).unwrap();
    view["pull_id"] = json!("59ced597");
    view
}

/// An entry of the log, as expressions read it.
pub fn entry(position: i64, event_type: &str, data: Json) -> Json {
    json!({
        "position": position, "kind": "webhook", "event_type": event_type, "recorded_at": "2023-01-13T15:00:00.000Z",
        "effective_at": "2023-01-13T15:00:00.000Z", "data": data, "body": { "data": data }, "outcome": "applied", "cause": null,
    })
}

/// The household, complete, and what brought it there.
pub fn complete() -> World {
    let webhooks = ["POLICIES_AVAILABLE", "COMPLETE"].map(|it| webhook(it, "SUCCESS", false, json!(null)));
    World {
        pull: Some(view(&webhooks)),
        intake: Some(intake()),
        event: Some(entry(3, "COMPLETE", json!(null))),
        is_local: false,
    }
}

/// The same before anything is known of it but that it began.
pub fn begun() -> World {
    let pull = view(&[webhook("AUTH_STATUS", "PROCESSING", false, json!({ "auth_status": "PROCESSING" }))]);
    World {
        pull: Some(pull),
        intake: None,
        event: Some(entry(1, "AUTH_STATUS", json!({ "auth_status": "PROCESSING" }))),
        ..complete()
    }
}

/// A refresh that the insurance company does not give without the consumer.
pub fn asks() -> World {
    let data = json!({ "auth_status": "NOT_AUTHENTICATED", "reconnect_url": "https://app.example/c/old", "reconnect_token": "old" });
    World {
        pull: Some(view(&[webhook("MONITORING_RECONNECT", "NOT_AUTHENTICATED", true, data.clone())])),
        intake: None,
        event: Some(entry(2, "MONITORING_RECONNECT", data)),
        ..complete()
    }
}

/// The event of a policy that is to be renewed.
pub fn renewal() -> World {
    let data = json!({
        "policy_id": "pol-1", "policy_type": "AUTO", "status": "ACTIVE", "expiry_date": "2023-03-01", "renewal_date": null, "days_before": 45,
    });
    World { event: Some(entry(9, "EDGE_POLICY_RENEWAL_DUE", data)), ..complete() }
}

/// What a refresh found: a premium that rose from $514 to $621, and a limit that was lowered.
pub fn refreshed() -> World {
    let changes = json!([
        { "schema": "POLICY", "type": "UPDATE", "before": { "total_premium_cents": 51_400 }, "after": { "total_premium_cents": 62_100 } },
        { "schema": "VEHICLECOVERAGE", "type": "UPDATE", "before": { "per_person_limit_cents": 10_000_000 }, "after": { "per_person_limit_cents": 5_000_000 } },
        { "schema": "VEHICLE", "type": "CREATE", "before": null, "after": { "vehicle_id": "v" } },
    ]);
    let data = json!({ "previous_pull_id": "a", "latest_pull_id": "b", "events": [{ "type": "RENEWAL", "changes": changes }, { "type": "CLAIM_OPENED" }] });
    World {
        pull: Some(view(&[webhook("MONITORING_EVENTS", "SUCCESS", true, data.clone())])),
        event: Some(entry(4, "MONITORING_EVENTS", data)),
        ..complete()
    }
}
