//! What became of a call whose answer was lost: shown by what Canopy lists, or by nothing.
//!
//! A call is never sent again to find that out, it is only looked for, and it counts as taken where what is found can be of
//! no other call: by a marker that it carried, or as the one thing of its kind that came about by then, while the edge sent no
//! other of the kind. That nothing is found says nothing: lists may lag.

mod asked;
mod made;
mod marker;
mod same;
mod search;
mod span;
#[cfg(test)]
mod tests;

pub use asked::{Asked, Sent, Unshown};
pub use made::{before, ids};
pub use marker::{marked, takes_marker};
pub use search::{Others, Search};

use crate::problem::{Code, Problem};

/// The header of an answer that was put together from what was found, and its value.
pub const HEADER: (&str, &str) = ("x-edge-outcome", "found");

/// Shortest time between two looks for one call, in milliseconds: one who asks often asks nothing of Canopy by that.
pub const LOOK_MILLIS: u64 = 3_000;

/// Most answers read of Canopy in one look.
pub const MAX_READS: usize = 8;

/// Largest of them, in bytes: pulls are listed with their policies.
pub const MAX_READ_BYTES: usize = 8 * 1024 * 1024;

/// The problem of a call that stays unknown after a look. `looked_at` is what [`Search::looked_at`] gave.
#[must_use]
pub fn unknown(looked_at: &str, why: Unshown) -> Problem {
    let looked = if looked_at.is_empty() { String::new() } else { format!("Looked at {looked_at}: ") };
    let detail = format!(
        "Canopy did not answer: what was asked may have taken effect. It was sent once and is not sent again. {looked}{}",
        why.text()
    );
    Problem::new(Code::OutcomeUnknown, detail)
}
