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
