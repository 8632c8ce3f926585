//! What a call authenticates with. Source: contract, "Authentication".

use serde::{Deserialize, Serialize};

use crate::secret::Secret;

/// Authenticates the consumer's calls on one pull. It never leaves the session's object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullJwt(pub Secret);

impl Serialize for PullJwt {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for PullJwt {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}

/// What a call authenticates with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Credentials {
    /// `carriers`, `tos`.
    None,
    /// The team's client id and secret.
    Client,
    /// Header `pull-jwt`.
    Pull(PullJwt),
}
