//! A run: its journal, and what it does next. Nothing here is done: the edge does it, and says how it went.

mod answers;
mod approval;
mod decide;
mod input;
mod journal;
mod machine;
mod next;
mod outcome;
mod scope;
mod start;

pub use approval::Ask;
pub use journal::{Journal, Record, State};
pub use machine::Machine;
pub use next::{Answer, Event, Next, Writing};
pub use outcome::{Ended, Reason, Status};
pub use scope::{Run, World};
pub use start::{starts, takes};

#[cfg(test)]
mod tests;
