//! A pull's log, walked: how things stood, how they will stand, and how they would.

mod move_clock;

pub use move_clock::Move;
