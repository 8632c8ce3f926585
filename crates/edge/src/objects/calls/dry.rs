//! What is asked of a dry run.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// See above.
#[derive(Serialize, Deserialize)]
pub struct DryRun {
    /// The instance, as expressions read it.
    pub instance: String,
    /// The group, and its version; 0 for one that was not put.
    pub group: String,
    pub version: i64,
    /// The group's JSON.
    pub definition: String,
    /// Of an instance.
    pub config: Value,
    /// The only flow to be played.
    pub flow: Option<String>,
    /// The entry that starts it.
    pub position: Option<i64>,
    /// What others answer, by the paths of steps.
    pub answers: Value,
    /// Where the edge is reached.
    pub origin: String,
}
