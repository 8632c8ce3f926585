//! How long a session may speak for its consumer: it has the pull's token no longer than somebody can need it.

use std::collections::BTreeMap;

use super::{notice::Notice, view::Confirmation};
use crate::id::Id;

/// Whether the pull asks nothing of its consumer any more: it is complete, and each change that was to be confirmed is answered. A pull
/// that failed may yet be signed in to again: its token is kept until the page's hour is over.
pub(super) fn is_over(notice: &Notice, answers: &BTreeMap<Id, Confirmation>) -> bool {
    let is_answered =
        |action| matches!(answers.get(action), Some(Confirmation::Confirmed | Confirmation::Rejected));
    notice.complete && notice.servicing.iter().all(is_answered)
}
