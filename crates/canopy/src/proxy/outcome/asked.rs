//! A call whose answer was lost: what was asked, what was noted of it, and why a look shows nothing.

use crate::{
    contract::Operation,
    id::{Id, PullId},
    time::UnixMillis,
};

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
    /// What it carried, where it could carry it: see [`super::marked`].
    pub marker: Option<&'a str>,
    /// What there was before it, as [`super::ids`] gave it.
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
    pub(super) const fn text(self) -> &'static str {
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
