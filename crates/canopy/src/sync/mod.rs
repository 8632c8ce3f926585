//! The comparison with Canopy's own list: what no webhook told of is found by it.

mod page;
mod run;

pub use page::{MAX_PAGE_BYTES, Page};
pub use run::{HOURLY_GRACE_MILLIS, HOURLY_SINCE_MILLIS, Phase, Run, Taken};
