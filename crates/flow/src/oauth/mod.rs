//! Signing in to services by OAuth: what a secret's value is, what a token is asked with, what is answered, how long it is kept.
//! Source: RFC 6749, RFC 7523.

mod answer;
mod ask;
mod assertion;
mod kept;
mod key;
#[cfg(test)]
mod tests;

pub use answer::{Given, Ungiven, read};
pub use ask::{Ask, Asking, Unsigned, asking};
pub use kept::{TokenKey, Tokens};
pub use key::SecretError;
