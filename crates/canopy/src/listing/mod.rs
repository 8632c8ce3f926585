//! The list of pulls: what a pull is found by, and what is asked of the list.
//!
//! Pulls are found without any value of a consumer's standing in the list: what it holds of them is keyed hashes.
//! Source: design, "What is kept where".

mod account;
mod facet;
mod line;
mod plan;
mod query;

pub use account::{Monitoring, Named, monitoring};
pub use facet::{Facet, ListKey, MAX_FACETS, Name, Posting, Postings, of_snapshot, of_view};
pub use line::{FoundBy, Line, Listed};
pub use plan::{Plan, place};
pub use query::{Cursor, NEEDS, PullQuery};
