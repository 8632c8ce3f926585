//! An entry of a pull's log: the log is immutable and holds all that happened to the pull; its state is the fold of it.
//! Source: design, "A pull's log".

use serde::{Deserialize, Serialize};

use crate::{
    id::{DocumentId, Position},
    schedule::Term,
    time::UnixMillis,
};

/// What brought an entry. Stored as its place in this list: new kinds go to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Canopy's, raw, recognised by the SHA-256 of its body.
    Webhook,
    /// A new snapshot version, or a snapshot that says something new of the pull.
    Fetched,
    /// A document.
    Stored,
    /// What was asked of Canopy through the edge.
    Call,
    /// The back office's own event.
    Own,
    /// An event that is to come.
    Scheduled,
    /// One that is not to come any more.
    Cancelled,
    /// One that came.
    Fired,
    /// One that did not come, with the reason.
    Void,
}

impl Kind {
    const ALL: [Self; 9] = [
        Self::Webhook,
        Self::Fetched,
        Self::Stored,
        Self::Call,
        Self::Own,
        Self::Scheduled,
        Self::Cancelled,
        Self::Fired,
        Self::Void,
    ];

    /// As it is stored.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Reads what [`Kind::code`] gave; `None` for one that a later version wrote.
    #[must_use]
    pub fn of_code(code: i64) -> Option<Self> {
        Self::ALL.get(usize::try_from(code).ok()?).copied()
    }
}

/// What a log tells its entries apart by: an entry whose key it has is not written again.
///
/// A webhook's is the SHA-256 of its raw body. Any other names the kind and the place of the entry, so that no entry
/// of the edge's own can be taken for a webhook.
#[must_use]
pub fn key(kind: Kind, position: Position) -> Vec<u8> {
    format!("{}/{position}", kind.code()).into_bytes()
}

/// Body of [`Kind::Fetched`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// Of the snapshot, from 1.
    pub version: i64,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// Whether the insurance company has no policies; `null` when that is not known, or was asked too early.
    pub no_policies: Option<bool>,
    /// What it says of the policies' terms; `None` where it does not say what there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Vec<Term>>,
}

/// Body of [`Kind::Stored`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// The document.
    pub document_id: DocumentId,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// What it is.
    pub content_type: String,
}

/// The end of a log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogEnd {
    /// Of the last entry; 0 before the first.
    pub position: Position,
    /// When that one was written down, in milliseconds; 0 before the first.
    pub recorded_at: i64,
}

impl LogEnd {
    /// Where an entry stands that is written down at `now`. The clock of another machine may lag: a log's never goes back.
    #[must_use]
    pub fn next(self, now: UnixMillis) -> Self {
        Self { position: self.position + 1, recorded_at: self.recorded_at.max(now.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_stored_by_their_place() {
        for (code, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!((usize::from(kind.code()), Kind::of_code(code as i64)), (code, Some(kind)));
        }
        assert_eq!(Kind::Webhook.code(), 0, "entries of the first form of the table have no other");
        assert_eq!((Kind::of_code(9), Kind::of_code(-1)), (None, None));
    }

    #[test]
    fn no_key_of_our_own_is_as_long_as_a_digest() {
        assert!(key(Kind::Void, Position::MAX).len() < 32);
    }

    #[test]
    fn the_times_of_a_log_do_not_go_back() {
        let end = LogEnd::default().next(UnixMillis(500)).next(UnixMillis(400));
        assert_eq!(end, LogEnd { position: 2, recorded_at: 500 });
        assert_eq!(end.next(UnixMillis(600)).recorded_at, 600);
    }
}
