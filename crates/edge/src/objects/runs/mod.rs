//! Runs of workflows: their rows, and going on with them. A pull's object keeps those that are about it, an instance's the others.

mod advance;
mod home;
mod pace;
mod reseal;
mod rows;
mod steered;
mod turn;

pub use advance::advance;
pub use home::{Found, Home};
pub use pace::webhook_came;
pub use reseal::reseal;
pub use rows::{
    awaits, beyond, find, generation_of, insert, let_go, next_due, next_number, page_to_copy, prepare,
    set_copied, tasks,
};
pub use steered::change;
pub use turn::CALLER;
