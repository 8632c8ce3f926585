//! Receivers of webhooks, and what is on its way to them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A registered receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hook {
    pub team_id: String,
    pub webhook_id: String,
    pub url: String,
    pub signing_secret: String,
    pub is_active: bool,
    /// From the configuration: survives a reset.
    pub is_configured: bool,
    /// Empty: all.
    pub event_types: Vec<String>,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    Pending,
    Delivered,
    Failed,
}

/// One webhook on its way to one receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub pull_id: String,
    pub event_type: String,
    pub webhook_id: String,
    pub url: String,
    pub body: String,
    pub state: DeliveryState,
    pub created_ms: u64,
    pub due_ms: u64,
    pub attempts: Vec<Attempt>,
}

impl Delivery {
    /// Whether an attempt has begun that has not ended, and is not given up as one that never will.
    #[must_use]
    pub fn is_under_way(&self, now: u64) -> bool {
        let is_open = |attempt: &Attempt| attempt.status.is_none() && attempt.error.is_none();
        self.state == DeliveryState::Pending && self.due_ms > now && self.attempts.last().is_some_and(is_open)
    }
}

/// One time it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    pub at_ms: u64,
    /// Exactly the headers sent.
    pub headers: BTreeMap<String, String>,
    /// Status answered; `None` when there was no answer in time, or none yet.
    pub status: Option<u16>,
    pub error: Option<String>,
}
