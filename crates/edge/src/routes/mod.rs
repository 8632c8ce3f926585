//! What is answered, by who asks.

pub mod authority;
pub mod back_office;
mod catalogue;
pub mod limits;
pub mod origin;
pub mod page;
pub mod proxy;
pub mod webhook;
