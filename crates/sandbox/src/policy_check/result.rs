//! What a Policy Check found, as the pull and each of its policies show it.

use serde_json::{Map, Value, json};

use super::{checks::checks, settings::Settings};

/// Adds the result of `settings` to each policy of a pull, and to the pull. `previous` is the body of the pull before
/// it in its monitoring, if it is a refresh.
pub fn add(pull: &mut Value, settings: &Settings, previous: Option<&Value>) {
    let mut statuses = Vec::new();
    for policy in pull["policies"].as_array_mut().into_iter().flatten() {
        let checks = checks(policy, settings, previous);
        let status = if checks.is_empty() {
            "NONE"
        } else if checks.iter().all(|check| check.complies) {
            "COMPLIANT"
        } else {
            "NOT_COMPLIANT"
        };
        let (mut actual, mut expected) = (Map::new(), Map::new());
        for check in checks {
            actual.insert(check.name.into(), check.actual);
            expected.insert(check.name.into(), check.expected);
        }
        policy["policy_check"] =
            json!({"status": status, "details": {"status": status, "actual": actual, "expected": expected}});
        statuses.push(status);
    }
    let overall =
        ["NOT_COMPLIANT", "COMPLIANT"].into_iter().find(|status| statuses.contains(status)).unwrap_or("NONE");
    pull["policy_check_status"] = json!(overall);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One car, one home; the second policy is not in force.
    fn pull() -> Value {
        let coverages = json!([
            {"name": "COLLISION", "deductible_cents": 50_000, "is_declined": false},
            {"name": "BODILY_INJURY_LIABILITY", "per_person_limit_cents": 100, "per_incident_limit_cents": 300},
            {"name": "PROPERTY_DAMAGE_LIABILITY", "per_incident_limit_cents": 50},
        ]);
        let vehicle = json!({
            "vin": "1G1FK1R62J0158884",
            "lien_holder": "Metropolis Bank",
            "drivers": [{"first_name": "Clark", "last_name": "Kent"}],
            "coverages": coverages,
        });
        let dwelling = json!({
            "loss_settlement_type": "ACTUAL_CASH_VALUE",
            "replacement_cost_cents": 500,
            "coverages": [{"name": "DWELLING", "per_incident_limit_cents": 400}],
        });
        json!({"policies": [
            {"status": "ACTIVE", "carrier_policy_number": "A", "vehicles": [vehicle], "dwellings": []},
            {"status": "EXPIRED", "carrier_policy_number": "H", "vehicles": [], "dwellings": [dwelling]},
        ]})
    }

    /// Statuses of the pull, of the car's policy and of the home's.
    fn statuses(settings: Value, previous: Option<&Value>) -> [Value; 3] {
        let mut pull = pull();
        add(&mut pull, &serde_json::from_value(settings).unwrap(), previous);
        let of = |index: usize| pull["policies"][index]["policy_check"]["status"].clone();
        [pull["policy_check_status"].clone(), of(0), of(1)]
    }

    #[test]
    fn one_failed_check_makes_the_pull_not_compliant() {
        assert_eq!(
            statuses(json!({"vehicle": {"MAX_COLLISION_DEDUCTIBLE_CENTS": 50_000}}), None),
            ["COMPLIANT", "COMPLIANT", "NONE"]
        );
        let both =
            json!({"vehicle": {"POLICY_NOT_ACTIVE": true}, "dwelling": {"DWELLING_POLICY_NOT_ACTIVE": true}});
        assert_eq!(statuses(both, None), ["NOT_COMPLIANT", "COMPLIANT", "NOT_COMPLIANT"]);
    }

    #[test]
    fn each_setting_of_the_contract_is_checked() {
        let rows = [
            ("POLICY_NOT_ACTIVE", json!(true), None),
            ("LIENHOLDER_NAME_MISMATCH", json!(["metropolis bank"]), Some(json!(["Other Bank"]))),
            ("DRIVER_NAME_MISMATCH", json!(["Clark Kent"]), Some(json!(["Clark Kent", "Lois Lane"]))),
            ("VIN_MISMATCH", json!(["1G1FK1R62J0158884"]), Some(json!(["1G1FK1R62J0158885"]))),
            ("DRIVER_REMOVED", json!(true), None),
            ("VEHICLE_REMOVED", json!(true), None),
            ("NO_COLLISION_COVERAGE", json!(true), None),
            ("NO_COMPREHENSIVE_COVERAGE", json!(false), Some(json!(true))),
            ("MAX_COLLISION_DEDUCTIBLE_CENTS", json!(50_000), Some(json!(49_999))),
            ("MAX_COMPREHENSIVE_DEDUCTIBLE_CENTS", json!(null), Some(json!(1))),
            ("MIN_PROPERTY_DAMAGE_COVERAGE_CENTS", json!(50), Some(json!(51))),
            (
                "MIN_BODILY_INJURY_COVERAGE",
                json!({"per_person_cents": 100}),
                Some(json!({"per_accident_cents": 301})),
            ),
            (
                "MIN_UNINSURED_MOTORIST_BODILY_INJURY_COVERAGE",
                json!({}),
                Some(json!({"per_person_cents": 1})),
            ),
        ];
        for (name, enough, too_much) in rows {
            assert_ne!(
                statuses(json!({"vehicle": {name: enough}}), Some(&pull()))[1],
                "NOT_COMPLIANT",
                "{name}"
            );
            if let Some(too_much) = too_much {
                assert_eq!(
                    statuses(json!({"vehicle": {name: too_much}}), None)[1],
                    "NOT_COMPLIANT",
                    "{name}"
                );
            }
        }
        for name in [
            "DWELLING_POLICY_NOT_ACTIVE",
            "LOSS_SETTLEMENT_TYPE_EQUALS_REPLACEMENT_COST",
            "REPLACEMENT_COST_EXCEEDS_DWELLING_LIMIT",
        ] {
            assert_eq!(statuses(json!({"dwelling": {name: true}}), None)[2], "NOT_COMPLIANT", "{name}");
            assert_eq!(statuses(json!({"dwelling": {name: false}}), None)[2], "NONE", "{name}");
        }
    }

    #[test]
    fn what_the_previous_pull_had_and_this_one_has_not_was_removed() {
        let mut previous = pull();
        let mut second = previous["policies"][0]["vehicles"][0].clone();
        second["vin"] = json!("1HD1KRM19KB612345");
        second["drivers"][0]["first_name"] = json!("Lois");
        previous["policies"][0]["vehicles"].as_array_mut().unwrap().push(second);
        for name in ["DRIVER_REMOVED", "VEHICLE_REMOVED"] {
            let settings = json!({"vehicle": {name: true}});
            assert_eq!(statuses(settings.clone(), Some(&previous))[1], "NOT_COMPLIANT", "{name}");
            assert_eq!(statuses(settings, None)[1], "COMPLIANT", "{name}");
        }
    }

    #[test]
    fn a_filter_leaves_other_vehicles_alone() {
        let of = |vin: &str| {
            let settings =
                json!({"vehicle": {"POLICY_NOT_ACTIVE": true}, "filters": {"vehicle": {"vin": {"eq": vin}}}});
            statuses(settings, None)[1].clone()
        };
        assert_eq!((of("1G1FK1R62J0158884"), of("1HD1KRM19KB612345")), (json!("COMPLIANT"), json!("NONE")));
    }
}
