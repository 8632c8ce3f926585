use serde_json::{Value, json};

use super::{OPEN, UNKNOWN, auto, found, pull, put, split, state, vehicle};

const YOUNG: &str = "young_driver_unlisted";

fn driver(id: &str, born: &str) -> Value {
    json!({"driver_id": id, "first_name": id, "last_name": "Doe", "date_of_birth_str": born})
}

/// An account with drivers, some of them on its vehicle.
fn account(drivers: Value, on_vehicle: Value) -> Value {
    let mut vehicle = vehicle("v", "TX", split(30, 60, 25));
    put(&mut vehicle, json!({ "drivers": on_vehicle }));
    let mut pull = pull(&[auto(json!([vehicle]))]);
    put(&mut pull, json!({ "drivers": drivers }));
    pull
}

#[test]
fn a_young_driver_whom_no_auto_policy_lists_is_worth_a_talk() {
    let parent = driver("parent", "01/01/1980");
    let of = |young: Value| account(json!([parent, young]), json!([parent]));
    assert_eq!(state(YOUNG, &of(driver("child", "06/01/2007"))), OPEN);
    let gap = found(YOUNG, &of(driver("child", "06/01/2007"))).remove(0);
    assert!(gap.because.contains("18 years old") && gap.person_id.is_some(), "{gap:?}");
    assert_eq!(gap.rests_on, ["/pull/drivers/1"]);
    // The birthday itself counts: 26 on the first day of 2026.
    assert_eq!(state(YOUNG, &of(driver("child", "01/01/2000"))), None);
    assert_eq!(state(YOUNG, &of(driver("child", "01/02/2000"))), OPEN);
    assert_eq!(state(YOUNG, &of(driver("child", "01/01/2015"))), None);
    assert_eq!(state(YOUNG, &of(driver("child", "01/01/2030"))), None);
    let aged = |age: i64, on: Value| {
        of(json!({"driver_id": "c", "first_name": "c", "last_name": "Doe", "age": age, "age_on_date": on}))
    };
    assert_eq!(state(YOUNG, &aged(19, Value::Null)), OPEN);
    assert_eq!(state(YOUNG, &aged(25, json!("2024-12-01"))), None);
    assert_eq!(state(YOUNG, &aged(9_007_199_254_740_992, json!("2024-12-01"))), None);
}

#[test]
fn who_is_listed_or_excluded_is_not_unlisted() {
    let (parent, child) = (driver("parent", "01/01/1980"), driver("child", "06/01/2007"));
    assert_eq!(state(YOUNG, &account(json!([parent, child]), json!([parent, child]))), None);
    let mut excluded = child.clone();
    put(&mut excluded, json!({"is_excluded": true}));
    let account_with = account(json!([parent, child]), json!([parent, excluded]));
    assert_eq!(state(YOUNG, &account_with), None);
    assert_eq!(state("excluded_driver", &account_with), OPEN);
}

#[test]
fn without_age_or_listed_drivers_nobody_knows() {
    let (parent, child) = (driver("parent", "01/01/1980"), driver("child", "06/01/2007"));
    let nobody = json!({"driver_id": "x", "first_name": "x", "last_name": "Doe"});
    let unknown = account(json!([parent, nobody]), json!([parent]));
    assert_eq!(state(YOUNG, &unknown), UNKNOWN);
    assert_eq!(found(YOUNG, &unknown)[0].needs, ["/pull/drivers/1/date_of_birth_str"]);
    assert_eq!(state(YOUNG, &account(json!([parent, child]), json!([]))), UNKNOWN);
    let mut no_vehicle = pull(&[auto(json!([]))]);
    put(&mut no_vehicle, json!({"drivers": [child]}));
    assert_eq!(state(YOUNG, &no_vehicle), UNKNOWN);
    let mut no_auto = pull(&[]);
    put(&mut no_auto, json!({"drivers": [child]}));
    assert_eq!(state(YOUNG, &no_auto), None);
}

#[test]
fn an_excluded_driver_is_told_once_for_each_policy() {
    let rule = "excluded_driver";
    let mut excluded = driver("child", "06/01/2007");
    put(&mut excluded, json!({"is_excluded": true}));
    let with = |id: &str, is_removed: bool| {
        let mut vehicle = vehicle(id, "TX", split(30, 60, 25));
        put(&mut vehicle, json!({"drivers": [excluded], "is_removed": is_removed}));
        vehicle
    };
    let both = found(rule, &pull(&[auto(json!([with("v", false), with("w", false)]))]));
    assert_eq!(both.len(), 1);
    assert!(
        both[0].because.contains("2 vehicles") && both[0].vehicle_id.is_none() && both[0].rests_on.len() == 2
    );
    let one = found(rule, &pull(&[auto(json!([with("v", false), with("w", true)]))]));
    assert_eq!(one[0].vehicle_id.as_deref(), Some("v"));
    assert_eq!(state(rule, &pull(&[auto(json!([with("w", true)]))])), None);
    let included = account(json!([]), json!([driver("parent", "01/01/1980")]));
    assert_eq!(state(rule, &included), None);
}
