//! Runs of workflows on this pull: started by its entries, or by somebody; carried on by its alarm.

mod document;
mod dry;
mod home;
mod start;

pub use dry::dry_run;
pub use start::{Started, manual, start};
