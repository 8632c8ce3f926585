//! Doing the work of the outbox. Each piece may be done again: it reads, or writes over a copy.

mod attempt;
mod copy;
mod document;
mod failure;
mod fetch;
mod link;
mod notify;

pub use attempt::{Ending, attempt, report};
pub use notify::tell;
