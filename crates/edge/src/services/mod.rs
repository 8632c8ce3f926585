//! What workflows ask: other companies' services, Canopy, the agency's book.

mod approval;
mod call;
mod canopy;
mod query;
mod send;
mod sign_in;

pub use self::canopy::{Asking, ask as ask_canopy};
pub use approval::Links;
pub use call::call;
pub use query::query;
pub use send::Unmade;
