//! Who begins a session's pulls.

use serde::{Deserialize, Serialize};

/// Who draws the screens of the login, and so who begins the pull. A session without a mode may do either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Canopy, in its own window: the session learns of its pull from webhooks.
    Hosted,
    /// The page: the session begins its pull itself, and takes no other.
    Components,
}
