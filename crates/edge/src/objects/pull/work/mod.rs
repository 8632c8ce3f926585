//! Doing the work of the outbox. Each piece may be done again: it reads, or writes over a copy.

mod announce;
mod attempt;
mod copy;
mod deliver;
mod document;
mod fetch;
mod link;
mod notify;

pub use announce::announce;
pub use attempt::{Ending, attempt, report};
pub use notify::tell;
