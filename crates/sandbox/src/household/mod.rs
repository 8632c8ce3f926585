//! The made-up household behind each login: its policies, its people and its papers.

mod accounts;
mod body;
mod kinds;
mod particulars;
mod policies;
mod published;
#[cfg(test)]
mod tests;
mod twists;
mod walk;

pub use accounts::{Account, account};
pub use body::{Shown, View, pull_body};
