//! Servicing actions: changes to a policy that the consumer confirms.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{ids, pull::Step, world::World};

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
const WAITING: &str = "WAITING_FOR_CONSUMER_CONFIRMATION";

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

impl World {
    /// Makes the actions of a pull; their ids in the order given.
    pub fn add_servicings(
        &mut self,
        pull_id: &str,
        actions: Vec<(String, Value)>,
        status: &str,
    ) -> Vec<String> {
        let mut made = Vec::new();
        for (kind, payload) in actions {
            let servicing_action_id = ids::random_uuid();
            let number = self.servicings.values().map(|servicing| servicing.number).max().unwrap_or(0) + 1;
            let servicing = Servicing {
                servicing_action_id: servicing_action_id.clone(),
                number,
                pull_id: pull_id.to_owned(),
                kind,
                payload,
                status: status.to_owned(),
            };
            self.servicings.insert(servicing_action_id.clone(), servicing);
            made.push(servicing_action_id);
        }
        made
    }

    /// The actions of a pull, in order.
    #[must_use]
    pub fn servicings_of(&self, pull_id: &str) -> Vec<&Servicing> {
        let mut of: Vec<&Servicing> =
            self.servicings.values().filter(|servicing| servicing.pull_id == pull_id).collect();
        of.sort_by_key(|servicing| servicing.number);
        of
    }

    /// Asks the consumer about the next queued action, or ends the pull when none is left.
    pub fn next_servicing_action(&mut self, pull_id: &str) {
        let Some(next) =
            self.servicings_of(pull_id).into_iter().find(|servicing| servicing.status == "QUEUED").cloned()
        else {
            self.plan(pull_id, vec![Step::Complete]);
            return;
        };
        self.set_servicing_status(&next.servicing_action_id, WAITING);
        self.change(pull_id, |pull| pull.status = WAITING.into());
        let data = json!({"servicing_action_id": next.servicing_action_id, "type": next.kind});
        self.send(pull_id, "SERVICING_WAITING_FOR_CONSUMER_CONFIRMATION", data, Map::new());
    }

    /// Takes the consumer's answer; false when the action does not wait for one.
    pub fn confirm_servicing(
        &mut self,
        pull_id: &str,
        servicing_action_id: &str,
        is_confirmed: bool,
    ) -> bool {
        let waits = self
            .servicings
            .get(servicing_action_id)
            .is_some_and(|servicing| servicing.pull_id == pull_id && servicing.status == WAITING);
        if waits {
            self.set_servicing_status(
                servicing_action_id,
                if is_confirmed { "SUCCESS" } else { "UNCONFIRMED" },
            );
            self.change(pull_id, |pull| {
                pull.status = if is_confirmed { "SUBMITTING_CONFIRMATION" } else { "SERVICING" }.into()
            });
            self.plan(pull_id, vec![Step::NextServicingAction]);
        }
        waits
    }

    /// The login made for it has an action that the carrier verified already.
    pub fn verify_servicing_of(&mut self, pull_id: &str) {
        let is_that =
            self.pulls.get(pull_id).is_some_and(|pull| pull.username == "user_servicing_verification");
        if is_that && self.servicings_of(pull_id).is_empty() {
            let payload = json!({
                "carrier_policy_number": "HO132483",
                "name": "JP MORGAN CHASE BANK NA ISAOA ATIMA",
                "address": "PO BOX 47020, ATLANTA, GA 30362",
                "loan_number": "1234567890",
                "mortgagee_type": "FIRST",
            });
            self.add_servicings(pull_id, vec![("ADD_MORTGAGEE".into(), payload)], "VERIFIED");
        }
    }

    fn set_servicing_status(&mut self, servicing_action_id: &str, status: &str) {
        if let Some(servicing) = self.servicings.get_mut(servicing_action_id) {
            status.clone_into(&mut servicing.status);
        }
    }
}
