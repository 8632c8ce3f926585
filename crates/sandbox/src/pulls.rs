//! The pulls there are: what changes one, and what it shows.

use serde_json::Value;

use crate::{
    household::{self, View},
    logins, policy_check,
    rows::{Pull, Step},
    world::World,
};

impl World {
    /// Plans steps in place of what was planned; the first happens after one pace.
    pub fn plan(&mut self, pull_id: &str, steps: Vec<Step>) {
        let next = self.now + self.pace_ms();
        if let Some(pull) = self.pulls.get_mut(pull_id) {
            pull.steps = steps.into();
            pull.next_step_ms = (!pull.steps.is_empty()).then_some(next);
        }
    }

    /// The number of a pull that is made next.
    #[must_use]
    pub fn next_pull_number(&self) -> u64 {
        self.pulls.values().map(|pull| pull.number).max().unwrap_or(0) + 1
    }

    /// Starts signing in with the credentials the pull has.
    pub fn sign_in(&mut self, pull_id: &str) {
        let Some(pull) = self.pulls.get(pull_id) else { return };
        let login = logins::find(&pull.username, pull.password.as_deref());
        let steps = pull.after_credentials(login);
        self.change(pull_id, |pull| pull.auth_status = "QUEUED".into());
        self.plan(pull_id, steps);
    }

    /// Changes a pull that exists.
    pub fn change(&mut self, pull_id: &str, change: impl FnOnce(&mut Pull)) {
        if let Some(pull) = self.pulls.get_mut(pull_id) {
            change(pull);
        }
    }

    /// The body of a pull that exists.
    #[must_use]
    pub fn body(&self, pull_id: &str) -> Value {
        let Some(pull) = self.pulls.get(pull_id) else { return Value::Null };
        let account = pull.account_identifier();
        let mut body = household::pull_body(&View {
            account_identifier: account.as_deref(),
            ..pull.view(&self.config.team_id)
        });
        if let Some(check) = &pull.policy_check {
            policy_check::add(&mut body, check);
        }
        self.add_uploads(pull_id, &mut body);
        body
    }
}
