//! What workflows ask: other companies' services, Canopy, the agency's book.

mod approval;
mod call;
mod canopy;
mod query;

pub use self::canopy::{Asking, ask as ask_canopy};
pub use approval::signed;
pub use call::{Unmade, call};
pub use query::query;
