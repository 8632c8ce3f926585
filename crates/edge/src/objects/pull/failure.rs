//! How our own storage fails.

use canopy::retry::{Failure, Reason};

use crate::platform;

/// A failure of our own storage.
pub fn storage<E>(_: E) -> Failure {
    Failure::without_status(Reason::Storage, platform::now())
}
