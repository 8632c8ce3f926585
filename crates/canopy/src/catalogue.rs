//! What one isolate keeps of the carriers or the terms, so that however many pages ask at once Canopy is asked once, nobody
//! waits for what is known from before, and a fault of Canopy's is not multiplied.

use std::rc::Rc;

use crate::time::UnixMillis;

/// How long a text is taken for new, in milliseconds.
pub const FRESH_MILLIS: u64 = 10 * 60 * 1_000;

/// How long it is given out while a newer one is asked for, in milliseconds: a day.
pub const STALE_MILLIS: u64 = 24 * 60 * 60 * 1_000;

/// How long after a failure Canopy is not asked again, in milliseconds.
pub const FAILED_MILLIS: u64 = 5_000;

/// What is kept.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    /// With the moment at which Canopy gave it.
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
    /// Give this out, and ask for a newer one meanwhile.
    Renew(Rc<str>),
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
        let text = self.text.as_ref().filter(|(_, at)| now < at.plus(STALE_MILLIS));
        if let Some((text, _)) = text.filter(|(_, at)| now < at.plus(FRESH_MILLIS)) {
            return Look::Here(Rc::clone(text));
        }
        let known = text.map(|(text, _)| Rc::clone(text));
        if let Some((status, _)) = self.failed.filter(|(_, until)| now < *until) {
            return known.map_or(Look::Failed(status), Look::Here);
        }
        if self.asking.is_some_and(|until| now < until) {
            return known.map_or(Look::Wait, Look::Here);
        }
        self.asking = Some(now.plus(limit));
        known.map_or(Look::Ask, Look::Renew)
    }

    /// A text that Canopy gave at `at`.
    pub fn put(&mut self, text: Rc<str>, at: UnixMillis) {
        *self = Self { text: Some((text, at)), ..Self::default() };
    }

    /// It could not be had. What is known from before stays.
    pub fn fail(&mut self, status: Option<u16>, now: UnixMillis) {
        (self.failed, self.asking) = (Some((status, now.plus(FAILED_MILLIS))), None);
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

    fn here(text: &str) -> Look {
        Look::Here(text.into())
    }

    #[test]
    fn one_asks_and_the_others_wait_for_what_comes() {
        let mut shelf = Shelf::default();
        assert_eq!(shelf.look(NOW, 100), Look::Ask);
        assert_eq!(shelf.look(NOW.plus(99), 100), Look::Wait);
        shelf.put("terms".into(), NOW.plus(99));
        assert_eq!(shelf.look(NOW.plus(100), 100), here("terms"));
        assert_eq!(shelf.look(NOW.plus(98 + FRESH_MILLIS), 100), here("terms"));
    }

    #[test]
    fn what_is_no_longer_new_is_given_out_while_one_asks_for_it() {
        let mut shelf = Shelf::default();
        shelf.put("old".into(), NOW);
        let later = NOW.plus(FRESH_MILLIS);
        assert_eq!(shelf.look(later, 100), Look::Renew("old".into()));
        assert_eq!(shelf.look(later.plus(99), 100), here("old"), "one at a time");
        shelf.put("new".into(), later.plus(99));
        assert_eq!(shelf.look(later.plus(100), 100), here("new"));
        // Canopy is away: what is known is better than nothing, for a day.
        let away = later.plus(99 + FRESH_MILLIS);
        assert_eq!(shelf.look(away, 100), Look::Renew("new".into()));
        shelf.fail(Some(503), away);
        assert_eq!(shelf.look(away.plus(FAILED_MILLIS - 1), 100), here("new"));
        assert_eq!(shelf.look(away.plus(FAILED_MILLIS), 100), Look::Renew("new".into()));
        let last = later.plus(99 + STALE_MILLIS);
        shelf.leave();
        assert_eq!(shelf.look(last, 100), Look::Ask);
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
