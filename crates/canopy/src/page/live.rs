//! When a broken live connection is tried again, and when the page asks instead.

use crate::retry;

/// How often the page asks while no socket can be had, in milliseconds.
pub const POLL_MILLIS: u64 = 4_000;

/// Wait before a socket is tried a second time, in milliseconds.
const BASE_MILLIS: u64 = 500;

/// The failures of a live connection in a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Live {
    failures: u32,
}

impl Live {
    /// The socket brought a document.
    pub fn works(&mut self) {
        self.failures = 0;
    }

    /// The socket could not be had, or broke. Gives how long to wait before the document is asked for and the socket
    /// tried again, in milliseconds.
    pub fn fail(&mut self, random: u32) -> u64 {
        self.failures = self.failures.saturating_add(1);
        retry::backoff(self.failures, BASE_MILLIS, POLL_MILLIS, random)
    }

    /// Whether the page should say that it has no connection.
    #[must_use]
    pub fn is_troubled(&self) -> bool {
        self.failures >= 3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_polling_interval_and_start_anew() {
        let mut live = Live::default();
        let waits: Vec<u64> = (0..6).map(|_| live.fail(u32::MAX)).collect();
        assert_eq!(waits, [500, 1_000, 2_000, 4_000, 4_000, 4_000]);
        assert!(live.is_troubled());
        live.works();
        assert!(!live.is_troubled());
        assert_eq!(live.fail(0), 250);
    }
}
