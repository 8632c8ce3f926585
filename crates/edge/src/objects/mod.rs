//! The Durable Objects, and the calls to them.

pub mod calls;
pub mod coming;
mod idempotency;
mod only;
mod pull;
mod session;
mod sweep;
mod sync;
