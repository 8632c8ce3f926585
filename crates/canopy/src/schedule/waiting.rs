//! An event that a caller scheduled.

use serde::{Deserialize, Serialize};

use crate::{id::Position, time::UnixMillis};

/// See above: its data stays in the log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Waiting {
    pub(super) due: UnixMillis,
    /// Of the entry that has it.
    pub(super) position: Position,
    pub(super) event_type: String,
}
