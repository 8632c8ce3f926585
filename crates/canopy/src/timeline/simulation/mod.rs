//! What if: the same log with and without some of its events.

mod compare;
mod course;
mod request;

#[cfg(test)]
mod tests;

pub use compare::{Listeners, Starter, simulate};
pub use request::Request;
