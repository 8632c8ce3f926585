//! The book of business: what stands of each policy where many pulls are asked at once, and what is asked there.
//!
//! Nothing in it says whose a policy is: no name, number, address or contact. Source: design, "What is kept where".

mod entry;
mod query;

#[cfg(test)]
mod tests;

pub use entry::{Entry, MAX_ENTRIES, NO_DAY, entries, known};
pub use query::{Cursor, PolicyQuery};
