//! One attempt at a piece of work: written down as failed before it begins, corrected when it is known how it went.
//!
//! What ends the isolate in the middle (a kill, a deployment, a lack of memory) cannot say so itself. So an attempt is
//! counted when the work is taken, with [`Reason::Interrupted`] as its failure and a lease after which it is due again.

use super::Work;
use crate::{
    retry::{
        self, BASE_MILLIS, CAP_MILLIS, Failure, MAX_ATTEMPTS, MAX_FAILURES_KEPT, MAX_INTERRUPTED_ATTEMPTS,
        Reason,
    },
    time::UnixMillis,
};

/// Least time between two copies to KV, which takes one write a second for a key.
pub const COPY_REST_MILLIS: u64 = 1_000;

/// Wait for room in memory, in milliseconds, half of it drawn.
const ROOM_MILLIS: u64 = 2_000;

/// When work taken for the first time, the second, … is due again, in milliseconds from its taking, should nothing more
/// be heard of it. Half is drawn by `random`, so that objects that fell together do not go on falling together.
#[must_use]
pub fn leases(random: u32) -> [u64; MAX_ATTEMPTS as usize] {
    let mut attempts = 0;
    [(); MAX_ATTEMPTS as usize].map(|()| {
        attempts += 1;
        retry::backoff(attempts, BASE_MILLIS, CAP_MILLIS, random)
    })
}

/// Where work stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// To be done when it is due.
    Pending,
    /// Done.
    Done,
    /// Given up.
    Failed,
}

/// Work that was taken: its row as it stood before, and this attempt counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// As stored.
    pub name: String,
    /// Attempts since it was last wanted anew, this included.
    pub attempts: u32,
    /// Failures before this attempt.
    pub failures: Vec<Failure>,
}

/// What is to be done with work that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// Attempt it.
    Begin(Work),
    /// Give it up, and write this down.
    GiveUp(Reason, Note),
}

/// How a row of the outbox is to stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Where it stands.
    pub standing: Standing,
    /// When it is due, where it is pending.
    pub due: UnixMillis,
    /// Failed attempts since it was last wanted anew.
    pub attempts: u32,
    /// Whether it was done just now.
    pub is_done: bool,
    /// The latest failures.
    pub failures: Vec<Failure>,
}

/// Reads the failures of a row. One that a later version wrote, and this one cannot read, costs no other.
#[must_use]
pub fn read_failures(json: &str) -> Vec<Failure> {
    let all: Vec<&serde_json::value::RawValue> = serde_json::from_str(json).unwrap_or_default();
    all.iter().filter_map(|raw| serde_json::from_str(raw.get()).ok()).collect()
}

impl Taken {
    /// Reads the row as it stands since the taking: its last failure is this attempt's.
    #[must_use]
    pub fn read(name: String, attempts: u32, failures: &str) -> Self {
        let mut failures = read_failures(failures);
        failures.pop();
        Self { name, attempts, failures }
    }

    /// Whether to begin. Work of a name that this version does not know was left by a later one: it waits as failed
    /// for that one's return. Work that was interrupted each time is taken for what ends the isolate.
    #[must_use]
    pub fn turn(&self, now: UnixMillis) -> Turn {
        let before = self.attempts.saturating_sub(1);
        let Some(work) = Work::parse(&self.name) else {
            let failure = Failure::without_status(Reason::UnknownWork, now);
            let note = self.note(Standing::Failed, now, self.attempts, Some(&failure));
            return Turn::GiveUp(failure.reason, note);
        };
        let of_this_want = self.failures.iter().rev().take(before as usize);
        let interrupted = of_this_want.take_while(|failure| failure.reason == Reason::Interrupted).count();
        if before >= MAX_ATTEMPTS || interrupted >= MAX_INTERRUPTED_ATTEMPTS as usize {
            let reason = self.failures.last().map_or(Reason::Interrupted, |failure| failure.reason);
            return Turn::GiveUp(reason, self.note(Standing::Failed, now, before, None));
        }
        Turn::Begin(work)
    }

    /// It went well. Wanted anew meanwhile, it is due again.
    #[must_use]
    pub fn done(&self, wanted_anew: bool, now: UnixMillis) -> Note {
        let is_copy = self.name == Work::Copy.to_string();
        let (standing, due) = match (wanted_anew, is_copy) {
            (false, _) => (Standing::Done, now),
            (true, true) => (Standing::Pending, now.plus(COPY_REST_MILLIS)),
            (true, false) => (Standing::Pending, now),
        };
        Note { is_done: true, ..self.note(standing, due, 0, None) }
    }

    /// It failed: due again later, or given up unless it was wanted anew meanwhile.
    #[must_use]
    pub fn failed(&self, failure: &Failure, wanted_anew: bool, random: u32) -> Note {
        let (standing, due, attempts) = match (failure.next_attempt(self.attempts, random), wanted_anew) {
            (Some(next), _) => (Standing::Pending, next, self.attempts),
            (None, true) => (Standing::Pending, failure.at, 0),
            (None, false) => (Standing::Failed, failure.at, self.attempts),
        };
        self.note(standing, due, attempts, Some(failure))
    }

    /// It was not attempted for lack of room, which is no fault of its own.
    #[must_use]
    pub fn deferred(&self, now: UnixMillis, random: u32) -> Note {
        let due = now.plus(retry::backoff(1, ROOM_MILLIS, ROOM_MILLIS, random));
        self.note(Standing::Pending, due, self.attempts.saturating_sub(1), None)
    }

