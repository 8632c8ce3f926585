//! The Durable Object of one pull: its event log, its state, its outbox.

mod download;
mod object;
mod outbox;
mod reads;
mod store;
mod work;

pub use work::document_key;

use canopy::webhook::Event;
use serde::{Deserialize, Serialize};

/// A verified webhook on its way to its pull.
#[derive(Serialize, Deserialize)]
pub struct Delivery {
    /// SHA-256 of the raw body, in hex.
    pub digest: String,
    /// What it says.
    pub event: Event,
}
