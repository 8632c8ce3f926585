//! A page's session: who may speak for it, and what it may ask when.

mod ask;
mod budget;
mod machine;
mod mode;
mod notice;
mod prompt;
mod pulls;
mod settings;
mod shown;
mod speaking;
#[cfg(test)]
mod tests;
mod token;
mod view;
mod watch;

pub use ask::Ask;
pub use machine::{Answered, Phase, RETENTION_SECONDS, Session};
pub use mode::Mode;
pub use notice::{News, Notice, PageEvent};
pub use prompt::{Prompt, Ways};
pub use settings::{OfPage, Settings};
pub use token::{Claims, LIFETIME_SECONDS, Purpose, TICKET_SECONDS, TokenError};
pub use view::{Confirmation, LoginView, PhaseName, ServicingView, SessionView};
pub use watch::Watch;

/// The WebSocket subprotocol that the edge speaks.
pub const SUBPROTOCOL: &str = "canopy-edge";
