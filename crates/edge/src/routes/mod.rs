//! What is answered, by who asks.

mod accounts;
pub mod approvals;
mod audit;
pub mod authority;
pub mod back_office;
mod catalogue;
mod clock;
mod deletion;
mod documents;
mod export;
mod flows;
mod history;
mod instances;
mod intake;
mod keys;
pub mod limits;
pub mod origin;
pub mod page;
mod policies;
pub mod proxy;
mod runs;
mod sessions;
mod subscriptions;
mod sync;
mod tasks;
mod touch;
pub mod webhook;
