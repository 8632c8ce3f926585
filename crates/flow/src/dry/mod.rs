//! A dry run: a flow played on what was recorded of a pull, with answers that are given beforehand. Nothing is sent, written or waited for.

mod answers;
mod play;
mod played;

pub use answers::Answers;
pub use play::{Recording, play};
pub use played::{AnsweredBy, Played, PlayedStep};

#[cfg(test)]
mod tests;
