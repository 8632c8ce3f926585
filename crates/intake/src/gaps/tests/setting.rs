use serde_json::json;

use super::{gaps_on, home, limits, pull};
use crate::gaps::Thresholds;

#[test]
fn what_is_set_is_read_and_the_rest_stays() {
    assert_eq!(Thresholds::read("{}"), Ok(Thresholds::default()));
    let set = Thresholds::read(
        r#"{"expiring_days": 60, "young_driver_age": 21, "dwelling_insured_percent": 80,
            "umbrella_auto_per_person_cents": 1, "umbrella_auto_per_incident_cents": 2,
            "umbrella_auto_property_damage_cents": 3, "umbrella_auto_single_limit_cents": 4,
            "umbrella_home_liability_cents": 5, "off": ["no_flood_cover"]}"#,
    );
    let expected = Thresholds {
        expiring_days: 60,
        young_driver_age: 21,
        dwelling_insured_percent: 80,
        umbrella_auto_per_person_cents: 1,
        umbrella_auto_per_incident_cents: 2,
        umbrella_auto_property_damage_cents: 3,
        umbrella_auto_single_limit_cents: 4,
        umbrella_home_liability_cents: 5,
        off: vec!["no_flood_cover".to_owned()],
    };
    assert_eq!(set, Ok(expected));
}

#[test]
fn what_is_refused_says_what_is_expected() {
    for (text, expected) in [
        ("", "expected a JSON object such as"),
        ("[]", "expected a JSON object such as"),
        ("{\"expiring_days\": 45", "expected a JSON object such as"),
        (r#"{"expiring_days": -1}"#, "expected expiring_days to be a whole number from 0 to 366"),
        (r#"{"expiring_days": 367}"#, "expected expiring_days to be a whole number from 0 to 366"),
        (r#"{"expiring_days": "45"}"#, "expected expiring_days to be a whole number from 0 to 366"),
        (r#"{"expiring_days": null}"#, "expected expiring_days to be a whole number from 0 to 366"),
        (r#"{"young_driver_age": 5}"#, "expected young_driver_age to be a whole number from 15 to 99"),
        (
            r#"{"umbrella_home_liability_cents": 1e30}"#,
            "expected umbrella_home_liability_cents to be a whole number",
        ),
        (r#"{"expire": 4}"#, "expected members expiring_days, young_driver_age,"),
        (r#"{"off": "no_flood_cover"}"#, "expected off to be a list of rules' ids"),
        (r#"{"off": [1]}"#, "expected off to be a list of rules' ids"),
        (r#"{"off": ["no_flod_cover"]}"#, "expected off to name rules of auto_limits_below_state_minimum,"),
    ] {
        let error = Thresholds::read(text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{text}: {error}");
    }
    let error = Thresholds::read(r#"{"off": ["no_flod_cover"]}"#).unwrap_err().to_string();
    assert!(error.ends_with(r#"found "no_flod_cover""#), "{error}");
}

#[test]
fn a_rule_that_is_off_says_nothing() {
    let pull = pull(&[home(json!({"coverages": [limits("DWELLING", None, Some(500))]}))]);
    let has =
        |thresholds| gaps_on(&pull, "2026-01-01", &thresholds).iter().any(|gap| gap.rule == "no_flood_cover");
    assert!(has(Thresholds::default()));
    assert!(!has(Thresholds::read(r#"{"off": ["no_flood_cover"]}"#).unwrap()));
}
