use std::{collections::HashSet, slice};

use serde_json::{Value, json};

use super::{OPEN, UNKNOWN, auto, found, home, limits, policy, pull, put, split, state, vehicle};
use crate::gaps::{
    auto::{UNDERINSURED, UNINSURED},
    minimums::{Duty, MINIMUMS, Minimum},
};

const MINIMUM: &str = "auto_limits_below_state_minimum";
const NONE: &str = "no_uninsured_motorist";
const TOO_LITTLE: &str = "no_underinsured_motorist";

fn of_state(code: &str, coverages: Value) -> Value {
    pull(&[auto(json!([vehicle("v", code, coverages)]))])
}

#[test]
fn each_state_has_its_minimum_and_fires_just_below_it() {
    assert_eq!(MINIMUMS.len(), 51);
    let codes: HashSet<&str> = MINIMUMS.iter().map(|minimum| minimum.code).collect();
    assert_eq!(codes.len(), 51);
    for minimum in MINIMUMS {
        let Minimum { per_person, per_incident, property, .. } = *minimum;
        assert!(per_person < per_incident && per_person >= 10 && property >= 5, "{}", minimum.name);
        for text in [minimum.code, minimum.name, &minimum.name.to_lowercase()] {
            let at = of_state(text, split(per_person, per_incident, property));
            assert_eq!(state(MINIMUM, &at), None, "{text}");
        }
        for (one, all, things) in [
            (per_person - 1, per_incident, property),
            (per_person, per_incident - 1, property),
            (per_person, per_incident, property - 1),
        ] {
            assert_eq!(
                state(MINIMUM, &of_state(minimum.code, split(one, all, things))),
                OPEN,
                "{}",
                minimum.name
            );
        }
        let single = minimum.single.unwrap_or(per_incident + property);
        assert!(single <= per_incident + property);
        let of = |limit| of_state(minimum.code, json!([limits("COMBINED_SINGLE_LIMIT", None, Some(limit))]));
        assert_eq!(state(MINIMUM, &of(single)), None, "{}", minimum.name);
        assert_eq!(state(MINIMUM, &of(single - 1)), OPEN, "{}", minimum.name);
        let declined = json!([
            {"name": "BODILY_INJURY_LIABILITY", "is_declined": true},
            limits("PROPERTY_DAMAGE_LIABILITY", None, Some(property)),
        ]);
        let expected = if minimum.duty == Duty::Both { OPEN } else { None };
        assert_eq!(state(MINIMUM, &of_state(minimum.code, declined)), expected, "{}", minimum.name);
    }
}

#[test]
fn limits_raised_last_are_in_the_table() {
    for (code, limits) in [
        ("CA", [30, 60, 15]),
        ("UT", [30, 65, 25]),
        ("VA", [50, 100, 25]),
        ("NC", [50, 100, 50]),
        ("MA", [25, 50, 30]),
        ("NJ", [35, 70, 25]),
        ("HI", [40, 80, 20]),
    ] {
        let minimum = Minimum::of(code).unwrap();
        assert_eq!([minimum.per_person, minimum.per_incident, minimum.property], limits);
        assert!(minimum.since.is_some());
    }
    let mut policy = auto(json!([vehicle("v", "NJ", split(25, 50, 25))]));
    let says = |policy: &Value| found(MINIMUM, &pull(slice::from_ref(policy)))[0].because.clone();
    assert!(says(&policy).contains("New Jersey asks for that for terms that begin from 2026-01-01 on"));
    put(&mut policy, json!({"effective_date": "2026-01-01"}));
    assert!(says(&policy).contains("New Jersey asks for that (N.J. Stat."));
}

#[test]
fn limits_without_end_and_above_are_not_below() {
    let unlimited = json!([
        {"name": "BODILY_INJURY_LIABILITY", "per_person_unlimited": true, "per_incident_unlimited": true},
        {"name": "PROPERTY_DAMAGE_LIABILITY", "per_incident_unlimited": true},
    ]);
    assert_eq!(state(MINIMUM, &of_state("TX", unlimited)), None);
    assert_eq!(
        state(MINIMUM, &of_state("TX", json!([limits("SINGLE_LIMIT_LIABILITY", None, Some(500))]))),
        None
    );
    let nothing = json!([limits("SINGLE_LIMIT_LIABILITY", None, Some(0))]);
    assert_eq!(state(MINIMUM, &of_state("TX", nothing)), UNKNOWN, "what is limited to nothing is declined");
    let split_beside = json!([
        {"name": "COMBINED_SINGLE_LIMIT"},
        limits("BODILY_INJURY_LIABILITY", Some(30), Some(60)),
        limits("PROPERTY_DAMAGE_LIABILITY", None, Some(25)),
    ]);
    assert_eq!(state(MINIMUM, &of_state("TX", split_beside)), None);
}

