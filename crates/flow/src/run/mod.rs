//! A run: its journal, and what it does next. Nothing here is done: the edge does it, and says how it went.

mod input;
mod journal;
mod machine;
mod outcome;
mod rounds;
mod scope;

pub use journal::{Journal, Record, State};
pub use machine::{Answer, Event, Machine, Next, Writing};
pub use outcome::{Ended, Reason, Status};
pub use scope::{Run, World};

#[cfg(test)]
mod tests;
