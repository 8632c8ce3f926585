//! Runs of workflows: their rows, and going on with them. A pull's object keeps those that are about it, an instance's the others.

mod advance;
mod home;
mod rows;
mod steered;
mod turn;

pub use advance::advance;
pub use home::{Found, Home};
pub use rows::{
    awaits, find, generation_of, head_context, insert, next_due, next_number, page_to_copy, prepare,
    set_copied, step_context, tasks,
};
pub use steered::change;
pub use turn::CALLER;