#[test]
fn without_state_or_limits_nobody_knows() {
    assert_eq!(state(MINIMUM, &of_state("ZZ", split(10, 20, 5))), UNKNOWN);
    assert_eq!(state(MINIMUM, &of_state("TX", json!([]))), UNKNOWN);
    assert_eq!(state(MINIMUM, &of_state("TX", json!([{"name": "BODILY_INJURY_LIABILITY"}]))), UNKNOWN);
    assert_eq!(state(MINIMUM, &pull(&[auto(json!([]))])), UNKNOWN);
    assert_eq!(state(MINIMUM, &of_state("NH", json!([{"name": "COLLISION"}]))), None);
    let mut policy = auto(json!([vehicle("v", "", split(10, 20, 5))]));
    assert_eq!(state(MINIMUM, &pull(&[policy.clone()])), UNKNOWN);
    put(&mut policy, json!({"state": "Texas"}));
    assert_eq!(state(MINIMUM, &pull(&[policy])), OPEN);
}

#[test]
fn a_motorcycle_in_florida_needs_nothing() {
    let of =
        |kind| policy("m", kind, json!({"vehicles": [vehicle("v", "FL", json!([{"name": "COLLISION"}]))]}));
    assert_eq!(state(MINIMUM, &pull(&[of("MOTORCYCLE")])), None);
    assert_eq!(state(MINIMUM, &pull(&[of("AUTO")])), UNKNOWN);
}

#[test]
fn vehicles_that_differ_are_told_apart_and_those_that_are_gone_are_left_out() {
    let mut gone = vehicle("g", "TX", split(10, 20, 5));
    put(&mut gone, json!({"is_removed": true}));
    let mut trailer = vehicle("t", "TX", json!([]));
    put(&mut trailer, json!({"type": "UTILITY TRAILER"}));
    let vehicles = json!([
        vehicle("v1", "TX", split(10, 20, 25)),
        vehicle("v2", "TX", split(10, 20, 25)),
        vehicle("v3", "TX", split(30, 60, 5)),
        vehicle("v4", "TX", split(30, 60, 25)),
        gone,
        trailer,
    ]);
    let gaps = found(MINIMUM, &pull(&[auto(vehicles)]));
    let ids: Vec<_> = gaps.iter().map(|gap| gap.vehicle_id.as_deref()).collect();
    assert_eq!(ids, [None, Some("v3")]);
    assert!(gaps[0].because.contains("2 of 4 vehicles") && gaps[1].because.contains("2018 Ford Focus"));
    assert_eq!(gaps[1].rests_on.len(), 4);
}

#[test]
fn policies_that_are_not_in_force_are_left_out() {
    for with in [
        json!({"status": "CANCELLED"}),
        json!({"status": "QUOTE"}),
        json!({"expiry_date": "2025-12-31"}),
        json!({"effective_date": "2026-02-01"}),
    ] {
        let mut policy = auto(json!([vehicle("v", "TX", split(10, 20, 5))]));
        put(&mut policy, with);
        assert_eq!(state(MINIMUM, &pull(&[policy.clone()])), None);
        assert_eq!(state(NONE, &pull(&[policy])), None);
    }
    let mut commercial = auto(json!([vehicle("v", "TX", split(10, 20, 5))]));
    put(&mut commercial, json!({"policy_type": "COMMERCIAL_AUTO"}));
    assert_eq!(state(MINIMUM, &pull(&[commercial])), OPEN);
}

