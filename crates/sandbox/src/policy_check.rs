//! Policy Check: does what is insured meet what was asked for.

use serde_json::{Map, Value, json};

/// One check of a policy: what was found, what was asked for, and whether that is enough.
struct Check {
    name: &'static str,
    complies: bool,
    actual: Value,
    expected: Value,
}

/// Adds the result of `settings` (`vehicle`, `dwelling`) to each policy of a pull, and to the pull.
pub fn add(pull: &mut Value, settings: &Value) {
    let mut statuses = Vec::new();
    for policy in pull["policies"].as_array_mut().into_iter().flatten() {
        let checks = checks(policy, settings);
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

fn checks(policy: &Value, settings: &Value) -> Vec<Check> {
    let mut checks = Vec::new();
    let active = policy["status"] == "ACTIVE";
    let not_active =
        |name| Check { name, complies: active, actual: policy["status"].clone(), expected: json!("ACTIVE") };
    if has(policy, "dwellings") && settings["dwelling"]["DWELLING_POLICY_NOT_ACTIVE"] == true {
        checks.push(not_active("DWELLING_POLICY_NOT_ACTIVE"));
    }
    if !has(policy, "vehicles") {
        return checks;
    }
    let vehicle = &settings["vehicle"];
    if vehicle["POLICY_NOT_ACTIVE"] == true {
        checks.push(not_active("POLICY_NOT_ACTIVE"));
    }
    for (name, coverage) in
        [("NO_COLLISION_COVERAGE", "COLLISION"), ("NO_COMPREHENSIVE_COVERAGE", "COMPREHENSIVE")]
    {
        if vehicle[name] == true {
            let covered = find(policy, coverage).is_some_and(|found| found["is_declined"] == false);
            checks.push(Check { name, complies: covered, actual: json!(covered), expected: json!(true) });
        }
    }
    for (name, coverage) in [
        ("MAX_COLLISION_DEDUCTIBLE_CENTS", "COLLISION"),
        ("MAX_COMPREHENSIVE_DEDUCTIBLE_CENTS", "COMPREHENSIVE"),
    ] {
        if let Some(limit) = vehicle[name].as_i64() {
            let actual = find(policy, coverage).and_then(|found| found["deductible_cents"].as_i64());
            checks.push(Check {
                name,
                complies: actual.is_some_and(|cents| cents <= limit),
                actual: json!(actual),
                expected: json!(limit),
            });
        }
    }
    checks
}

fn has(policy: &Value, list: &str) -> bool {
    policy[list].as_array().is_some_and(|items| !items.is_empty())
}

fn find<'a>(policy: &'a Value, coverage: &str) -> Option<&'a Value> {
    policy["vehicles"][0]["coverages"].as_array()?.iter().find(|found| found["name"] == coverage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failed_check_makes_the_pull_not_compliant() {
        let vehicle =
            json!([{"coverages": [{"name": "COLLISION", "deductible_cents": 50_000, "is_declined": false}]}]);
        let pull = || json!({"policies": [{"status": "ACTIVE", "vehicles": vehicle.clone()}, {"status": "ACTIVE", "dwellings": []}]});
        let status = |settings: Value| {
            let mut pull = pull();
            add(&mut pull, &settings);
            (pull["policy_check_status"].clone(), pull["policies"][1]["policy_check"]["status"].clone())
        };
        assert_eq!(
            status(json!({"vehicle": {"MAX_COLLISION_DEDUCTIBLE_CENTS": 50_000}})),
            (json!("COMPLIANT"), json!("NONE"))
        );
        assert_eq!(
            status(json!({"vehicle": {"MAX_COLLISION_DEDUCTIBLE_CENTS": 49_999, "POLICY_NOT_ACTIVE": true}})),
            (json!("NOT_COMPLIANT"), json!("NONE"))
        );
    }
}
