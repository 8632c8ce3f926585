//! A change to a policy that was asked for.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::contract;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Servicing {
    pub servicing_action_id: String,
    pub number: u64,
    pub pull_id: String,
    pub kind: String,
    pub payload: Value,
    pub status: String,
}

impl Servicing {
    /// As the API shows it. What is to be confirmed is known once the carrier was asked.
    #[must_use]
    pub fn shown(&self) -> Value {
        let mut shown = json!({
            "servicing_action_id": self.servicing_action_id,
            "type": self.kind,
            "payload": self.payload,
            "status": self.status,
            "validation_error_type": null,
        });
        if !matches!(self.status.as_str(), "QUEUED" | "IN_PROGRESS") {
            shown["confirmation_data"] = self.confirmation();
        }
        shown
    }

    fn confirmation(&self) -> Value {
        if self.kind == "ADD_VEHICLE" {
            return json!({
                "requires_agent": false,
                "coverage_selections": contract::confirmed_coverages(&self.payload["coverage_selections"]),
                "adjusted_policy_premium_cents": 86750,
            });
        }
        let mortgagee = |name: &str, loan: &str| {
            json!({
                "name": name,
                "address": "620 ATLANTIC AVENUE, BROOKLYN, NY, 11217",
                "loan_number": loan,
                "mortgagee_type": self.payload["mortgagee_type"],
            })
        };
        let held = mortgagee("METROPOLIS BANK", "123456789");
        let mut wanted = self.payload.clone();
        if let Some(fields) = wanted.as_object_mut() {
            fields.remove("carrier_policy_number");
        }
        let (before, after) = match self.kind.as_str() {
            "ADD_MORTGAGEE" => (Value::Null, wanted),
            "EDIT_MORTGAGEE" => (held, wanted),
            _ => (held, Value::Null),
        };
        json!({"carrier_policy_number": self.payload["carrier_policy_number"], "before": before, "after": after})
    }
}

/// The requested actions as type and payload; `None` when one of them is not as the contract says.
#[must_use]
pub fn requested(actions: &Value) -> Option<Vec<(String, Value)>> {
    let actions = actions.as_array().filter(|actions| !actions.is_empty())?;
    let each = actions.iter().map(|action| {
        let kind = action["type"].as_str().filter(|_| contract::is_servicing_action(action))?;
        Some((kind.to_owned(), action["payload"].clone()))
    });
    each.collect()
}
