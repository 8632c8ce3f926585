//! Runs, as objects and their callers speak of them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the list shows of a run: no data of the consumer's.
#[derive(Serialize)]
pub struct SeenRun {
    pub run_id: String,
    pub instance_id: String,
    pub group: String,
    pub version: i64,
    pub flow: String,
    pub cause: Option<i64>,
    pub status: String,
    pub started_at: i64,
    pub updated_at: i64,
    /// Why it ended before its last step, and where.
    pub ended: Option<Value>,
}

/// What a person says of a run.
#[derive(Serialize, Deserialize)]
pub enum RunChange {
    Retry { anew: bool },
    Cancel,
    Decide { path: String, approved: bool },
}

/// What became of that.
#[derive(Serialize, Deserialize)]
pub enum RunChanged {
    Taken,
    /// There is nothing to say it of.
    Refused,
    /// There is no such run.
    Unknown,
}
