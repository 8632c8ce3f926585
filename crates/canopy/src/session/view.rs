//! What a page is told of its session: no token, no policy, nothing of Canopy's that is not made safe.
//! The edge writes it, the page crate reads it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::PageEvent;
use crate::{
    api::Login,
    auth::AuthView,
    id::{Id, PullId, SessionId},
    metadata::Metadata,
    status::PullStatus,
};

/// Where a session stands, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseName {
    /// No pull yet.
    Open,
    /// The call that starts a pull is under way.
    Connecting,
    /// The page may answer for the consumer.
    Connected,
    /// The pull is known from its webhooks alone.
    Followed,
    /// The answer to the call that starts a pull was lost.
    Unknown,
}

/// What became of the consumer's answer to a servicing action. It is given once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirmation {
    /// Sent, and not known to have arrived.
    Unknown,
    /// Yes.
    Confirmed,
    /// No.
    Rejected,
}

/// A servicing action that asked for the consumer's confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicingView {
    /// The action.
    pub servicing_action_id: Id,
    /// What the consumer answered; `null` while it waits.
    pub answer: Option<Confirmation>,
}

/// The consent and the carrier of the last login sent: a page that was reloaded goes on with them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginView {
    /// The carrier.
    pub carrier_id: Id,
    /// The terms consented to.
    pub terms_version: u32,
    /// The text shown.
    pub consent_language: String,
}

impl LoginView {
    /// What a page may be told of it again: neither credentials nor what is to be changed.
    #[must_use]
    pub fn of(login: &Login) -> Self {
        Self {
            carrier_id: login.carrier_id().clone(),
            terms_version: login.consent().terms_version(),
            consent_language: login.consent().language().to_owned(),
        }
    }
}

/// A session as its page reads it. Source: design, "HTTP surface", `GET /connect/sessions/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// The session.
    pub session_id: SessionId,
    /// Grows with each change: of two views the one with the higher revision is the newer.
    pub revision: u64,
    /// Where the session stands.
    pub phase: PhaseName,
    /// Whether Canopy took the login is or was unknown.
    pub answer_lost: bool,
    /// The pull, once there is one.
    pub pull_id: Option<PullId>,
    /// The pull's status.
    pub status: Option<PullStatus>,
    /// The login as a screen shows it: it goes forward, and back only where Canopy asks something again.
    pub auth: Option<AuthView>,
    /// The number of the prompt that stands, whatever it is.
    pub prompt: u32,
    /// Whether it has been answered.
    pub prompt_answered: bool,
    /// Whether it stands because the answer before was not right.
    pub prompt_refused: bool,
    /// The identity option chosen last.
    pub chosen_option: Option<String>,
    /// Documents were sent in the place of a login.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub uploaded: bool,
    /// The last login sent.
    pub login: Option<LoginView>,
    /// The policies can be read.
    pub policies_available: bool,
    /// The documents, too.
    pub complete: bool,
    /// Whether the insurance company has none; `null` until the edge has fetched the pull.
    #[serde(default)]
    pub no_policies: Option<bool>,
    /// Types of the policies announced one by one, e.g. `AUTO`; no more of them.
    pub policy_types: Vec<String>,
    /// `PROVIDER_ERROR` or `INTERNAL_ERROR` while it stands.
    pub error: Option<PullStatus>,
    /// Servicing actions that asked for confirmation.
    pub servicing: Vec<ServicingView>,
    /// The last own event of each type that the back office has for the page.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub events: BTreeMap<String, PageEvent>,
    /// What Canopy's window is to hang on the pull, where the session came of an invitation and the window begins its pulls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// RFC 3339.
    pub expires_at: String,
    /// RFC 3339.
    pub updated_at: String,
}

impl SessionView {
    /// The servicing action of this name, if the page may answer it.
    #[must_use]
    pub fn asked_to_confirm(&self, action: &str) -> Option<&Id> {
        let asked = self.servicing.iter().map(|servicing| &servicing.servicing_action_id);
        let mut asked = asked.filter(|_| self.phase == PhaseName::Connected);
        asked.find(|id| id.as_str() == action)
    }
}