    fn note(&self, standing: Standing, due: UnixMillis, attempts: u32, failure: Option<&Failure>) -> Note {
        let mut failures = self.failures.clone();
        failures.extend(failure.cloned());
        let surplus = failures.len().saturating_sub(MAX_FAILURES_KEPT);
        failures.drain(..surplus);
        Note { standing, due, attempts, is_done: false, failures }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

    fn failures(reasons: &[Reason]) -> Vec<Failure> {
        reasons.iter().map(|reason| Failure::without_status(*reason, NOW)).collect()
    }

    fn taken(name: &str, attempts: u32, reasons: &[Reason]) -> Taken {
        Taken { name: name.to_owned(), attempts, failures: failures(reasons) }
    }

    fn given_up(taken: &Taken) -> Option<Reason> {
        match taken.turn(NOW) {
            Turn::GiveUp(reason, note) => {
                assert_eq!(note.standing, Standing::Failed);
                Some(reason)
            }
            Turn::Begin(_) => None,
        }
    }

    #[test]
    fn an_attempt_is_interrupted_until_it_is_known_how_it_went() {
        let row = r#"[{"at":1,"reason":"SERVER_ERROR","status":500},{"at":2,"reason":"INTERRUPTED"}]"#;
        let taken = Taken::read("fetch".to_owned(), 2, row);
        let before = [Failure::of_status(500, None, UnixMillis(1))];
        assert_eq!(taken.failures, before);
        let done = taken.done(false, NOW);
        assert_eq!((done.standing, done.attempts, done.is_done), (Standing::Done, 0, true));
        assert_eq!(done.failures, before);
        let failure = Failure::without_status(Reason::TimedOut, NOW);
        let failed = taken.failed(&failure, false, 0);
        assert_eq!((failed.standing, failed.attempts, failed.is_done), (Standing::Pending, 2, false));
        assert_eq!(failed.failures, [before[0].clone(), failure]);
        let deferred = taken.deferred(NOW, 0);
        assert_eq!((deferred.attempts, deferred.failures.as_slice()), (1, &before[..]));
        assert_eq!(deferred.due, NOW.plus(1_000));
    }

    #[test]
    fn work_that_is_interrupted_each_time_is_given_up() {
        let times = |count: u32| taken("fetch", count + 1, &vec![Reason::Interrupted; count as usize]);
        assert_eq!(given_up(&times(MAX_INTERRUPTED_ATTEMPTS - 1)), None);
        assert_eq!(given_up(&times(MAX_INTERRUPTED_ATTEMPTS)), Some(Reason::Interrupted));
        let Turn::GiveUp(_, note) = times(MAX_INTERRUPTED_ATTEMPTS).turn(NOW) else { panic!("given up") };
        assert_eq!(note.attempts, MAX_INTERRUPTED_ATTEMPTS, "the one that is not begun does not count");
        let mut mixed = [Reason::Interrupted; 6];
        mixed[4] = Reason::TimedOut;
        assert_eq!(given_up(&taken("fetch", 7, &mixed)), None, "one that was heard of in between");
        assert_eq!(given_up(&taken("fetch", 1, &[Reason::Interrupted; 9])), None, "of what was done before");
        assert_eq!(given_up(&taken("fetch", MAX_ATTEMPTS, &[Reason::TimedOut; 10])), None);
        assert_eq!(
            given_up(&taken("fetch", MAX_ATTEMPTS + 1, &[Reason::TimedOut; 10])),
            Some(Reason::TimedOut)
        );
    }

    #[test]
    fn work_of_an_unknown_name_is_given_up_with_its_reason() {
        let unknown = taken("deliver:1", 1, &[]);
        let Turn::GiveUp(Reason::UnknownWork, note) = unknown.turn(NOW) else { panic!("given up") };
        assert_eq!((note.standing, note.failures), (Standing::Failed, failures(&[Reason::UnknownWork])));
        assert_eq!(taken("document:d", 1, &[]).turn(NOW), Turn::Begin(Work::parse("document:d").unwrap()));
    }

    #[test]
    fn work_wanted_anew_meanwhile_is_done_once_more() {
        assert_eq!(taken("fetch", 1, &[]).done(true, NOW).due, NOW);
        assert_eq!(taken("copy", 1, &[]).done(true, NOW).due, NOW.plus(COPY_REST_MILLIS));
        let refused = Failure::of_status(404, None, NOW);
        let last = taken("fetch", 4, &[Reason::Refused; 3]);
        assert_eq!(last.failed(&refused, false, 0).standing, Standing::Failed);
        let anew = last.failed(&refused, true, 0);
        assert_eq!((anew.standing, anew.attempts, anew.due), (Standing::Pending, 0, NOW));
    }

    #[test]
    fn the_latest_failures_are_kept_and_one_of_a_later_version_costs_no_other() {
        let full = taken("fetch", 11, &[Reason::TimedOut; MAX_FAILURES_KEPT]);
        let note = full.failed(&Failure::of_status(503, None, NOW), false, 0);
        assert_eq!(note.failures.len(), MAX_FAILURES_KEPT);
        assert_eq!(note.failures.last().unwrap().status, Some(503));
        let foreign =
            r#"[{"at":1,"reason":"TIMED_OUT"},{"at":2,"reason":"UNHEARD_OF"},{"at":3,"reason":"REFUSED"}]"#;
        let reasons: Vec<Reason> = read_failures(foreign).iter().map(|failure| failure.reason).collect();
        assert_eq!(reasons, [Reason::TimedOut, Reason::Refused]);
        assert_eq!(read_failures("no json"), []);
    }

    #[test]
    fn leases_grow_as_the_waits_after_failures_do() {
        assert_eq!(leases(u32::MAX)[..4], [1_000, 2_000, 4_000, 8_000]);
        assert_eq!(leases(0)[..4], [500, 1_000, 2_000, 4_000]);
        assert_eq!(leases(u32::MAX)[13], CAP_MILLIS);
    }
}
