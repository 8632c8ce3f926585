//! `AUTH_STATUS`: where the consumer's login stands, ordered by sequence, and what their screen shows of it.
//! Source: contract, "Webhooks", "`AUTH_STATUS` bodies".

mod status;
mod track;
mod view;

pub use status::{AuthStatus, IdentityOption, MAX_MESSAGE_LENGTH, MAX_OPTIONS, Sequence};
pub use track::Track;
pub use view::AuthView;
