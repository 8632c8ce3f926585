use std::slice;

use serde_json::{Value, json};

use super::{OPEN, UNKNOWN, found, gaps_on, policy, pull, state};
use crate::gaps::Thresholds;

fn one(with: Value) -> Value {
    pull(&[policy("a", "AUTO", with)])
}

/// A term from one day to another.
fn term(id: &str, from: &str, to: &str) -> Value {
    policy(id, "AUTO", json!({"effective_date": from, "expiry_date": to}))
}

#[test]
fn a_term_that_ended_is_told_unless_another_follows() {
    let rule = "term_expired";
    let old = term("a", "2025-01-01", "2026-01-01");
    assert_eq!(state(rule, &pull(slice::from_ref(&old))), OPEN);
    assert!(found(rule, &pull(slice::from_ref(&old)))[0].because.contains("2026-01-01"));
    assert_eq!(state(rule, &one(json!({"expiry_date": "2026-01-02"}))), None);
    assert_eq!(state(rule, &one(json!({"status": "EXPIRED", "expiry_date": null}))), OPEN);
    assert_eq!(state(rule, &pull(&[old.clone(), term("b", "2026-01-01", "2027-01-01")])), None);
    assert_eq!(state(rule, &pull(&[old.clone(), term("b", "2026-04-01", "2027-04-01")])), OPEN);
    let home = policy("h", "HOMEOWNERS", json!({"effective_date": "2026-01-01"}));
    assert_eq!(state(rule, &pull(&[old.clone(), home])), OPEN);
    let mut quote = term("b", "2026-01-01", "2027-01-01");
    quote["status"] = json!("QUOTE");
    assert_eq!(state(rule, &pull(&[old, quote])), OPEN);
    assert_eq!(state(rule, &one(json!({"status": null, "expiry_date": null}))), UNKNOWN);
    assert_eq!(state(rule, &one(json!({"status": "CANCELLED", "expiry_date": "2025-10-01"}))), None);
}

#[test]
fn a_term_that_ends_soon_is_told_unless_another_follows() {
    let rule = "term_ending";
    assert_eq!(state(rule, &one(json!({"expiry_date": "2026-02-15"}))), OPEN);
    assert_eq!(state(rule, &one(json!({"expiry_date": "2026-02-16"}))), None);
    assert_eq!(state(rule, &one(json!({"expiry_date": "2026-01-01"}))), None);
    let says = found(rule, &one(json!({"expiry_date": "2026-01-02"})))[0].because.clone();
    assert_eq!(says, "Acme auto policy: the term ends in 1 day, on 2026-01-02.");
    assert_eq!(state(rule, &one(json!({"expiry_date": null}))), UNKNOWN);
    let ending = term("a", "2025-02-01", "2026-02-01");
    assert_eq!(state(rule, &pull(&[ending.clone(), term("b", "2026-02-01", "2027-02-01")])), None);
    let thresholds = Thresholds { expiring_days: 10, ..Thresholds::default() };
    assert!(gaps_on(&pull(&[ending]), "2026-01-01", &thresholds).iter().all(|gap| gap.rule != rule));
}

#[test]
fn a_cancelled_policy_is_told_unless_another_follows() {
    let rule = "policy_cancelled";
    let cancelled = json!({"status": "CANCELLED", "canceled_date": "2025-12-01"});
    assert_eq!(state(rule, &one(cancelled.clone())), OPEN);
    assert_eq!(state(rule, &one(json!({"canceled_date": "2026-01-01"}))), OPEN);
    assert!(found(rule, &one(json!({"status": "RESCINDED"})))[0].because.contains("rescinded"));
    assert_eq!(state(rule, &one(json!({}))), None);
    assert_eq!(state(rule, &one(json!({"status": "QUOTE"}))), None);
    assert_eq!(state(rule, &one(json!({"status": null}))), UNKNOWN);
    assert_eq!(state(rule, &one(json!({"status": "UNVERIFIED"}))), UNKNOWN);
    let follows = term("b", "2025-12-01", "2026-12-01");
    assert_eq!(state(rule, &pull(&[policy("a", "AUTO", cancelled), follows])), None);
}

const CAMARO: &str = "1G1FK1R62J0158884";
const CIVIC: &str = "2HGFB2F50CH512345";

