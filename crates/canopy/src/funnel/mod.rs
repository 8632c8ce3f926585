//! How far visitors come: what pages report of their screens, and how it is counted.

mod query;
mod report;
mod shown;
mod stage;

pub use query::{FunnelCursor, FunnelQuery};
pub use report::{MAX_REPORT_BYTES, Report};
pub use shown::shown;
pub use stage::{Outcome, Stage};

/// Most links that are counted by their names on one day: the others are counted together.
pub const MAX_LINKS: u32 = 100;

/// As many, where further ones are known: they were counted by their names within [`KNOWN_DAYS`] before.
pub const MAX_KNOWN_LINKS: u32 = 2 * MAX_LINKS;

/// How many days a link is known for.
pub const KNOWN_DAYS: u16 = 7;

/// The name under which the others are counted.
pub const OTHER: &str = "other";
