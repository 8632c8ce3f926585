//! What something follows from.

use serde::{Deserialize, Serialize};

use crate::{id::Position, time::UnixMillis};

/// The entry that something follows from, and when it was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Since {
    pub(super) position: Position,
    pub(super) at: UnixMillis,
}

/// The last signs of a pull's, of each kind that something waits after.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Signs {
    /// Of any webhook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) heard: Option<Since>,
    /// Of the newest step of the login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) login: Option<Since>,
    /// That the consumer was asked to come back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reconnect: Option<Since>,
    /// The newest snapshot of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fetched: Option<Since>,
}

/// A sign of a pull's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// A webhook.
    Heard,
    /// The newest step of its login.
    Login,
    /// That the consumer was asked to come back.
    Reconnect,
}

/// How a pull stands, as far as what is to come depends on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Situation {
    /// It is a refresh of another, with which its account's events are.
    pub is_refresh: bool,
    /// The consumer is asked for something.
    pub asks: bool,
    /// It goes on by itself.
    pub is_under_way: bool,
    /// A monitored refresh needs the consumer.
    pub needs_reconnect: bool,
    /// The consumer has never signed in, as far as is known: nothing has come of it.
    pub is_unauthenticated: bool,
}
