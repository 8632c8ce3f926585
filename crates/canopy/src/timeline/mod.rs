//! A pull's log, walked: how things stood, how they will stand, and how they would.

mod move_clock;
mod patch;
mod query;
mod simulation;
mod step;
mod walk;

pub use move_clock::Move;
pub use patch::{between, without_nulls};
pub use query::{Moment, Order, TimelineCursor, TimelineQuery};
pub use simulation::{Listeners, Request, Starter, simulate};
pub use step::{Item, Step};
pub use walk::{MAX_ENTRIES, Walk};
