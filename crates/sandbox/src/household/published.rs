//! The published example pulls as templates: whole objects, taken by what they are.

use canopy::contract::Operation;
use serde_json::{Value, json};

use crate::contract;

/// The personal example pull: a home, a car, a life policy, one person.
#[must_use]
pub fn personal() -> &'static Value {
    example("Personal Example Response")
}

/// The commercial example pull.
#[must_use]
pub fn commercial() -> &'static Value {
    example("Commercial Example Response")
}

fn example(name: &str) -> &'static Value {
    &contract::example(Operation::GetPull, "200", Some(name)).expect("the document has both example pulls")["pull"]
}

/// The published policy of this type.
#[must_use]
pub fn policy(policy_type: &str) -> Value {
    [personal(), commercial()]
        .into_iter()
        .flat_map(|pull| pull["policies"].as_array())
        .flatten()
        .find(|policy| policy["policy_type"] == policy_type)
        .cloned()
        .expect("asked for published policy types only")
}

/// The published documents of the policy with this id.
#[must_use]
pub fn documents(policy_id: &Value) -> Vec<Value> {
    [personal(), commercial()]
        .into_iter()
        .flat_map(|pull| pull["documents"].as_array())
        .flatten()
        .filter(|document| document["policy_id"] == *policy_id)
        .cloned()
        .collect()
}

/// A coverage of a dwelling with a limit.
#[must_use]
pub fn dwelling_coverage(
    name: &str,
    friendly_name: &str,
    premium_cents: i64,
    limit_cents: Option<i64>,
    deductible_cents: Option<i64>,
) -> Value {
    json!({
        "dwelling_coverage_id": crate::ids::derived_uuid(&["dwelling coverage", name]),
        "name": name,
        "friendly_name": friendly_name,
        "premium_cents": premium_cents,
        "per_person_limit_cents": null,
        "per_incident_limit_cents": limit_cents,
        "deductible_cents": deductible_cents,
        "is_declined": false,
    })
}