#[test]
fn a_policy_that_is_over_is_told_unless_another_insures_all_that_it_did() {
    let car = |vin: &str| json!({"vin": vin});
    let house = |street: &str| json!({"address": {"number": "1", "street": street}});
    let over = |kind: &str, with: Value| {
        let mut over = policy("x", kind, with);
        super::put(&mut over, json!({"status": "CANCELLED"}));
        over
    };
    let (one, both) = (json!({"vehicles": [car(CAMARO)]}), json!({"vehicles": [car(CAMARO), car(CIVIC)]}));
    let street = json!({"dwellings": [{"address": {"street": "Elm"}}]});
    let [home, other] = ["Elm", "Oak"].map(|street| json!({"dwellings": [house(street)]}));
    for (former, kind, with, is_told) in [
        (over("AUTO", one.clone()), "AUTO", both.clone(), false),
        (over("AUTO", one.clone()), "CLASSIC_CAR", one.clone(), false),
        (over("AUTO", both), "AUTO", one.clone(), true),
        (over("AUTO", json!({"vehicles": [car("N/A")]})), "AUTO", json!({"vehicles": [car("N/A")]}), true),
        (over("AUTO", json!({"vehicles": [{"year": 2018}]})), "AUTO", one, true),
        (over("HOMEOWNERS", home.clone()), "RENTERS", home.clone(), true),
        (over("HOMEOWNERS", street.clone()), "HOMEOWNERS", street, true),
        (over("RENTERS", home.clone()), "HOMEOWNERS", home.clone(), false),
        (over("HOMEOWNERS", home.clone()), "HOMEOWNERS", other, true),
        (over("FLOOD", home.clone()), "HOMEOWNERS", home, true),
        (over("UMBRELLA", json!({})), "UMBRELLA", json!({}), true),
    ] {
        let said = format!("{former} {kind}");
        let mut holds = policy("y", kind, with);
        // It began long before the other ended.
        super::put(&mut holds, json!({"effective_date": "2025-01-01"}));
        super::put(&mut holds, json!({"expiry_date": "2027-01-01"}));
        let state = state("policy_cancelled", &pull(&[former, holds]));
        assert_eq!(state, if is_told { OPEN } else { None }, "{said}");
    }
}

#[test]
fn a_policy_that_is_to_be_cancelled_is_told() {
    let rule = "cancellation_pending";
    assert_eq!(state(rule, &one(json!({"status": "PENDING_CANCELLATION"}))), OPEN);
    let dated = one(json!({"canceled_date": "2026-02-01"}));
    assert_eq!(state(rule, &dated), OPEN);
    assert!(found(rule, &dated)[0].because.contains("on 2026-02-01"));
    assert_eq!(state("policy_cancelled", &dated), None);
    assert_eq!(state(rule, &one(json!({}))), None);
    assert_eq!(state(rule, &one(json!({"status": "CANCELLED"}))), None);
}

#[test]
fn policies_with_several_carriers_are_told_once() {
    let rule = "several_carriers";
    let with = |id: &str, kind: &str, carrier: Value| {
        policy(id, kind, json!({"carrier_name": carrier, "carrier_friendly_name": null}))
    };
    let auto = with("a", "AUTO", json!("acme"));
    let both = pull(&[auto.clone(), with("h", "HOMEOWNERS", json!("other"))]);
    assert_eq!(state(rule, &both), OPEN);
    assert_eq!(found(rule, &both)[0].because, "Policies are with 2 carriers: acme (auto), other (home).");
    assert_eq!(state(rule, &pull(&[auto.clone(), with("h", "HOMEOWNERS", json!("ACME "))])), None);
    assert_eq!(state(rule, &pull(&[auto.clone(), with("l", "TERM_LIFE", json!("other"))])), None);
    assert_eq!(state(rule, &pull(&[auto.clone(), with("h", "HOMEOWNERS", Value::Null)])), UNKNOWN);
    assert_eq!(state(rule, &pull(&[with("a", "AUTO", Value::Null)])), None);
    let mut gone = with("h", "HOMEOWNERS", json!("other"));
    gone["status"] = json!("CANCELLED");
    assert_eq!(state(rule, &pull(&[auto, gone])), None);
}
