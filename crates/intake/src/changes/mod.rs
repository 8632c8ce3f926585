//! What changed between two models: two versions of a pull, or the newest versions of two refreshes of an account, whose
//! ids may all differ.
//!
//! ```text
//! two models ─ sides ─▶ who stands in whom ─ pairs ─▶ which row is which ─ between ─▶ changes, each with a sentence
//! ```
//!
//! A row is found again by Canopy's id, else by what it is known by, within the counterpart of what it
//! stands in. What stands in a row that came or went is not listed apart.

mod account;
mod alike;
mod between;
mod change;
mod drivers;
mod kind;
mod pairs;
mod plan;
mod plans;
mod query;
mod sentence;
mod side;
mod subject;
mod writer;

pub use account::Pull;
pub use between::between;
pub use change::{Change, Changes, MAX_CHANGES};
pub use kind::ChangeKind;
pub use query::{ChangesQuery, From};

#[cfg(test)]
mod tests;
