//! A login as its readers see it.

use serde::{Deserialize, Serialize};

use super::status::{IdentityOption, Sequence};
use crate::{
    html::Segment,
    status::{Meaning, PullStatus},
};

/// Where the login stands, safe to show: what Canopy said of it, member by member, whether or not a consumer could act on
/// it. What they are asked, a session's prompt says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthView {
    /// `null` when Canopy sent none.
    pub sequence: Option<Sequence>,
    /// The login's own status.
    pub status: PullStatus,
    /// For `IDENTITY_VERIFICATION_OPTIONS`.
    pub options: Vec<IdentityOption>,
    /// `login_error_message` as text and safe links; empty when there is none.
    pub message: Vec<Segment>,
}

impl AuthView {
    /// Whether the insurance company has taken the login.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        self.status.meaning() != Meaning::Fails
            && self.status.progress() >= PullStatus::GettingConsumers.progress()
    }
}
