//! Telling a pull what a session knows: that it has taken the pull over, or that its consumer has answered. A reconnected pull
//! carries the metadata of the session that started it, so it has to learn of the new one, whatever happens meanwhile.

use serde::{Deserialize, Serialize};

use crate::{
    id::PullId,
    retry::{self, MAX_ATTEMPTS},
    time::UnixMillis,
};

/// The work, until it is done: kept with the session, due at its alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// The pull to tell.
    pub pull_id: PullId,
    /// Attempts that have begun.
    attempts: u32,
    /// When the next one is due.
    due: UnixMillis,
}

impl Watch {
    /// The work to tell `pull_id`, due now.
    #[must_use]
    pub fn new(pull_id: PullId, now: UnixMillis) -> Self {
        Self { pull_id, attempts: 0, due: now }
    }

    /// When the next attempt is due.
    #[must_use]
    pub fn due(&self) -> UnixMillis {
        self.due
    }

    /// Counts an attempt that is about to begin, and says when the next one follows should it fail. `None` when it was
    /// tried to its limit.
    #[must_use]
    pub fn begin(mut self, now: UnixMillis, random: u32) -> Option<Self> {
        self.attempts += 1;
        let wait = retry::backoff(self.attempts, retry::BASE_MILLIS, retry::CAP_MILLIS, random);
        self.due = now.plus(wait);
        (self.attempts <= MAX_ATTEMPTS).then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_counted_before_they_begin_and_end() {
        let now = UnixMillis(1_000);
        let mut watch = Watch::new(PullId::parse("p").unwrap(), now);
        assert_eq!(watch.due(), now);
        for attempt in 1..=MAX_ATTEMPTS {
            watch = watch.begin(now, 0).unwrap_or_else(|| panic!("attempt {attempt}"));
            assert!(watch.due() > now);
        }
        assert_eq!(watch.begin(now, 0), None);
    }
}
