//! Servicing actions: changes to a policy that the consumer confirms.

use serde_json::{Map, Value, json};

use crate::{
    ids,
    rows::{Servicing, Step},
    world::World,
};

const WAITING: &str = "WAITING_FOR_CONSUMER_CONFIRMATION";

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
