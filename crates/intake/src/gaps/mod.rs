//! Gaps worth a talk: what an agent who reads the account would bring up.
//!
//! Each rule is a row of [`rules::RULES`]. A rule that its data does not let decide says what it lacks instead of firing;
//! one that does not apply says nothing. Cover counts where its policy is, or may be, in force on the day.

mod account;
mod auto;
mod called;
mod cover;
mod gap;
mod home;
mod liability;
mod minimums;
mod people;
mod policies;
mod rules;
mod setting;
mod thresholds;
mod umbrella;

pub use gap::{Gap, State};
pub use rules::{ids, of};
pub use setting::ThresholdsError;
pub use thresholds::Thresholds;

#[cfg(test)]
mod tests;
