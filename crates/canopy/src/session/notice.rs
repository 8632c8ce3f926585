//! What a session hears of its pulls.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    auth::AuthView,
    id::{Id, PullId},
    pull::{LastOwn, View},
    schedule::Data,
    status::PullStatus,
    time::UnixMillis,
};

/// What a pull tells its session after each change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The pull.
    pub pull_id: PullId,
    /// Position of the last event folded in: a lower one is older news.
    pub revision: u64,
    /// See [`crate::pull::View`].
    pub status: Option<PullStatus>,
    /// See [`crate::pull::View`].
    pub auth: Option<AuthView>,
    /// See [`crate::pull::View`].
    pub policies_available: bool,
    /// See [`crate::pull::View`].
    pub complete: bool,
    /// See [`crate::pull::View`].
    #[serde(default)]
    pub no_policies: Option<bool>,
    /// Types of the policies announced one by one.
    #[serde(default)]
    pub policy_types: Vec<String>,
    /// See [`crate::pull::View`].
    pub error: Option<PullStatus>,
    /// Servicing actions that asked for the consumer's confirmation.
    pub servicing: Vec<Id>,
    /// The last own event of each type that is for the page.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub events: BTreeMap<String, PageEvent>,
}

/// An own event of a pull, as its page is told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageEvent {
    /// When it counts.
    #[serde(with = "crate::schedule::rfc3339")]
    pub effective_at: UnixMillis,
    /// What goes with it.
    pub data: Data,
}

impl PageEvent {
    fn of((event_type, own): (String, LastOwn)) -> (String, Self) {
        (event_type, Self { effective_at: own.effective_at, data: own.data })
    }
}

/// What a notice changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// Nothing: it was known.
    None,
    /// Something that is gone in a moment. Should it be forgotten, the pull tells where it stands.
    Passing,
    /// Something that the page acts on, or that stays.
    Lasting,
}

impl Notice {
    /// What of it is not only passed through.
    pub(super) fn lasting(&self) -> impl PartialEq {
        let is_passing = |auth: &&AuthView| auth.status.question().is_none() && auth.status.is_passing();
        let auth = self.auth.as_ref().filter(|auth| !is_passing(auth)).cloned();
        let ends = (self.policies_available, self.complete, self.no_policies);
        (auth, ends, self.error.clone(), self.servicing.clone(), self.events.clone())
    }

    /// Whether more is to come: then what is forgotten is told again.
    pub(super) fn is_on_the_way(&self) -> bool {
        !self.complete && self.error.is_none()
    }

    /// The part of a pull's view that its session needs: of its policies no more than what kind they are.
    #[must_use]
    pub fn new(pull_id: PullId, revision: u64, view: View) -> Self {
        Self {
            pull_id,
            revision,
            status: view.status,
            auth: view.auth,
            policies_available: view.policies_available,
            complete: view.complete,
            no_policies: view.no_policies,
            policy_types: view.policies.into_values().flatten().collect(),
            error: view.error,
            servicing: view.servicing.into_iter().collect(),
            events: view.own.into_iter().filter(|(_, own)| own.page).map(PageEvent::of).collect(),
        }
    }
}
