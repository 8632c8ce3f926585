//! What may be told of a login after it was sent.

use serde::{Deserialize, Serialize};

use crate::id::Id;

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
