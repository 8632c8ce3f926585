//! What a page decides without a browser: which screen is shown, when a connection is tried again.

mod live;
mod machine;
mod purpose;
mod screen;
mod show;
#[cfg(test)]
mod tests;

pub use live::{Live, POLL_MILLIS};
pub use machine::{Milestone, Page};
pub use purpose::Purpose;
pub use screen::{Recovery, Reply, Screen, WaitStep};
