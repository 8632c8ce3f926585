//! What became of a call whose answer was lost: shown by what Canopy lists, or by nothing.
//!
//! A call is never sent again to find that out, it is only looked for, and it counts as taken where what is found can be of
//! no other call: by a marker that it carried, or as the one thing of its kind that came about by then, while the edge sent no
//! other of the kind. That nothing is found says nothing: lists may lag.

mod made;
mod marker;
mod same;
mod search;
mod span;
#[cfg(test)]
mod tests;

pub use made::{before, ids};
pub use marker::{marked, takes_marker};
pub use search::{Others, Search};

use crate::{
    contract::Operation,
    id::{Id, PullId},
    problem::{Code, Problem},
    time::UnixMillis,
};

/// The header of an answer that was put together from what was found, and its value.
pub const HEADER: (&str, &str) = ("x-edge-outcome", "found");

/// Shortest time between two looks for one call, in milliseconds: one who asks often asks nothing of Canopy by that.
pub const LOOK_MILLIS: u64 = 3_000;

/// Most answers read of Canopy in one look.
pub const MAX_READS: usize = 8;

/// Largest of them, in bytes: pulls are listed with their policies.
pub const MAX_READ_BYTES: usize = 8 * 1024 * 1024;

/// A call as it is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// What is asked.
    pub operation: Operation,
    /// The team whose it is.
    pub team: &'a Id,
    /// Path and query below Canopy's base URL.
    pub path: &'a str,
    /// The pull that the path or its token names.
    pub pull_id: Option<&'a PullId>,
    /// As the caller sends it.
    pub body: &'a [u8],
}

/// What was noted of a call when it was sent.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// When it began.
    pub begun_at: UnixMillis,
    /// What it carried, where it could carry it: see [`marked`].
    pub marker: Option<&'a str>,
    /// What there was before it, as [`ids`] gave it.
    pub before: Option<&'a str>,
}

/// Why a look shows nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unshown {
    /// Nothing that Canopy lists tells what became of such a call.
    NoWay,
    /// It carried no marker.
    Unmarked,
    /// What there was before it is not known.
    Unremembered,
    /// It is not there, or not all of it.
    NotThere,
    /// More than one could be it.
    Several,
    /// Another call through the edge could have brought it about.
    Others,
    /// What Canopy lists could not be read.
    Unread,
    /// There is more than is read.
    TooMuch,
    /// The servicing action stands otherwise.
    Otherwise,
}

impl Unshown {
    /// What the caller is told of it, after what was looked at.
    const fn text(self) -> &'static str {
        match self {
            Self::NoWay => "Canopy lists nothing that would show it",
            Self::Unmarked => "it carried no mark to know it by: its meta_data left no room for one",
            Self::Unremembered => "what there was before is not known, and nothing listed has a date",
            Self::NotThere => "nothing shows it so far. Lists may lag: ask again later",
            Self::Several => "more than one could be it",
            Self::Others => {
                "what is there may be of another call of the kind that came through the edge at the time"
            }
            Self::Unread => "they could not be read: ask again later",
            Self::TooMuch => "there are more than are read",
            Self::Otherwise => "the servicing action stands, and not as it was asked for",
        }
    }
}

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
