//! How far a pull's entries were announced to its subscriptions.

use crate::{id::Position, time::UnixMillis};

/// Wait after a failure, in milliseconds.
const AGAIN_MILLIS: u64 = 5_000;

/// Known in memory alone: what an object has forgotten it looks at once more, as soon as its alarm goes off, which one is set
/// with every entry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Announced {
    /// Where the log ended when it was read from storage.
    base: Position,
    position: Option<Position>,
    /// By subscriptions as they stood after then at the earliest.
    by: UnixMillis,
    /// The same for what is under way.
    begun_by: UnixMillis,
    not_before: Option<UnixMillis>,
    is_under_way: bool,
}

impl Announced {
    /// The log was read from storage, and ends at `end`. How far it was announced is not known by that.
    pub fn loaded(&mut self, end: Position) {
        self.base = end;
    }

    /// The pull has come into the list: who looked for pulls there before may have missed it, and is looked at once more.
    pub fn is_listed(&mut self, now: UnixMillis) {
        (self.position, self.base, self.by) = (None, 0, now);
    }

    /// After when the subscriptions are to be read that it is looked at for, of a log whose last entry was written down at
    /// `recorded_at`.
    #[must_use]
    pub fn after(&self, recorded_at: UnixMillis) -> UnixMillis {
        recorded_at.max(self.by)
    }

    /// Whether it is to be looked who has to be told, in a log that ends at `end`.
    #[must_use]
    pub fn is_due(&self, end: Position, now: UnixMillis) -> bool {
        let may_begin = !self.is_under_way && self.not_before.is_none_or(|at| at <= now);
        end > 0 && self.position != Some(end) && may_begin
    }

    /// When that is to be, of a log whose last entry was written down at `recorded_at`; `None` where nothing is known to be
    /// unannounced.
    #[must_use]
    pub fn due(&self, end: Position, recorded_at: UnixMillis) -> Option<UnixMillis> {
        let lags = end > 0 && (self.not_before.is_some() || self.position.unwrap_or(self.base) != end);
        lags.then(|| self.not_before.unwrap_or(recorded_at))
    }

    /// It is begun.
    pub fn begin(&mut self) {
        (self.is_under_way, self.begun_by) = (true, self.by);
    }

    /// It was looked at all up to `end`, or failed.
    pub fn finish(&mut self, end: Option<Position>, now: UnixMillis) {
        self.is_under_way = false;
        let is_current = self.begun_by == self.by;
        self.position = end.filter(|_| is_current).or(self.position);
        self.not_before = end.is_none().then(|| now.plus(AGAIN_MILLIS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

    #[test]
    fn each_entry_is_announced_once_and_what_was_forgotten_again() {
        let mut announced = Announced::default();
        assert!(!announced.is_due(0, NOW), "there is no entry");
        assert!(announced.is_due(3, NOW), "it is not known what was");
        assert_eq!(announced.due(3, NOW), Some(NOW), "that came since");
        announced.loaded(3);
        assert_eq!(announced.due(3, NOW), None, "the alarm that goes with an entry is set");
        announced.begin();
        assert!(!announced.is_due(3, NOW), "it is under way");
        announced.finish(Some(3), NOW);
        assert_eq!((announced.is_due(3, NOW), announced.due(3, NOW)), (false, None));
        assert_eq!((announced.is_due(4, NOW), announced.due(4, NOW)), (true, Some(NOW)));
    }

    #[test]
    fn one_that_has_come_into_the_list_is_looked_at_once_more() {
        let mut announced = Announced::default();
        announced.finish(Some(3), NOW);
        assert_eq!(announced.after(NOW), NOW);
        let listed = NOW.plus(9);
        announced.is_listed(listed);
        assert_eq!((announced.is_due(3, listed), announced.after(NOW)), (true, listed));
        assert_eq!(announced.due(3, NOW), Some(NOW));
        announced.begin();
        announced.is_listed(listed.plus(1));
        announced.finish(Some(3), listed);
        assert!(announced.is_due(3, listed), "that was begun before");
        announced.begin();
        announced.finish(Some(3), listed);
        assert!(!announced.is_due(3, listed));
    }

    #[test]
    fn what_failed_is_looked_at_later() {
        let mut announced = Announced::default();
        announced.finish(Some(3), NOW);
        announced.begin();
        announced.finish(None, NOW);
        let later = NOW.plus(AGAIN_MILLIS);
        assert_eq!((announced.is_due(4, NOW), announced.due(4, NOW)), (false, Some(later)));
        assert!(announced.is_due(4, later));
        announced.finish(Some(4), later);
        assert!(announced.is_due(5, later));
        let mut woken = Announced::default();
        woken.loaded(5);
        woken.begin();
        woken.finish(None, NOW);
        assert_eq!(woken.due(5, NOW), Some(later), "it is not known whether that was announced");
    }
}
