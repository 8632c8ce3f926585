//! Canopy's API: one function an operation, everything common to all of them in `serve`.

mod consent;
mod dispatch;
mod documents;
mod enrich;
mod flow;
mod monitorings;
mod multipart;
mod public;
mod pulls;
mod request;
mod serve;
mod servicings;
mod teams;
mod webhooks;
mod widgets;

pub use documents::SIGNED;
