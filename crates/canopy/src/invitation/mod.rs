//! Personal links: one for each lead, with all that its page and its session need sealed in it.

mod made;
mod page;
mod query;
mod sealed;
mod words;

pub use made::NewInvitation;
pub use page::{Page, policy};
pub use query::{InvitationCursor, InvitationQuery, Status, is_erasing};
pub use sealed::{Invitation, InvitationKey, MAX_TOKEN_LENGTH};
