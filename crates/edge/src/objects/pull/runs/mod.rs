//! Runs of workflows on this pull: started by its entries, or by somebody; carried on by its alarm.

mod document;
mod home;
mod start;

pub use start::{Started, manual, start};
