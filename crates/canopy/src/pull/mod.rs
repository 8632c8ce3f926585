//! One pull: the fold of its webhooks, and the work that follows them.

mod alarm;
mod called;
mod document;
mod document_type;
mod download_name;
mod entry;
mod fold;
mod listing;
mod outbox;
mod record;
mod refreshed;
mod rekey;
mod seen;
mod snapshot;
mod state;
mod taken;
mod view;
mod work;

pub use crate::id::Position;
pub use alarm::Alarm;
pub use called::{Called, OF_PAGE};
pub use document::{DocumentForm, MAX_DOCUMENT_BYTES, MAX_REDIRECTS, is_redirect, signed_url};
pub use document_type::{HEAD_BYTES, judge, served_type};
pub use download_name::{disposition, file_name};
pub use entry::{Fetched, Kind, LogEnd, Stored, key};
pub use fold::{MAX_POLICIES, MAX_SERVICING_ACTIONS, Outcome};
pub use listing::Listing;
pub use outbox::{
    Attempt, COPY_REST_MILLIS, COPY_WAIT_MILLIS, GivenUp, Outbox, Row, Running, Standing, read_failures,
};
pub use record::{Document, DocumentCopy, LONGEST_TAIL, Lack, Logged, Record};
pub use refreshed::{Refresh, Refreshed, is_refresh};
pub use rekey::{Rekeying, Stage};
pub use seen::Seen;
pub use snapshot::{DocumentRef, MAX_SNAPSHOT_BYTES, Snapshot, SnapshotError};
pub use state::{FIRST_PULL_GONE, LastOwn, Reconnect, State};
pub use taken::{Entry, Taken};
pub use view::View;
pub use work::{Work, follows};
