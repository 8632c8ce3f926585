//! What a pull's object answers to one call of a walk.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A step is bounded: what takes longer is more than one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The pull is done.
    Done,
    /// It is not: the next call is given `within`, `after` milliseconds later.
    More {
        /// How far it is, in the object's own words.
        within: Value,
        /// Milliseconds.
        after: u64,
    },
    /// It cannot be done, and trying again is of no use.
    Refused {
        /// For the operator: nothing of a consumer's.
        why: String,
    },
}

impl Step {
    /// The next step may follow at once.
    #[must_use]
    pub fn more(within: Value) -> Self {
        Self::More { within, after: 0 }
    }
}
