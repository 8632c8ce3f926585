//! What is answered, by who asks.

pub mod back_office;
mod catalogue;
mod limits;
pub mod origin;
pub mod page;
pub mod proxy;
pub mod webhook;
