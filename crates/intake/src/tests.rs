//! Pulls as the contract publishes them, mapped.

use std::collections::HashSet;

use serde_json::Value;

use crate::{
    day::Day,
    gaps::Thresholds,
    model::Model,
    redact::Redact,
    view::{Asked, Intake},
};

/// The published pulls.
pub fn published() -> Vec<Value> {
    let contract: Value = serde_json::from_str(include_str!("../../../contract/openapi.json")).unwrap();
    let get = &contract["paths"]["/teams/{teamId}/pulls/{pullId}"]["get"];
    let examples = &get["responses"]["200"]["content"]["application/json"]["examples"];
    examples.as_object().unwrap().values().map(|example| example["value"].clone()).collect()
}

/// A model as it is answered on the first day of 2026.
pub fn intake(model: Model<'_>, redact: Redact) -> Intake<'_> {
    let asked = Asked {
        version: 1,
        day: Day::parse("2026-01-01").unwrap(),
        initial_pull_id: None,
        stored: &HashSet::new(),
        redact,
        thresholds: &Thresholds::default(),
    };
    Intake::of(model, &asked)
}

#[test]
fn the_published_pulls_are_understood_whole() {
    let published = published();
    assert_eq!(published.len(), 2);
    for pull in published {
        let text = pull.to_string();
        let model = Model::of(&text).unwrap();
        assert_eq!(model.not_understood, []);
        let kept = model.stored();
        let again = Model::of_stored(&kept).unwrap();
        let (one, other) = (intake(model, Redact::Nothing), intake(again, Redact::Nothing));
        let json = serde_json::to_string(&one).unwrap();
        assert_eq!(json, serde_json::to_string(&other).unwrap());
        if std::env::var("SHOW").is_ok() {
            println!("{json}");
        }
    }
}

#[test]
fn a_mortgagee_of_before_stands_beside_those_of_the_list_that_are_others() {
    let of = |with: &str| {
        let text = format!(
            r#"{{"pull":{{"policies":[{{"dwellings":[{{"mortgagee_name":"Metropolis Bank","mortgage_loan_number":"123-4",{with}}}]}}]}}}}"#
        );
        Model::of(&text).unwrap().part(crate::table::Part::Mortgagees).len()
    };
    assert_eq!(of(r#""mortgagees":[]"#), 1);
    assert_eq!(
        of(r#""mortgagees":[{"mortgagee_name":"METROPOLIS BANK ISAOA","mortgage_loan_number":"1234"}]"#),
        1
    );
    assert_eq!(of(r#""mortgagees":[{"mortgagee_name":"METROPOLIS  BANK"}]"#), 1);
    assert_eq!(of(r#""mortgagees":[{"mortgagee_name":"Smallville Savings","mortgage_loan_number":"9"}]"#), 2);
}

/// Pulls of others: whatever stands in one, it is mapped, kept, read again and answered.
pub mod mutated {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::{intake, published};
    use crate::{changes::between, model::Model, redact::Redact};

    /// What may stand where something else did.
    pub fn other() -> impl Strategy<Value = Value> {
        let huge = Just(json!(u64::MAX)).boxed();
        let text = "[a-zA-Z0-9 /.:-]{0,24}".prop_map(Value::from);
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            huge,
            text,
            Just(json!("9999-12-31")),
            Just(json!("0000-01-01T00:00:00.000Z")),
            Just(json!("02/30/2020")),
            Just(json!("x".repeat(5_000))),
            // What stands elsewhere in the pull: ids of other rows, words of other lists.
            prop::sample::select(texts_of_published()).prop_map(Value::from),
            Just(json!(-1)),
            Just(json!(9_007_199_254_740_992_i64)),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec(("[a-z_]{1,16}", inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    fn texts_of_published() -> Vec<String> {
        fn all(value: &Value, into: &mut Vec<String>) {
            match value {
                Value::String(text) => into.push(text.clone()),
                Value::Array(items) => items.iter().for_each(|item| all(item, into)),
                Value::Object(members) => members.values().for_each(|member| all(member, into)),
                _ => {}
            }
        }
        let mut texts = Vec::new();
        published().iter().for_each(|pull| all(pull, &mut texts));
        texts
    }

    /// Changes the place that `at` picks, deeper each time it is divided.
    pub fn change(value: &mut Value, at: u64, edit: u8, with: &Value) {
        let inner = match value {
            Value::Array(items) if !items.is_empty() => {
                let place = (at % items.len() as u64) as usize;
                if at.is_multiple_of(5) && edit == 2 {
                    items.reverse();
                    return;
                }
                if at.is_multiple_of(7) && edit == 3 {
                    let item = items[place].clone();
                    items.push(item);
                    return;
                }
                let length = items.len() as u64;
                items.get_mut(place).map(|item| (item, at / length))
            }
            Value::Object(members) if !members.is_empty() => {
                let length = members.len() as u64;
                let name = members.keys().nth((at % length) as usize).cloned().unwrap();
                if at.is_multiple_of(3) && edit == 0 {
                    members.remove(&name);
                    return;
                }
                members.get_mut(&name).map(|member| (member, at / length))
            }
            _ => None,
        };
        match inner {
            Some((inner, rest)) if rest > 0 => change(inner, rest, edit, with),
            // In a list where one was, and twice: its ids are there twice.
            Some((inner, _)) if edit == 4 => *inner = json!([inner.clone(), inner.clone(), with]),
            Some((inner, _)) => *inner = with.clone(),
            None => *value = with.clone(),
        }
    }

    proptest! {
        #[test]
        fn a_mutated_pull_is_no_error(
            which in 0..2_usize,
            edits in prop::collection::vec((any::<u64>(), 0..5_u8, other()), 1..8),
        ) {
            let mut pull = published()[which].clone();
            for (at, edit, with) in &edits {
                change(&mut pull["pull"], *at, *edit, with);
            }
            let text = pull.to_string();
            if !pull["pull"].is_object() {
                return Ok(());
            }
            let model = Model::of(&text).unwrap();
            let kept = model.stored();
            let again = Model::of_stored(&kept).unwrap();
            prop_assert_eq!(between(&model, &again, Redact::Nothing).changes.len(), 0);
            let first = published()[which].to_string();
            let _ = between(&Model::of(&first).unwrap(), &model, Redact::All);
            let one = serde_json::to_string(&intake(model, Redact::Nothing)).unwrap();
            let other = serde_json::to_string(&intake(again, Redact::Nothing)).unwrap();
            prop_assert_eq!(&one, &other);
            let read: Value = serde_json::from_str(&one).unwrap();
            prop_assert_eq!(sum_of_premiums(&read), premiums(&pull["pull"]));
        }
    }

    /// Premiums that a pull's policies have, as whoever reads the raw JSON alone would add them up.
    fn premiums(pull: &Value) -> f64 {
        let policies = match &pull["policies"] {
            Value::Array(policies) => policies.iter().collect(),
            one @ Value::Object(_) => vec![one],
            _ => Vec::new(),
        };
        policies
            .into_iter()
            .filter(|policy| policy.is_object())
            .map(|policy| cents(&policy["total_premium_cents"]))
            .sum()
    }

    fn cents(value: &Value) -> f64 {
        let number = match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        number
            .filter(|number: &f64| number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0)
            .unwrap_or(0.0)
    }

    fn sum_of_premiums(intake: &Value) -> f64 {
        let policies = intake["policies"].as_array().unwrap();
        policies.iter().filter_map(|policy| policy["total_premium_cents"].as_f64()).sum()
    }

    #[test]
    fn what_serde_does_not_read_costs_only_its_place() {
        for (json, pointer) in [
            (r#"{"pull":{"policies":1e400,"pull_id":"p"}}"#, "/pull/policies"),
            (r#"{"pull":{"policies":[1e400],"pull_id":"p"}}"#, "/pull/policies/0"),
            (r#"{"pull":{"funnel":"\ud83d","pull_id":"p"}}"#, "/pull/funnel"),
            (r#"{"pull":{"created_at":"\ud83d","pull_id":"p"}}"#, "/pull/created_at"),
        ] {
            let text = canopy::json::mended(json);
            let model = Model::of(&text).unwrap();
            assert_eq!(model.pull().text(crate::name::Name::pull_id), Some("p"), "{json}");
            assert_eq!(model.not_understood[0].pointer, pointer, "{json}");
        }
        let deep = format!(
            r#"{{"pull":{{"pull_id":"p","policies":{}{}}}}}"#,
            "[".repeat(100_000),
            "]".repeat(100_000)
        );
        assert_eq!(Model::of(&deep).unwrap().not_understood[0].pointer, "/pull/policies/0");
        for json in ["", "1", "[]", "null", "{", r#"{"pull":7"#] {
            assert!(Model::of(json).is_err(), "{json}");
        }
        assert!(Model::of("{}").is_ok() && Model::of(r#"{"pull":7}"#).is_ok());
    }

    #[test]
    fn of_a_member_given_twice_the_last_counts_with_its_rows() {
        let text =
            r#"{"pull":{"pull_id":"a","policies":[{"policy_id":"x"}],"policies":[{"policy_id":"y"},null]}}"#;
        let json = serde_json::to_string(&intake(Model::of(text).unwrap(), Redact::Nothing)).unwrap();
        let read: Value = serde_json::from_str(&json).unwrap();
        let policies = read["policies"].as_array().unwrap();
        assert_eq!((policies.len(), &policies[0]["policy_id"]), (1, &json!("y")));
        assert_eq!(policies[0]["source"], "/pull/policies/0");
    }

    /// What is small as Canopy writes it and would be large elsewhere: mapped, or refused, in an answer of no more than 32 MB.
    #[test]
    fn no_pull_grows_beyond_its_measure() {
        let many =
            |count: usize, item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<Vec<_>>().join(",");
        let policy = |inner: String| {
            format!(r#"{{"pull":{{"pull_id":"p","policies":[{{"policy_id":"x",{inner}}}]}}}}"#)
        };
        let alike = |at: usize| {
            if at > 0 {
                r#"{"vehicle_id":"v"}"#.to_owned()
            } else {
                let coverages = many(9_000, &|at| format!(r#"{{"name":"A{at}","max_days":1}}"#));
                format!(r#"{{"vehicle_id":"v","coverages":[{coverages}]}}"#)
            }
        };
        for pull in [
            policy(format!(r#""vehicles":[{}]"#, many(9_000, &alike))),
            policy(format!(
                r#""policy_id":"{}","vehicles":[{{"coverages":[{}]}}]"#,
                "x".repeat(1_000_000),
                many(500, &|_| "{}".to_owned())
            )),
            policy(format!(
                r#""named_insureds":[{{"last_name":"{}","first_name":"a"}}]"#,
                "x".repeat(2_000_000)
            )),
            policy(format!(
                r#""named_insureds":[{}]"#,
                many(20_000, &|at| format!(r#"{{"full_name":"A B","named_insured_id":"n{at}"}}"#))
            )),
            policy(format!(
                r#""named_insureds":[{}]"#,
                many(20_000, &|at| format!(r#"{{"full_name":"A B{at}"}}"#))
            )),
            policy(format!(
                r#""named_insureds":[{}]"#,
                many(25_000, &|at| {
                    let letter = char::from_u32(0x4e00 + u32::try_from(at % 20_000).unwrap()).unwrap();
                    format!(r#"{{"full_name":"John {letter} Smith"}}"#)
                })
            )),
            format!(
                r#"{{"pull":{{"drivers":[{}]}}}}"#,
                many(25_000, &|at| {
                    let name = if at < 8 { "x".repeat(8_000) } else { format!("y{at}") };
                    format!(r#"{{"first_name":"{name}","last_name":"z","drivers_license":"A1234"}}"#)
                })
            ),
            format!(
                r#"{{"pull":{{"policies":[{{"policy_id":"p","policy_type":"AUTO"}},{},{{"policy_id":"p","vehicles":[{}]}}]}}}}"#,
                many(5_000, &|_| r#"{"policy_id":"p","policy_type":"AUTO","status":"CANCELLED"}"#.to_owned()),
                many(13_000, &|_| r#"{"vin":"1G1FK1R62J0158884"}"#.to_owned())
            ),
            policy(format!(r#""vehicles":[{{"coverages":[{}]}}]"#, many(25_000, &|_| "{}".to_owned()))),
            policy(format!(
                r#""dwellings":[{}]"#,
                many(25_000, &|_| r#"{"address":{"city":"a"},"property_data":{"apn":"1"}}"#.to_owned())
            )),
        ] {
            let Ok(model) = Model::of(&pull) else { continue };
            let intake = intake(model, Redact::Nothing);
            for (name, form) in crate::forms::Form::NAMES {
                let file = crate::forms::file(*form, &intake, &[], None);
                assert!(file.body.len() < 32_000_000, "{name} of {:.60}", &pull[60..]);
            }
        }
    }

    /// How long pulls take by their size: run by hand, in release.
    #[test]
    #[ignore = "it measures"]
    fn how_long_it_takes() {
        for copies in [1, 10, 30, 60, 120] {
            let mut pull = published()[0].clone();
            let policies = pull["pull"]["policies"].as_array().unwrap().clone();
            let many: Vec<Value> = (0..copies * 3).map(|at| policies[at % policies.len()].clone()).collect();
            pull["pull"]["policies"] = many.into();
            let text = pull.to_string();
            let begun = std::time::Instant::now();
            let model = Model::of(&text).unwrap();
            let mapped = begun.elapsed();
            let kept = model.stored();
            let json =
                serde_json::to_string(&intake(Model::of_stored(&kept).unwrap(), Redact::Nothing)).unwrap();
            println!(
                "{} KB: {mapped:?}, whole {:?}, kept {}, json {}",
                text.len() / 1024,
                begun.elapsed(),
                kept.len(),
                json.len()
            );
        }
    }
}
