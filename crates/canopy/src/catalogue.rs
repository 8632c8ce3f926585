//! What one isolate keeps of the carriers or the terms, so that however many pages ask at once Canopy is asked once, and a
//! fault of Canopy's is not multiplied.

use std::rc::Rc;

use crate::time::UnixMillis;

/// How long a text is given out before the shared copy is looked at again, in milliseconds.
pub const FRESH_MILLIS: u64 = 60_000;

/// How long a failure is given out before Canopy is asked again, in milliseconds.
pub const FAILED_MILLIS: u64 = 5_000;

/// What is kept.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    text: Option<(Rc<str>, UnixMillis)>,
    /// The status of Canopy's answer, where there was one.
    failed: Option<(Option<u16>, UnixMillis)>,
    asking: Option<UnixMillis>,
}

/// What one who asks does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// Give this out.
    Here(Rc<str>),
    /// Say that Canopy failed a moment ago, with this status.
    Failed(Option<u16>),
    /// Somebody is asking: look again in a moment.
    Wait,
    /// Ask: the others wait for it.
    Ask,
}

impl Shelf {
    /// What to do at `now`. Whoever is to ask has `limit` milliseconds for it: an asker that was cancelled never says so.
    pub fn look(&mut self, now: UnixMillis, limit: u64) -> Look {
        if let Some((text, _)) = self.text.as_ref().filter(|(_, until)| now < *until) {
            return Look::Here(Rc::clone(text));
        }
        if let Some((status, _)) = self.failed.filter(|(_, until)| now < *until) {
            return Look::Failed(status);
        }
        if self.asking.is_some_and(|until| now < until) {
            return Look::Wait;
        }
        self.asking = Some(now.plus(limit));
        Look::Ask
    }

    /// What was asked for has come.
    pub fn put(&mut self, text: Rc<str>, now: UnixMillis) {
        *self = Self { text: Some((text, now.plus(FRESH_MILLIS))), ..Self::default() };
    }

    /// It could not be had.
    pub fn fail(&mut self, status: Option<u16>, now: UnixMillis) {
        *self = Self { failed: Some((status, now.plus(FAILED_MILLIS))), ..Self::default() };
    }

    /// It was not asked for after all.
    pub fn leave(&mut self) {
        self.asking = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_000_000);

    #[test]
    fn one_asks_and_the_others_wait_for_what_comes() {
        let mut shelf = Shelf::default();
        assert_eq!(shelf.look(NOW, 100), Look::Ask);
        assert_eq!(shelf.look(NOW.plus(99), 100), Look::Wait);
        shelf.put("terms".into(), NOW.plus(99));
        assert_eq!(shelf.look(NOW.plus(100), 100), Look::Here("terms".into()));
        assert_eq!(shelf.look(NOW.plus(99 + FRESH_MILLIS), 100), Look::Ask);
    }

    #[test]
    fn a_failure_is_given_out_for_seconds() {
        let mut shelf = Shelf::default();
        assert_eq!(shelf.look(NOW, 100), Look::Ask);
        shelf.fail(Some(503), NOW);
        assert_eq!(shelf.look(NOW.plus(FAILED_MILLIS - 1), 100), Look::Failed(Some(503)));
        assert_eq!(shelf.look(NOW.plus(FAILED_MILLIS), 100), Look::Ask);
    }

    #[test]
    fn one_who_was_cancelled_or_left_keeps_nobody_waiting() {
        let mut shelf = Shelf::default();
        assert_eq!(shelf.look(NOW, 100), Look::Ask);
        assert_eq!(shelf.look(NOW.plus(100), 100), Look::Ask);
        shelf.leave();
        assert_eq!(shelf.look(NOW.plus(101), 100), Look::Ask);
    }
}
