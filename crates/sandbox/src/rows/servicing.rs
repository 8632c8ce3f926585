//! A change to a policy that was asked for.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Servicing {
    pub servicing_action_id: String,
    pub number: u64,
    pub pull_id: String,
    pub kind: String,
    pub payload: Value,
    pub status: String,
}

/// The types of the contract.
const KINDS: [&str; 4] = ["ADD_MORTGAGEE", "EDIT_MORTGAGEE", "REMOVE_MORTGAGEE", "ADD_VEHICLE"];

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
            "REMOVE_MORTGAGEE" => (held, Value::Null),
            _ => (Value::Null, wanted),
        };
        json!({"carrier_policy_number": self.payload["carrier_policy_number"], "before": before, "after": after})
    }
}

/// The requested actions as type and payload; `None` when one of them is not as the contract says.
#[must_use]
pub fn requested(actions: &Value) -> Option<Vec<(String, Value)>> {
    let actions = actions.as_array().filter(|actions| !actions.is_empty())?;
    actions
        .iter()
        .map(|action| {
            let kind = action["type"].as_str().filter(|kind| KINDS.contains(kind))?;
            let payload = &action["payload"];
            let needed: &[&str] = match kind {
                "ADD_MORTGAGEE" | "EDIT_MORTGAGEE" => {
                    &["carrier_policy_number", "name", "address", "loan_number", "mortgagee_type"]
                }
                "REMOVE_MORTGAGEE" => &["carrier_policy_number", "mortgagee_type"],
                _ => &[
                    "carrier_policy_number",
                    "registered_state",
                    "garaging_address",
                    "primary_driver_full_name",
                ],
            };
            needed.iter().all(|field| payload[*field].is_string()).then(|| (kind.to_owned(), payload.clone()))
        })
        .collect()
}
