//! A call that an answer waits for.

use canopy::secret::Secret;
use serde_json::Value;

/// A call to the edge's clock: it is read, or moved by `body`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub url: String,
    pub token: Option<Secret>,
    pub body: Option<Value>,
}

/// What is done when the edge has answered, or has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    ShowClock,
    MoveToNextDue,
    BeginDue,
}
