//! What of a pull goes downstream: the log is the queue, and each subscription has its place in it.
//!
//! So an entry that is written is one that will be sent, and needs no other row for that. Of each delivery there is a row, written
//! before its first attempt; a subscription's place in the log follows from those.

mod marks;
mod place;
mod rows;
mod told;

pub use marks::mark;
pub use place::next;
pub use rows::{dead, delivery_context, find, forget_all_but, has_lane, keep, lanes, page, put};
pub use told::{Told, told};
