//! The one alarm of a pull's object, as far as an instance of it knows.
//!
//! The platform keeps the alarm; what it was set to is known only to the instance that set it. One that has just woken
//! knows nothing, and looks once at what is due: should the alarm have been lost, it is set again.

use crate::time::UnixMillis;

/// How late an alarm may be before it is taken for lost, in milliseconds.
const OVERDUE_MILLIS: u64 = 60_000;

/// Longest that the platform lets an alarm work, and a minute, in milliseconds.
/// Source: Cloudflare, "Durable Objects: limits", wall time of alarms.
const LONGEST_MILLIS: u64 = 16 * 60_000;

/// See above.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Alarm {
    /// Whether this instance has compared the alarm with what is due.
    compared: bool,
    at: Option<UnixMillis>,
    working_since: Option<UnixMillis>,
}

impl Alarm {
    /// Whether its work is under way: it is set anew at the end of that.
    #[must_use]
    pub fn is_working(&self, now: UnixMillis) -> bool {
        self.working_since.is_some_and(|since| now <= since.plus(LONGEST_MILLIS))
    }

    /// Whether what is due has to be looked up, and the alarm set for it by [`Alarm::set`].
    #[must_use]
    pub fn must_compare(&self, now: UnixMillis) -> bool {
        !self.is_working(now) && (self.working_since.is_some() || !self.compared || self.is_overdue(now))
    }

    /// What is due was looked up: `due` is the first of it. Gives whether the alarm is to be set for it.
    pub fn compare(&mut self, due: Option<UnixMillis>, now: UnixMillis) -> bool {
        self.compared = true;
        if self.is_overdue(now) {
            self.at = None;
        }
        due.is_some_and(|due| self.set(due, now))
    }

    /// Work is due at `due`. Gives whether the alarm is to be set for it: it goes off later, or is lost.
    pub fn set(&mut self, due: UnixMillis, now: UnixMillis) -> bool {
        if self.at.is_some_and(|at| at <= due) && !self.is_overdue(now) {
            return false;
        }
        (self.at, self.compared) = (Some(due), true);
        true
    }

    /// It went off, and its work begins.
    pub fn begin(&mut self, now: UnixMillis) {
        *self = Self { compared: true, at: None, working_since: Some(now) };
    }

    /// Its work has ended, and `due` is what is due next. Gives whether the alarm is to be set for it.
    pub fn end(&mut self, due: Option<UnixMillis>) -> bool {
        *self = Self { compared: true, at: due, working_since: None };
        due.is_some()
    }

    /// Its work was broken off by an error: the platform may try again, or not.
    pub fn break_off(&mut self) {
        *self = Self::default();
    }

    fn is_overdue(&self, now: UnixMillis) -> bool {
        self.at.is_some_and(|at| at.plus(OVERDUE_MILLIS) < now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

    #[test]
    fn an_instance_compares_once() {
        let mut alarm = Alarm::default();
        assert!(alarm.must_compare(NOW));
        assert!(!alarm.compare(None, NOW));
        assert!(!alarm.must_compare(NOW.plus(u64::from(u32::MAX))), "nothing is due, nothing can be lost");
        let mut woken = Alarm::default();
        assert!(woken.compare(Some(NOW.plus(5)), NOW));
        assert!(!woken.must_compare(NOW));
        let mut of_an_event = Alarm::default();
        assert!(of_an_event.set(NOW, NOW));
        assert!(!of_an_event.must_compare(NOW));
    }

    #[test]
    fn it_is_set_for_what_is_earlier_only() {
        let mut alarm = Alarm::default();
        assert!(alarm.set(NOW.plus(2_000), NOW));
        assert!(!alarm.set(NOW.plus(3_000), NOW));
        assert!(!alarm.set(NOW.plus(2_000), NOW));
        assert!(alarm.set(NOW, NOW));
    }

    #[test]
    fn one_that_has_not_come_for_a_minute_is_set_again() {
        let mut alarm = Alarm::default();
        assert!(alarm.set(NOW, NOW));
        let (late, lost) = (NOW.plus(60_000), NOW.plus(60_001));
        assert!(!alarm.must_compare(late) && alarm.must_compare(lost));
        assert!(!alarm.clone().set(late, late) && alarm.clone().set(lost, lost));
        assert!(alarm.compare(Some(NOW), lost));
    }

    #[test]
    fn while_it_works_it_is_not_lost() {
        let mut alarm = Alarm::default();
        alarm.begin(NOW);
        assert!(!alarm.must_compare(NOW.plus(15 * 60_000)) && alarm.is_working(NOW.plus(15 * 60_000)));
        assert!(!alarm.is_working(NOW.plus(17 * 60_000)));
        assert!(alarm.must_compare(NOW.plus(17 * 60_000)), "its context was ended without a word");
        assert!(alarm.set(NOW, NOW), "for what comes meanwhile");
        assert!(alarm.end(Some(NOW.plus(9))) && !alarm.must_compare(NOW));
        alarm.begin(NOW);
        assert!(!alarm.end(None));
        alarm.begin(NOW);
        alarm.break_off();
        assert!(alarm.must_compare(NOW));
    }
}
