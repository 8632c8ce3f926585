//! Runs of workflows on this pull: started by its entries, or by somebody; carried on by its alarm.

mod advance;
mod document;
mod rows;
mod start;

pub use advance::advance;
pub use rows::{cancel, decide, find, head_context, page_to_copy, retry, set_copied, step_context};
pub use start::{Started, manual, start};
