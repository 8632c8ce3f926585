//! A link that consumers open.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A link as it was made or changed over the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Widget {
    pub team_id: String,
    /// As the API shows it.
    pub shown: Value,
}
