//! What a walk does with each pull.

use serde::{Deserialize, Serialize};

/// Each names one method of a pull's object, which is safe to call again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What is under another key than the first, or in the clear, is sealed with the first.
    Rekey,
    /// What a subscription has not got yet is looked at, and a range of it sent again.
    Deliver,
}
