//! Asking other companies' services what steps of workflows ask of them.

mod call;
mod send;
mod sign_in;

pub use call::call;
pub use send::Unmade;
