//! Tasks: what needs a person. One is open as long as its pull is what it is about, and closes by itself.
//!
//! Each pull's own are written into D1 with its copy. That a pull stands still nothing tells of: those are looked for when the
//! tasks are read. Source: design, "Back office".

mod kind;
mod open;
mod query;

pub use kind::Kind;
pub use open::{Key, Shown, Task, of, of_dead_letters};
pub use query::{Cursor, LEFT_MILLIS, TaskQuery};
