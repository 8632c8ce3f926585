//! A page's session: who may speak for it, and what it may ask when.

mod ask;
mod budget;
mod document;
mod machine;
mod mode;
mod notice;
#[cfg(test)]
mod tests;
mod token;
mod watch;

pub use ask::Ask;
pub use document::{Confirmation, Document, PhaseName, ServicingView};
pub use machine::{Answered, Phase, RETENTION_SECONDS, Session};
pub use mode::Mode;
pub use notice::Notice;
pub use token::{Claims, LIFETIME_SECONDS, Purpose, TICKET_SECONDS, TokenError};
pub use watch::Watch;
