//! The made-up household behind each login: its policies, its people and its papers.

mod accounts;
mod body;
mod policies;
mod published;

pub use accounts::{Account, account};
pub use body::{Shown, View, document, pull_body, summary};
