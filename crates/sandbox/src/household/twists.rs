//! What is particular about a login's policies, as changes to the plain ones.

use serde_json::{Value, json};

use super::walk;
use crate::ids;

/// What is particular about one login's policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twist {
    None,
    ExpiresInDays(i64),
    DwellingPremiums {
        percent: i64,
    },
    DwellingLimit {
        cents: i64,
    },
    NoPropertyData,
    AutoLimits {
        percent: i64,
        deductible_cents: i64,
    },
    NoVehicleCoverages,
    Mortgagee,
    Status(&'static str),
    RaisedPremium,
    /// Several named insureds, and what was billed and paid.
    AgentPortal,
    /// A premium at each coverage, adding up to the policy's.
    Rated,
    Texas,
}

/// Makes the policy particular. Dates are moved later, when the policy is placed in time.
pub fn apply(policy: &mut Value, twist: Twist) {
    match twist {
        Twist::None | Twist::ExpiresInDays(_) => {}
        Twist::DwellingPremiums { percent } => {
            each(policy, "dwellings", |coverage| scale(coverage, "premium_cents", percent))
        }
        Twist::DwellingLimit { cents } => each(policy, "dwellings", |coverage| {
            if coverage["name"] == "DWELLING" {
                coverage["per_incident_limit_cents"] = json!(cents);
            }
        }),
        Twist::NoPropertyData => {
            for dwelling in policy["dwellings"].as_array_mut().into_iter().flatten() {
                if let Some(dwelling) = dwelling.as_object_mut() {
                    dwelling.remove("property_data");
                    dwelling.insert("property_data_fetched".into(), json!(false));
                }
            }
        }
        Twist::AutoLimits { percent, deductible_cents } => each(policy, "vehicles", |coverage| {
            scale(coverage, "per_person_limit_cents", percent);
            scale(coverage, "per_incident_limit_cents", percent);
            if coverage["deductible_cents"].is_i64() {
                coverage["deductible_cents"] = json!(deductible_cents);
            }
        }),
        Twist::NoVehicleCoverages => {
            for vehicle in policy["vehicles"].as_array_mut().into_iter().flatten() {
                vehicle["coverages"] = json!([]);
            }
        }
        Twist::Mortgagee => {
            for dwelling in policy["dwellings"].as_array_mut().into_iter().flatten() {
                dwelling["mortgagees"] = json!([{
                    "mortgagee_id": ids::derived_uuid(&["mortgagee"]),
                    "mortgagee_name": "SMALLVILLE SAVINGS BANK ISAOA ATIMA",
                    "mortgagee_address": dwelling["mortgagee_address"],
                    "mortgagee_type": "FIRST",
                    "mortgage_loan_number": "9876543210",
                }]);
            }
        }
        Twist::Status(status) => policy["status"] = json!(status),
        Twist::RaisedPremium => scale(policy, "total_premium_cents", 121),
        Twist::AgentPortal => {
            let mut second = policy["named_insureds"][0].clone();
            second["named_insured_id"] = json!(ids::derived_uuid(&["second named insured"]));
            second["first_name"] = json!("Lois");
            second["middle_name"] = Value::Null;
            second["last_name"] = json!("Lane");
            second["full_name"] = json!("Lois Lane");
            second["is_primary_named_insured"] = json!(false);
            if let Some(insureds) = policy["named_insureds"].as_array_mut() {
                insureds.push(second);
            }
            let premium = policy["total_premium_cents"].as_i64().unwrap_or(0);
            policy["amount_paid_cents"] = json!(premium / 4);
            policy["amount_due_cents"] = json!(premium - premium / 4);
        }
        Twist::Rated => {
            let mut total = 0;
            for list in ["dwellings", "vehicles"] {
                each(policy, list, |coverage| {
                    if coverage["premium_cents"].is_null() && coverage["is_declined"] == false {
                        coverage["premium_cents"] = json!(1_200);
                    }
                    total += coverage["premium_cents"].as_i64().unwrap_or(0);
                });
            }
            if total > 0 {
                policy["total_premium_cents"] = json!(total);
            }
        }
        Twist::Texas => walk::each_address(policy, &mut |address| {
            address["city"] = json!("Austin");
            address["state"] = json!("TX");
            address["zip"] = json!("78701");
            let street =
                format!("{} {} {}", text(address, "number"), text(address, "street"), text(address, "type"));
            address["full_address"] = json!(format!("{street}, Austin, TX, 78701"));
        }),
    }
    if matches!(twist, Twist::Texas) {
        policy["state"] = json!("TX");
    }
}

fn text<'a>(of: &'a Value, field: &str) -> &'a str {
    of[field].as_str().unwrap_or_default()
}

/// Every coverage of every item of `list`.
fn each(policy: &mut Value, list: &str, mut change: impl FnMut(&mut Value)) {
    for item in policy[list].as_array_mut().into_iter().flatten() {
        item["coverages"].as_array_mut().into_iter().flatten().for_each(&mut change);
    }
}

fn scale(of: &mut Value, field: &str, percent: i64) {
    if let Some(amount) = of[field].as_i64() {
        of[field] = json!(amount * percent / 100);
    }
}
