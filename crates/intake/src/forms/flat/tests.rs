use serde_json::{Map, Value, json};

use crate::{
    forms::{Form, file, tests::of},
    gaps::State,
    redact::Redact,
    view::Intake,
};

fn flat(intake: &Intake<'_>) -> Map<String, Value> {
    serde_json::from_slice(&file(Form::Flat, intake, &[], None).body).unwrap()
}

#[test]
fn the_flat_object_says_what_the_rows_say() {
    let policy = |id: &str, status: &str, from: &str, to: &str| {
        json!({
            "policy_id": id, "policy_type": "AUTO", "carrier_name": "acme", "carrier_friendly_name": "Acme",
            "carrier_policy_number": format!("N-{id}"), "status": status, "total_premium_cents": 123_456,
            "effective_date": from, "expiry_date": to,
            "vehicles": [{ "vehicle_id": "v", "vin": "1G1FK1R62J0158884", "year": 2018, "garaging_address": {
                "number": "1", "street": "Main", "type": "St", "city": "Troy", "state": "NY", "zip": "12180" } }],
        })
    };
    let policies = [
        policy("old", "EXPIRED", "2024-06-01", "2025-06-01"),
        policy("on", "ACTIVE", "2025-12-01", "2026-06-01"),
    ];
    let pull = json!({ "pull": { "policies": policies } }).to_string();
    let intake = of(&pull, Redact::Nothing);
    let flat = flat(&intake);
    let open = intake.gaps.iter().filter(|gap| gap.state == State::Open);
    let open: Vec<&str> = open.map(|gap| gap.because.as_str()).collect();
    let gaps = (!open.is_empty()).then(|| open.join("\n"));
    for (member, value) in [
        ("auto_policy_id", json!("on")),
        ("auto_policy_number", json!("N-on")),
        ("auto_carrier", json!("Acme")),
        ("auto_type", json!("Auto")),
        ("auto_status", json!("Active")),
        ("auto_is_active", json!(true)),
        ("auto_premium_cents", json!(123_456)),
        ("auto_expiry_date", json!("2026-06-01")),
        ("home_policy_number", Value::Null),
        ("policy_1_policy_id", json!("old")),
        ("policy_3_policy_id", Value::Null),
        ("policies_count", json!(2)),
        ("vehicle_1_vin", json!("1G1FK1R62J0158884")),
        ("vehicle_1_year", json!(2018)),
        ("vehicle_1_garaging_address", json!("1 Main St, Troy, NY 12180")),
        ("vehicle_1_garaging_address_city", json!("Troy")),
        ("gaps", gaps.into()),
        ("gaps_count", open.len().into()),
    ] {
        assert_eq!(flat.get(member), Some(&value), "{member}");
    }
    let pull = json!({ "pull": { "policies": [policies[0]] } }).to_string();
    assert!(self::flat(&of(&pull, Redact::Nothing))["auto_policy_id"].is_null());
}

#[test]
fn what_is_absent_is_null_and_what_there_is_none_of_is_counted() {
    let flat = flat(&of(r#"{"pull":{}}"#, Redact::Nothing));
    assert!(
        ["pull_id", "auto_policy_number", "contact_email", "gaps"]
            .iter()
            .all(|member| flat[*member].is_null())
    );
    assert_eq!((&flat["vehicles_count"], &flat["gaps_count"]), (&json!(0), &json!(0)));
}
