//! The checks of one policy.

use serde_json::{Value, json};

use super::{
    check::{Check, coverage, items, same, text},
    settings::{Dwelling, Settings},
    vehicles,
};

/// The checks that `settings` ask for. `previous` is the body of the pull before it in its monitoring.
pub(super) fn checks(policy: &Value, settings: &Settings, previous: Option<&Value>) -> Vec<Check> {
    let mut checks = Vec::new();
    let dwellings = items(policy, "dwellings");
    if let (Some(settings), false) = (&settings.dwelling, dwellings.is_empty()) {
        of_dwellings(policy, &dwellings, settings, &mut checks);
    }
    let filter = settings.filters.as_ref().and_then(|filters| filters.vehicle.as_ref()?.vin.as_ref());
    let mut vehicles = items(policy, "vehicles");
    vehicles.retain(|vehicle| filter.is_none_or(|vin| vin.means(text(vehicle, "vin"))));
    if let (Some(settings), false) = (&settings.vehicle, vehicles.is_empty()) {
        vehicles::add(policy, &vehicles, settings, previous, &mut checks);
    }
    checks
}

fn of_dwellings(policy: &Value, dwellings: &[&Value], settings: &Dwelling, checks: &mut Vec<Check>) {
    if settings.dwelling_policy_not_active == Some(true) {
        checks.push(same("DWELLING_POLICY_NOT_ACTIVE", policy["status"].clone(), json!("ACTIVE")));
    }
    if settings.loss_settlement_type_equals_replacement_cost == Some(true) {
        let wanted = json!("REPLACEMENT_COST");
        let other =
            dwellings.iter().map(|dwelling| &dwelling["loss_settlement_type"]).find(|at| **at != wanted);
        let actual = other.unwrap_or(&wanted).clone();
        checks.push(same("LOSS_SETTLEMENT_TYPE_EQUALS_REPLACEMENT_COST", actual, wanted));
    }
    if settings.replacement_cost_exceeds_dwelling_limit == Some(true) {
        let cost = |dwelling: &Value| dwelling["replacement_cost_cents"].as_i64();
        let limit = |dwelling: &Value| coverage(dwelling, "DWELLING")?["per_incident_limit_cents"].as_i64();
        let is_enough =
            |dwelling: &&Value| limit(dwelling).is_some_and(|limit| cost(dwelling) <= Some(limit));
        let worst = dwellings.iter().find(|dwelling| !is_enough(dwelling));
        let shown = worst.unwrap_or(&dwellings[0]);
        checks.push(Check {
            name: "REPLACEMENT_COST_EXCEEDS_DWELLING_LIMIT",
            complies: worst.is_none(),
            actual: json!(cost(shown)),
            expected: json!(limit(shown)),
        });
    }
}
