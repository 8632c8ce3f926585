//! The Durable Objects, and the calls to them.

pub mod calls;
mod pull;
mod session;
