//! What protects the agency's back office: what a token is good for, and what never leaves the edge in the clear.

pub mod approval;
pub mod audit;
mod connector_secrets;
mod local_hosts;
mod pull_token;
mod redact;
mod scopes;

pub use connector_secrets::{ConnectorSecret, ConnectorSecrets};
pub use local_hosts::LocalHosts;
pub use pull_token::{PULL_TOKEN_SECONDS, PullToken, PullTokenError, PullTokenKey, derived_keys};
pub use redact::{MASK, rewritten};
pub use scopes::Scopes;
