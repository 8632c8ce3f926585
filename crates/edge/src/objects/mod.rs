//! The Durable Objects, and the calls to them.

pub mod calls;
pub mod coming;
mod idempotency;
mod instance;
mod only;
mod pull;
mod runs;
mod session;
mod sweep;
mod sync;
mod unseen;
