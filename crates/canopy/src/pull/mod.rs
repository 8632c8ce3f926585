//! One pull: the fold of its webhooks, and the work that follows them.

mod alarm;
mod attempt;
mod document;
mod download_name;
mod fold;
mod snapshot;
mod view;
mod work;

pub use alarm::Alarm;
pub use attempt::{COPY_REST_MILLIS, Note, Standing, Taken, Turn, leases, read_failures};
pub use document::{
    DocumentForm, HEAD_BYTES, MAX_DOCUMENT_BYTES, MAX_REDIRECTS, is_redirect, judge, served_type, signed_url,
};
pub use download_name::disposition;
pub use fold::{MAX_POLICIES, MAX_SERVICING_ACTIONS, Outcome, State};
pub use snapshot::{DocumentRef, MAX_SNAPSHOT_BYTES, Snapshot, SnapshotError};
pub use view::{Reconnect, View};
pub use work::{Work, follows};
