//! The pulls there are: what changes one, and what it shows.

use serde_json::Value;

use crate::{
    household::{self, Shown, View},
    logins, policy_check,
    rows::{Pull, Step},
    world::World,
};

/// Id of the row that holds a team's Policy Check settings.
#[must_use]
pub fn check_key(team_id: &str) -> String {
    format!("policy check {team_id}")
}

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

    /// The body that a pull has once everything has come.
    #[must_use]
    pub fn whole_body(&self, pull: &Pull) -> Value {
        household::pull_body(&View { shown: Shown::Everything, ..pull.view() })
    }

    /// What every pull of a team is checked for: nothing before it was set.
    #[must_use]
    pub fn team_check(&self, team_id: &str) -> Option<policy_check::Settings> {
        self.settings.get(&check_key(team_id)).and_then(policy_check::Settings::read)
    }

    /// The body of a pull that exists.
    #[must_use]
    pub fn body(&self, pull_id: &str) -> Value {
        let Some(pull) = self.pulls.get(pull_id) else { return Value::Null };
        let account = pull.account_identifier();
        let mut body = household::pull_body(&View { account_identifier: account.as_deref(), ..pull.view() });
        if let Some(settings) = &pull.policy_check {
            let previous = pull.parent_pull_id.as_ref().filter(|_| pull.is_refresh);
            let previous = previous.and_then(|id| self.pulls.get(id)).map(|pull| self.whole_body(pull));
            policy_check::add(&mut body, settings, previous.as_ref());
        }
        self.add_uploads(pull_id, &mut body);
        body
    }
}
