//! When a broken live connection is tried again, and when the page asks instead.

use crate::retry;

/// How often the page asks while no socket can be had, in milliseconds.
pub const POLL_MILLIS: u64 = 4_000;

/// Wait before a socket is tried a second time, in milliseconds.
const BASE_MILLIS: u64 = 500;

/// What failed in a row: sockets, and requests for the view in their place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Live {
    failures: u32,
    unanswered: u32,
}

impl Live {
    /// The socket brought a view.
    pub fn works(&mut self) {
        *self = Self::default();
    }

    /// The view was asked for, and came or did not.
    pub fn asked(&mut self, is_answered: bool) {
        self.unanswered = if is_answered { 0 } else { self.unanswered.saturating_add(1) };
    }

    /// The socket could not be had, or broke. Gives how long to wait before the view is asked for and the socket
    /// tried again, in milliseconds.
    pub fn fail(&mut self, random: u32) -> u64 {
        self.failures = self.failures.saturating_add(1);
        retry::backoff(self.failures, BASE_MILLIS, POLL_MILLIS, random)
    }

    /// Whether the status comes as it changes.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.failures == 0
    }

    /// Whether the page should say that it has no connection: neither a socket nor, twice, an answer.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        self.failures > 0 && self.unanswered > 1
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
        assert!(!live.is_live());
        live.works();
        assert!(live.is_live());
        assert_eq!(live.fail(0), 250);
    }

    #[test]
    fn a_page_that_is_answered_is_not_cut_off() {
        let mut live = Live::default();
        for _ in 0..5 {
            live.fail(0);
            live.asked(true);
        }
        assert!(!live.is_cut_off());
        live.asked(false);
        assert!(!live.is_cut_off(), "once may happen");
        live.asked(false);
        assert!(live.is_cut_off());
        live.asked(true);
        assert!(!live.is_cut_off());
    }
}
