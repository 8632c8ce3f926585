//! Pulls going their way: steps that are due, and the webhook each of them sends.

use serde_json::{Map, json};

use crate::{
    household::Shown,
    rows::{Pull, Step},
    world::World,
};

impl World {
    /// When the next step of any pull is due.
    #[must_use]
    pub fn next_step_ms(&self) -> Option<u64> {
        self.pulls.values().filter_map(|pull| pull.next_step_ms).min()
    }

    /// Runs every step that is due; at pace 0 all that are planned.
    pub fn run_steps(&mut self) {
        let due = |world: &Self| {
            let ready = |pull: &&Pull| pull.next_step_ms.is_some_and(|at| at <= world.now);
            world.pulls.values().filter(ready).map(|pull| pull.pull_id.clone()).collect::<Vec<_>>()
        };
        loop {
            let ready = due(self);
            if ready.is_empty() {
                return;
            }
            for pull_id in ready {
                self.run_step(&pull_id);
            }
        }
    }

    fn run_step(&mut self, pull_id: &str) {
        let next = self.now + self.pace_ms();
        let Some(pull) = self.pulls.get_mut(pull_id) else { return };
        let step = pull.steps.pop_front();
        pull.next_step_ms = (!pull.steps.is_empty()).then_some(next);
        match step {
            None => {}
            Some(Step::Auth { auth_status, status, message }) => {
                self.auth_status(pull_id, &auth_status, &status, message)
            }
            Some(Step::PolicyAvailable { index }) => {
                self.change(pull_id, |pull| pull.shown = pull.shown.max(Shown::Policies));
                let body = self.body(pull_id);
                let policy = &body["policies"][index];
                let data = json!({"policy_id": policy["policy_id"], "policy_type": policy["policy_type"]});
                self.send(pull_id, "POLICY_AVAILABLE", data, Map::new());
            }
            Some(Step::PoliciesAvailable) => {
                self.change(pull_id, |pull| pull.shown = pull.shown.max(Shown::Policies));
                self.send(pull_id, "POLICIES_AVAILABLE", json!({}), Map::new());
            }
            Some(Step::Complete) => {
                self.change(pull_id, |pull| {
                    pull.shown = Shown::Everything;
                    pull.status = "SUCCESS".into();
                });
                self.verify_servicing_of(pull_id);
                self.send(pull_id, "COMPLETE", json!({}), Map::new());
            }
            Some(Step::Failed { status }) => {
                self.change(pull_id, |pull| pull.status = status);
                self.send(pull_id, "ERROR", json!({}), Map::new());
            }
            Some(Step::Reconnect) => self.send_reconnect(pull_id),
            Some(Step::MonitoringEvents) => self.send_monitoring_events(pull_id),
            Some(Step::NextServicingAction) => self.next_servicing_action(pull_id),
            Some(Step::Parsing) => self.change(pull_id, |pull| pull.status = "DOCUMENT_PARSING".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::{
        contract,
        driven::{call, connected, world},
    };

    /// Lets everything planned happen, and names the webhooks sent since the last time.
    fn settled(world: &mut World) -> Vec<String> {
        while let Some(due) = world.next_step_ms() {
            world.now = world.now.max(due);
            world.run_steps();
        }
        let events = world.deliveries.values().map(|delivery| {
            let body: Value = serde_json::from_str(&delivery.body).unwrap();
            body["data"]["auth_status"].as_str().unwrap_or(&delivery.event_type).to_owned()
        });
        let events = events.collect();
        world.deliveries.retain(|_| false);
        events
    }

    #[test]
    fn a_pull_with_verification_waits_for_the_consumer_twice() {
        let mut world = world();
        let (pull_id, jwt) = connected(&mut world, "user_mfa");
        assert_eq!(settled(&mut world), ["QUEUED", "PROCESSING", "IDENTITY_VERIFICATION_OPTIONS"]);
        let step = |world: &mut World, name: &str, body: Value| {
            let path = format!("{}/widget/pull/{pull_id}/{name}", contract::BASE);
            call(world, &path, &[("pull-jwt", &jwt)], &body).0
        };
        assert_eq!(step(&mut world, "idv", json!({"mfaValue": "123456"})), 400, "no code was asked for");
        assert_eq!(step(&mut world, "idvoptions", json!({"optionKey": "SMS_0"})), 200);
        assert_eq!(settled(&mut world), ["IDENTITY_VERIFICATION"]);
        assert_eq!(step(&mut world, "idv", json!({"mfaValue": "000000"})), 200);
        assert_eq!(settled(&mut world), ["IDENTITY_VERIFICATION"]);
        assert_eq!(step(&mut world, "idv", json!({"mfaValue": "123456"})), 200);
        let policies = ["POLICY_AVAILABLE", "POLICY_AVAILABLE", "POLICIES_AVAILABLE", "COMPLETE"];
        assert_eq!(settled(&mut world), [&["GETTING_CONSUMERS", "SUCCESS"][..], &policies[..]].concat());
        assert_eq!(world.pulls.get(&pull_id).unwrap().sequence, 7);
    }

    #[test]
    fn documents_are_readable_only_when_the_pull_is_complete() {
        let mut world = world();
        let (pull_id, _) = connected(&mut world, "user_good");
        let mut seen = Vec::new();
        while let Some(due) = world.next_step_ms() {
            world.now = due;
            world.run_steps();
            let body = world.body(&pull_id);
            let count = |list: &str| body[list].as_array().unwrap().len();
            seen.push((count("policies"), count("documents")));
        }
        assert_eq!((seen[0], seen[seen.len() - 2], seen[seen.len() - 1]), ((0, 0), (2, 0), (2, 6)));
    }

    #[test]
    fn a_failing_carrier_ends_in_an_error_webhook() {
        let mut world = world();
        let (pull_id, _) = connected(&mut world, "user_provider_error");
        assert_eq!(settled(&mut world), ["QUEUED", "PROCESSING", "PROVIDER_ERROR", "ERROR"]);
        assert_eq!(world.pulls.get(&pull_id).unwrap().status, "PROVIDER_ERROR");
    }
}
