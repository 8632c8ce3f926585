//! One pull: the fold of its webhooks, and the work that follows them.

mod fold;
mod snapshot;
mod view;
mod work;

pub use fold::{MAX_POLICIES, MAX_SERVICING_ACTIONS, Outcome, State};
pub use snapshot::{
    DocumentForm, DocumentRef, MAX_DOCUMENT_BYTES, MAX_SNAPSHOT_BYTES, Snapshot, SnapshotError, signed_url,
};
pub use view::{Reconnect, View};
pub use work::{Work, follows};
