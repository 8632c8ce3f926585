//! Each rule: where it fires, where it does not, where it lacks its data.

mod auto;
mod home;
mod people;
mod policies;
mod setting;

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::{
    day::Day,
    gaps::{
        Gap, State, Thresholds,
        account::ENDORSEMENTS,
        auto::{UNDERINSURED, UNINSURED},
        liability::{BODILY, PROPERTY, SINGLE},
        umbrella::LIABILITY,
    },
    model::Model,
    name::Name,
    redact::Redact,
    table::Part,
    tests::published,
    view::{Asked, Intake},
};

/// The gaps of a pull on a day.
fn gaps_on(pull: &Value, day: &str, thresholds: &Thresholds) -> Vec<Gap> {
    let asked = Asked {
        version: 1,
        day: Day::parse(day).unwrap(),
        initial_pull_id: None,
        stored: &HashSet::new(),
        redact: Redact::Nothing,
        thresholds,
    };
    let text = json!({ "pull": pull }).to_string();
    let model = Model::of(&text).unwrap();
    assert_eq!(model.not_understood, []);
    Intake::of(model, &asked).gaps
}

/// Those of `rule` on the first day of 2026.
fn found(rule: &str, pull: &Value) -> Vec<Gap> {
    assert!(super::ids().any(|id| id == rule), "{rule}");
    let mut gaps = gaps_on(pull, "2026-01-01", &Thresholds::default());
    gaps.retain(|gap| gap.rule == rule);
    gaps
}

/// What `rule` says of a pull: its state, where it says one thing.
fn state(rule: &str, pull: &Value) -> Option<State> {
    let gaps = found(rule, pull);
    assert!(gaps.len() < 2, "{gaps:#?}");
    let gap = gaps.first()?;
    for pointer in &gap.rests_on {
        assert!(json!({ "pull": pull }).pointer(pointer).is_some_and(Value::is_object), "{pointer}");
    }
    assert_eq!(gap.state == State::Unknown, !gap.needs.is_empty(), "{gap:#?}");
    Some(gap.state)
}

const OPEN: Option<State> = Some(State::Open);
const UNKNOWN: Option<State> = Some(State::Unknown);

/// A policy in force on the first day of 2026, with what it has beside.
fn policy(id: &str, kind: &str, with: Value) -> Value {
    let mut policy = json!({
        "policy_id": id,
        "policy_type": kind,
        "status": "ACTIVE",
        "carrier_name": "acme",
        "carrier_friendly_name": "Acme",
        "effective_date": "2025-09-01T00:00:00.000Z",
        "expiry_date": "2026-09-01T00:00:00.000Z",
    });
    put(&mut policy, with);
    policy
}

fn put(value: &mut Value, with: Value) {
    for (name, member) in with.as_object().unwrap() {
        value[name] = member.clone();
    }
}

fn vehicle(id: &str, state: &str, coverages: Value) -> Value {
    json!({
        "vehicle_id": id,
        "year": 2018,
        "make": "FORD",
        "model": "Focus",
        "garaging_address": {"state": state},
        "coverages": coverages,
    })
}

fn auto(vehicles: Value) -> Value {
    policy("a", "AUTO", json!({ "vehicles": vehicles }))
}

fn home(dwelling: Value) -> Value {
    let mut with = json!({"dwelling_id": "d"});
    put(&mut with, dwelling);
    policy("h", "HOMEOWNERS", json!({ "dwellings": [with] }))
}

fn pull(policies: &[Value]) -> Value {
    json!({"pull_id": "p", "status": "SUCCESS", "policies": policies})
}

/// A coverage with its limits per person and per incident, in thousands of dollars.
fn limits(name: &str, per_person: Option<i64>, per_incident: Option<i64>) -> Value {
    let cents = |thousands: Option<i64>| thousands.map(|thousands| thousands * 100_000);
    json!({
        "name": name,
        "per_person_limit_cents": cents(per_person),
        "per_incident_limit_cents": cents(per_incident),
    })
}

fn split(per_person: i64, per_incident: i64, property: i64) -> Value {
    json!([
        limits("BODILY_INJURY_LIABILITY", Some(per_person), Some(per_incident)),
        limits("PROPERTY_DAMAGE_LIABILITY", None, Some(property)),
    ])
}