#[test]
fn uninsured_motorist_cover_is_missed_where_it_is_declined_or_absent() {
    let liability = || json!({"name": "BODILY_INJURY_LIABILITY"});
    let of = |coverage: Value| of_state("TX", json!([liability(), coverage]));
    for names in UNINSURED.iter().flat_map(|names| names.split(' ')) {
        assert_eq!(state(NONE, &of(json!({"name": names}))), None, "{names}");
    }
    for coverage in [
        json!({"name": "COMPREHENSIVE"}),
        json!({"name": "UNINSURED_MOTORISTS", "is_declined": true}),
        limits("UNINSURED_MOTORISTS", Some(0), Some(0)),
        json!({"name": "UNINSURED_MOTORIST_PROPERTY_DAMAGE_LIABILITY"}),
        json!({"name": "UNDERINSURED_MOTORISTS"}),
    ] {
        assert_eq!(state(NONE, &of(coverage.clone())), OPEN, "{coverage}");
    }
    assert_eq!(
        state(NONE, &of_state("TX", json!([{"name": "COLLISION"}]))),
        UNKNOWN,
        "the list is not whole"
    );
    assert_eq!(state(NONE, &of_state("TX", json!([]))), UNKNOWN);
    assert_eq!(state(NONE, &pull(&[auto(json!([]))])), UNKNOWN);
    assert_eq!(state(NONE, &pull(&[home(json!({}))])), None);
    let endorsement =
        json!({"endorsement_type": "UNINSURED_MOTORIST_COVERAGE", "is_exclusion_endorsement": false});
    let mut endorsed = auto(json!([vehicle("v", "TX", json!([liability()]))]));
    put(&mut endorsed, json!({"forms_and_endorsements": [endorsement]}));
    assert_eq!(state(NONE, &pull(&[endorsed.clone()])), None);
    assert_eq!(state(TOO_LITTLE, &pull(&[endorsed])), OPEN);
}

#[test]
fn underinsured_motorist_cover_counts_as_its_own() {
    let of = |coverages: Value| of_state("TX", coverages);
    for names in UNDERINSURED.iter().flat_map(|names| names.split(' ')) {
        assert_eq!(state(TOO_LITTLE, &of(json!([{"name": names}]))), None, "{names}");
    }
    let declined = json!({"name": "UNDERINSURED_MOTORISTS", "is_declined": true});
    assert_eq!(state(TOO_LITTLE, &of(json!([{"name": "UNINSURED_MOTORISTS"}, declined]))), OPEN);
    assert_eq!(state(TOO_LITTLE, &of(json!([{"name": "BODILY_INJURY_LIABILITY"}]))), OPEN);
    assert_eq!(state(TOO_LITTLE, &of(json!([{"name": "UNINSURED_MOTORISTS"}]))), UNKNOWN);
    assert_eq!(state(TOO_LITTLE, &of(json!([]))), UNKNOWN);
}

#[test]
fn a_motor_home_is_measured_as_an_auto_where_it_is_insured_as_one() {
    let rule = "auto_limits_below_umbrella";
    let with = |coverages: Value| {
        let mut home = auto(json!([vehicle("v", "TX", coverages)]));
        put(&mut home, json!({"policy_type": "RECREATIONAL_VEHICLE"}));
        pull(&[home, policy("u", "UMBRELLA", json!({}))])
    };
    assert_eq!(state(rule, &with(split(100, 300, 100))), OPEN);
    assert_eq!(state(MINIMUM, &with(split(10, 20, 5))), OPEN);
    assert_eq!(state(rule, &with(json!([{"name": "COLLISION"}]))), None, "not one for roads");
}

#[test]
fn what_is_lacking_is_named_whole() {
    let mut car = vehicle("v", "TX", json!([]));
    put(&mut car, json!({"GaragingAddress": null, "garaging_address": null}));
    let gaps = found(MINIMUM, &pull(&[auto(json!([car]))]));
    assert_eq!(
        gaps[0].needs,
        ["garaging_address", "coverages"].map(|it| format!("/pull/policies/0/vehicles/0/{it}"))
    );
}

#[test]
fn auto_limits_are_measured_where_an_umbrella_lies_upon_them() {
    let rule = "auto_limits_below_umbrella";
    let with = |coverages: Value| {
        pull(&[auto(json!([vehicle("v", "TX", coverages)])), policy("u", "UMBRELLA", json!({}))])
    };
    assert_eq!(state(rule, &with(split(100, 300, 100))), OPEN);
    assert_eq!(state(rule, &with(split(250, 500, 100))), None);
    assert_eq!(state(rule, &with(json!([limits("COMBINED_SINGLE_LIMIT", None, Some(300))]))), OPEN);
    assert_eq!(state(rule, &with(json!([limits("COMBINED_SINGLE_LIMIT", None, Some(500))]))), None);
    assert_eq!(state(rule, &with(json!([limits("BODILY_INJURY_LIABILITY", Some(250), None)]))), UNKNOWN);
    assert_eq!(state(rule, &of_state("TX", split(30, 60, 25))), None);
}
