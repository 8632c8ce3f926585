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
