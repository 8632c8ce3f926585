//! The Durable Objects, and the calls to them.

pub mod calls;
mod idempotency;
mod pull;
mod session;
mod sync;
