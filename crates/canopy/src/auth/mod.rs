//! `AUTH_STATUS`: where the consumer's login stands, ordered by sequence, and what their screen shows of it.
//! Source: contract, "Webhooks", "`AUTH_STATUS` bodies".

mod status;
mod track;

pub(crate) use status::cut;
pub use status::{
    AuthStatus, IdentityOption, MAX_MESSAGE_LENGTH, MAX_OPTIONS, Sequence, may_move_back, progress,
};
pub use track::{AuthView, Step, Track, step};
