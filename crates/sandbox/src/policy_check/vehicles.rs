//! The checks of an auto policy. Each vehicle that is looked at has to comply.

use serde_json::{Value, json};

use super::{
    check::{Check, coverage, items, same, text},
    settings::{Limits, Vehicle},
};

/// Adds the checks that `settings` ask for. `previous` is the body of the pull before it in its monitoring.
pub(super) fn add(
    policy: &Value,
    vehicles: &[&Value],
    settings: &Vehicle,
    previous: Option<&Value>,
    checks: &mut Vec<Check>,
) {
    if settings.policy_not_active == Some(true) {
        checks.push(same("POLICY_NOT_ACTIVE", policy["status"].clone(), json!("ACTIVE")));
    }
    add_own_damage(vehicles, settings, checks);
    add_liability(vehicles, settings, checks);
    add_names(vehicles, settings, checks);
    add_removed(policy, settings, previous, checks);
}

fn add_own_damage(vehicles: &[&Value], settings: &Vehicle, checks: &mut Vec<Check>) {
    for (name, wanted, damage) in [
        ("NO_COLLISION_COVERAGE", settings.no_collision_coverage, "COLLISION"),
        ("NO_COMPREHENSIVE_COVERAGE", settings.no_comprehensive_coverage, "COMPREHENSIVE"),
    ] {
        if wanted == Some(true) {
            let is_covered = |vehicle: &&Value| {
                coverage(vehicle, damage).is_some_and(|found| found["is_declined"] == false)
            };
            checks.push(same(name, json!(vehicles.iter().all(is_covered)), json!(true)));
        }
    }
    for (name, most, damage) in [
        ("MAX_COLLISION_DEDUCTIBLE_CENTS", settings.max_collision_deductible_cents, "COLLISION"),
        ("MAX_COMPREHENSIVE_DEDUCTIBLE_CENTS", settings.max_comprehensive_deductible_cents, "COMPREHENSIVE"),
    ] {
        if let Some(most) = most {
            let actual = amounts(vehicles, damage, "deductible_cents").and_then(|all| all.into_iter().max());
            let complies = actual.is_some_and(|cents| cents <= most);
            checks.push(Check { name, complies, actual: json!(actual), expected: json!(most) });
        }
    }
}

fn add_liability(vehicles: &[&Value], settings: &Vehicle, checks: &mut Vec<Check>) {
    let paid = |liability: &str, limit: &str| amounts(vehicles, liability, limit)?.into_iter().min();
    if let Some(least) = settings.min_property_damage_coverage_cents {
        let actual = paid("PROPERTY_DAMAGE_LIABILITY", "per_incident_limit_cents");
        checks.push(Check {
            name: "MIN_PROPERTY_DAMAGE_COVERAGE_CENTS",
            complies: actual >= Some(least),
            actual: json!(actual),
            expected: json!(least),
        });
    }
    for (name, least, liability) in [
        ("MIN_BODILY_INJURY_COVERAGE", settings.min_bodily_injury_coverage, "BODILY_INJURY_LIABILITY"),
        (
            "MIN_UNINSURED_MOTORIST_BODILY_INJURY_COVERAGE",
            settings.min_uninsured_motorist_bodily_injury_coverage,
            "UNINSURED_MOTORISTS",
        ),
    ] {
        let Some(least) = least.filter(|least| *least != Limits::default()) else { continue };
        let person = paid(liability, "per_person_limit_cents");
        let accident = paid(liability, "per_incident_limit_cents");
        let limits = |person, accident| json!({"per_person_cents": person, "per_accident_cents": accident});
        checks.push(Check {
            name,
            complies: person >= least.per_person_cents && accident >= least.per_accident_cents,
            actual: limits(person, accident),
            expected: limits(least.per_person_cents, least.per_accident_cents),
        });
    }
}

fn add_names(vehicles: &[&Value], settings: &Vehicle, checks: &mut Vec<Check>) {
    let all = |field: &str| vehicles.iter().map(|vehicle| text(vehicle, field).to_owned()).collect();
    for (name, wanted, actual) in [
        ("LIENHOLDER_NAME_MISMATCH", &settings.lienholder_name_mismatch, all("lien_holder")),
        ("DRIVER_NAME_MISMATCH", &settings.driver_name_mismatch, drivers(vehicles)),
        ("VIN_MISMATCH", &settings.vin_mismatch, all("vin")),
    ] {
        if let Some(wanted) = wanted.as_ref().filter(|wanted| !wanted.is_empty()) {
            let complies = missing(wanted, &actual).is_empty();
            checks.push(Check { name, complies, actual: json!(actual), expected: json!(wanted) });
        }
    }
}

/// What the same policy had in the previous pull, and has no more. Without a previous pull nothing was removed.
fn add_removed(policy: &Value, settings: &Vehicle, previous: Option<&Value>, checks: &mut Vec<Check>) {
    let is_same = |other: &&Value| other["carrier_policy_number"] == policy["carrier_policy_number"];
    let before = previous.and_then(|pull| items(pull, "policies").into_iter().find(is_same));
    let before = before.map(|policy| items(policy, "vehicles")).unwrap_or_default();
    let after = items(policy, "vehicles");
    let vins = |vehicles: &[&Value]| -> Vec<String> {
        vehicles.iter().map(|vehicle| text(vehicle, "vin").to_owned()).collect()
    };
    for (name, wanted, before, after) in [
        ("DRIVER_REMOVED", settings.driver_removed, drivers(&before), drivers(&after)),
        ("VEHICLE_REMOVED", settings.vehicle_removed, vins(&before), vins(&after)),
    ] {
        if wanted == Some(true) {
            checks.push(same(name, json!(missing(&before, &after)), json!([])));
        }
    }
}

/// What each vehicle has in this field of a coverage; `None` when one of them has nothing.
fn amounts(vehicles: &[&Value], name: &str, field: &str) -> Option<Vec<i64>> {
    vehicles.iter().map(|vehicle| coverage(vehicle, name)?[field].as_i64()).collect()
}

/// First and last names.
fn drivers(vehicles: &[&Value]) -> Vec<String> {
    let drivers = vehicles.iter().flat_map(|vehicle| items(vehicle, "drivers"));
    drivers.map(|driver| format!("{} {}", text(driver, "first_name"), text(driver, "last_name"))).collect()
}

/// Those of `wanted` that `actual` has not, whatever their case.
fn missing<'a>(wanted: &'a [String], actual: &[String]) -> Vec<&'a str> {
    let is_there =
        |wanted: &str| actual.iter().any(|actual| actual.to_lowercase() == wanted.trim().to_lowercase());
    wanted.iter().map(String::as_str).filter(|wanted| !is_there(wanted)).collect()
}
