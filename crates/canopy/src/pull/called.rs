//! What was asked of Canopy about a pull, as its log has it.

use serde::{Deserialize, Serialize};

use crate::{contract::Operation, id::Id};

/// Body of an entry of [`super::Kind::Call`]: what was asked through the edge, and no word of what was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Called {
    /// `operationId`
    pub operation: String,
    /// Name of the back-office token; `(page)` for a page's session.
    pub caller: String,
    /// The request by which it was asked first.
    pub request_id: String,
    /// Of Canopy's answer.
    pub status: u16,
    /// The monitoring that it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitoring_id: Option<Id>,
    /// The servicing actions that it was about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub servicing_action_ids: Vec<Id>,
}

/// Who asks for a page's session.
pub const OF_PAGE: &str = "(page)";

impl Called {
    /// What a log tells these entries apart by: one answer that is given several times is one call.
    #[must_use]
    pub fn key(&self) -> Vec<u8> {
        format!("call/{}", self.request_id).into_bytes()
    }

    /// What was asked; `None` for what another version knows.
    #[must_use]
    pub fn operation(&self) -> Option<Operation> {
        Operation::of_id(&self.operation)
    }
}