#[test]
fn the_published_pulls_have_these_gaps() {
    let of = |at: usize, day| {
        let gaps = gaps_on(&published()[at]["pull"], day, &Thresholds::default());
        gaps.iter().map(|gap| (gap.rule, gap.state)).collect::<Vec<_>>()
    };
    const COMMERCIAL: usize = 0;
    const PERSONAL: usize = 1;
    let (open, unknown) = (State::Open, State::Unknown);
    assert_eq!(
        of(PERSONAL, "2023-05-20"),
        [
            ("no_underinsured_motorist", unknown),
            ("dwelling_below_replacement_cost", open),
            ("no_flood_cover", open),
            ("no_earthquake_cover", open),
            ("no_umbrella", open),
            ("term_ending", open),
        ]
    );
    assert_eq!(of(PERSONAL, "2026-01-01"), [("term_expired", open); 2]);
    assert_eq!(of(COMMERCIAL, "2024-02-01"), [("no_underinsured_motorist", unknown)]);
    assert_eq!(of(COMMERCIAL, "2026-01-01"), [("term_expired", open); 3]);
}

#[test]
fn what_rules_look_for_is_in_the_contract() {
    let knows = |part: Part, column: Name, text: &str| {
        let columns = part.columns().iter().find(|its| its.name == column);
        columns.unwrap().word(text).is_some()
    };
    let lists = [UNINSURED, UNDERINSURED, BODILY, PROPERTY, SINGLE, LIABILITY];
    let names = lists.into_iter().flatten().flat_map(|names| names.split(' '));
    for text in names.chain(["DWELLING", "REPLACEMENT_COST_FULL_VALUE", "FLOOD", "EARTHQUAKE"]) {
        assert!(knows(Part::Coverages, Name::name, text), "{text}");
    }
    for text in ENDORSEMENTS.split(' ') {
        assert!(knows(Part::Forms, Name::endorsement_type, text), "{text}");
    }
    for text in ["COMMERCIAL_AUTO", "MOTORCYCLE", "CONDO", "HOMEOWNERS", "FLOOD", "EARTHQUAKE"] {
        assert!(knows(Part::Policies, Name::policy_type, text), "{text}");
    }
}

/// What repeats ids as often as it can: each row is looked at once.
#[test]
fn rows_that_repeat_an_id_cost_once() {
    let coverages = json!(vec![json!({"name": "COLLISION"}); 10]);
    let mut policies = vec![policy("a", "AUTO", json!({"vehicles": [vehicle("v", "TX", coverages)]})); 500];
    let dwelling = json!({"dwelling_id": "d", "coverages": [limits("DWELLING", None, Some(1))]});
    policies.extend(vec![policy("a", "HOMEOWNERS", json!({ "dwellings": [dwelling] })); 500]);
    let gaps = gaps_on(&pull(&policies), "2026-01-01", &Thresholds::default());
    assert_eq!(gaps.iter().filter(|gap| gap.rule == "no_uninsured_motorist").count(), 1);
}

#[test]
fn sentences_give_nobody_away() {
    let secrets = ["Kent", "Clark", "1987", "05/03", "Metropolis", "SUP1234017", "123456789"];
    for pull in published() {
        for day in ["2023-05-20", "2024-02-01", "2026-01-01"] {
            for gap in gaps_on(&pull["pull"], day, &Thresholds::default()) {
                let text = serde_json::to_string(&gap).unwrap();
                assert!(secrets.iter().all(|secret| !text.contains(secret)), "{text}");
                assert!(gap.because.ends_with('.'), "{text}");
            }
        }
    }
}

#[test]
fn a_rule_that_does_not_apply_says_nothing() {
    assert_eq!(gaps_on(&pull(&[]), "2026-01-01", &Thresholds::default()), []);
    assert_eq!(gaps_on(&json!({}), "2026-01-01", &Thresholds::default()), []);
    let life = policy("l", "WHOLE_LIFE", json!({ "expiry_date": null }));
    assert_eq!(gaps_on(&pull(&[life]), "2026-01-01", &Thresholds::default()), []);
}

#[test]
fn a_gap_names_what_it_is_about_and_stays_small() {
    let many: Vec<Value> = (0..50).map(|at| vehicle(&format!("v{at}"), "TX", split(10, 20, 5))).collect();
    let gaps = found("auto_limits_below_state_minimum", &pull(&[auto(json!(many))]));
    let [gap] = gaps.as_slice() else { panic!("{gaps:#?}") };
    assert_eq!((gap.policy_id.as_deref(), gap.vehicle_id.as_deref()), (Some("a"), None));
    assert_eq!(gap.rests_on.len(), 20);
    let expected = "Acme auto policy, all 50 vehicles: bodily injury liability is $10,000 per person, below \
        $30,000, and $20,000 per accident, below $60,000; property damage liability is $5,000, below $25,000; Texas asks \
        for that (Tex. Transp. Code § 601.072, as of 2026-01-01).";
    assert_eq!(gap.because, expected);
    let policies: Vec<Value> =
        (0..300).map(|at| policy(&at.to_string(), "AUTO", json!({ "status": "CANCELLED" }))).collect();
    assert_eq!(found("policy_cancelled", &pull(&policies)).len(), 100);
}
