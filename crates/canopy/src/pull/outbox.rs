//! The outbox of a pull: what is to be done, when, and how it went. The object keeps its rows and carries the work.
//!
//! Work is pending from the transaction of what calls for it until it is done or given up. What ends the isolate in the
//! middle of an attempt (a kill, a deployment, a lack of memory) cannot say so itself, so an attempt is written down
//! before it begins: counted, failed as [`Reason::Interrupted`], and due again after a lease. How it went takes the
//! place of that. That it is being done is known in memory alone: an object that is lost does it again.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use super::{Position, Work};
use crate::{
    retry::{
        self, BASE_MILLIS, CAP_MILLIS, Failure, MAX_ATTEMPTS, MAX_FAILURES_KEPT, MAX_INTERRUPTED_ATTEMPTS,
        Reason,
    },
    time::UnixMillis,
};

/// How long a copy waits for more of the same burst of events, in milliseconds.
pub const COPY_WAIT_MILLIS: u64 = 500;

/// Least time between two copies, in milliseconds: KV takes one write a second for a key.
pub const COPY_REST_MILLIS: u64 = 1_000;

/// Time that the notice sent with the event has before the alarm sends it again, in milliseconds.
const NOTIFY_GRACE_MILLIS: u64 = 2_000;

/// Wait for room in memory, in milliseconds, half of it drawn.
const ROOM_MILLIS: u64 = 2_000;

/// Most work done side by side.
const MAX_RUNNING: usize = 6;

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

/// A piece of work, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Where it stands.
    pub standing: Standing,
    /// When it is due, where it is pending.
    pub due: UnixMillis,
    /// Attempts since it was last wanted anew, the one under way included.
    pub attempts: u32,
    /// When it was last done; the epoch before that.
    pub done_at: UnixMillis,
    /// The latest failures; of an attempt under way, that it was interrupted.
    pub failures: Vec<Failure>,
    /// The entry of the log that called for it.
    pub cause: Option<Position>,
}

/// Work that is to be attempted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// What.
    pub work: Work,
    /// Which attempt it is, from 1.
    pub number: u32,
    /// The entry of the log that called for it.
    pub cause: Option<Position>,
}

/// Work that is given up without another attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUp {
    /// As stored: a later version may have left work of a name that is not known here.
    pub name: String,
    /// Attempts made.
    pub attempts: u32,
    /// Why the last one failed.
    pub reason: Reason,
}

/// What is being done. Its clones are one: it stays true where rows are read anew in the middle of it.
#[derive(Debug, Clone, Default)]
pub struct Running(Rc<RefCell<Doing>>);

#[derive(Debug, Default)]
struct Doing {
    names: BTreeSet<String>,
    /// What of it was called for meanwhile, and by what: it is to be done once more.
    wanted_anew: BTreeMap<String, Option<Position>>,
}

impl Running {
    fn has(&self, name: &str) -> bool {
        self.0.borrow().names.contains(name)
    }
}

/// All work of a pull, and what of it is being done.
#[derive(Debug, Clone, Default)]
pub struct Outbox {
    rows: BTreeMap<String, Row>,
    changed: BTreeSet<String>,
    running: Running,
}

/// Reads the failures of a row. One that a later version wrote, and this one cannot read, costs no other.
#[must_use]
pub fn read_failures(json: &str) -> Vec<Failure> {
    let all: Vec<&serde_json::value::RawValue> = serde_json::from_str(json).unwrap_or_default();
    all.iter().filter_map(|raw| serde_json::from_str(raw.get()).ok()).collect()
}

impl Outbox {
    /// The outbox as it was stored, by name, and what of it is being done.
    #[must_use]
    pub fn of(rows: impl IntoIterator<Item = (String, Row)>, running: Running) -> Self {
        Self { rows: rows.into_iter().collect(), changed: BTreeSet::new(), running }
    }

    /// Rows that changed since this was last asked, by name.
    pub fn take_changes(&mut self) -> impl Iterator<Item = (String, &Row)> {
        let changed = std::mem::take(&mut self.changed);
        changed.into_iter().filter_map(|name| {
            let row = self.rows.get(&name)?;
            Some((name, row))
        })
    }

    /// Whether there are such rows.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Puts work in, called for by the entry `cause`. Work that waits there already is left as it is, its backoff too;
    /// work that is being done is done once more.
    pub fn want(&mut self, work: &Work, cause: Option<Position>, now: UnixMillis) {
        let name = work.to_string();
        if self.running.has(&name) {
            self.running.0.borrow_mut().wanted_anew.insert(name, cause);
            return;
        }
        let (wait, rest) = match work {
            Work::Copy => (COPY_WAIT_MILLIS, COPY_REST_MILLIS),
            Work::Notify => (NOTIFY_GRACE_MILLIS, 0),
            Work::Fetch | Work::Document(_) => (0, 0),
        };
        let kept = self.rows.get_mut(&name);
        if kept.as_ref().is_some_and(|row| row.standing == Standing::Pending) {
            return;
        }
        let (done_at, failures) = kept
            .map(|row| (row.done_at, std::mem::take(&mut row.failures)))
            .unwrap_or((UnixMillis(0), Vec::new()));
        let due = now.plus(wait).max(done_at.plus(rest));
        self.write(name, Row { standing: Standing::Pending, due, attempts: 0, done_at, failures, cause });
    }

    /// Starts anew: whatever ran before has ended with the alarm that it ran in.
    pub fn begin(&mut self) {
        *self.running.0.borrow_mut() = Doing::default();
    }

    /// Takes what is due, each attempt written down: from here on running, or given up. What was interrupted before goes
    /// alone and after the others, so that what ends the isolate takes no neighbour with it a second time.
    ///
    /// The lease of an attempt grows as the wait after a failure does, half of it drawn by `random`, so that objects
    /// that fell together do not go on falling together.
    pub fn take_due(&mut self, now: UnixMillis, random: u32) -> (Vec<Attempt>, Vec<GivenUp>) {
        let is_due = |(name, row): &(&String, &Row)| {
            row.standing == Standing::Pending && row.due <= now && !self.running.has(name)
        };
        let mut due: Vec<_> = self
            .rows
            .iter()
            .filter(is_due)
            .map(|(name, row)| (row.has_just_fallen(), row.due, name.clone()))
            .collect();
        due.sort();
        let beside = due.iter().take_while(|(fallen, ..)| !fallen).count().clamp(1, MAX_RUNNING);
        let (mut attempts, mut given_up) = (Vec::new(), Vec::new());
        for (.., name) in due.into_iter().take(beside) {
            let mut row = self.rows[&name].clone();
            match row.turn(&name) {
                Ok(work) => {
                    let lease = retry::backoff(row.attempts + 1, BASE_MILLIS, CAP_MILLIS, random);
                    row.attempts += 1;
                    row.due = now.plus(lease);
                    row.push(Failure::without_status(Reason::Interrupted, now));
                    attempts.push(Attempt { work, number: row.attempts, cause: row.cause });
                    self.running.0.borrow_mut().names.insert(name.clone());
                }
                Err(reason) => {
                    row.standing = Standing::Failed;
                    if reason == Reason::UnknownWork {
                        row.push(Failure::without_status(reason, now));
                    }
                    given_up.push(GivenUp { name: name.clone(), attempts: row.attempts, reason });
                }
            }
            self.write(name, row);
        }
        (attempts, given_up)
    }

    /// Running work is done, unless it was wanted anew meanwhile: then it is due again.
    pub fn succeed(&mut self, work: &Work, now: UnixMillis) {
        self.end(work, |row, wanted_anew| {
            row.failures.pop();
            (row.attempts, row.done_at) = (0, now);
            row.standing = if wanted_anew { Standing::Pending } else { Standing::Done };
            row.due = if *work == Work::Copy { now.plus(COPY_REST_MILLIS) } else { now };
        });
    }

    /// Running work failed: due again later, or given up unless it was wanted anew meanwhile. Gives whether it is given up.
    pub fn fail(&mut self, work: &Work, failure: &Failure, random: u32) -> bool {
        let mut is_last = false;
        self.end(work, |row, wanted_anew| {
            row.failures.pop();
            match failure.next_attempt(row.attempts, random) {
                Some(next) => row.due = next,
                None if wanted_anew => (row.due, row.attempts) = (failure.at, 0),
                None => (row.standing, row.due, is_last) = (Standing::Failed, failure.at, true),
            }
            row.push(failure.clone());
        });
        is_last
    }

    /// Running work was not attempted for lack of room, which is no fault of its own.
    pub fn defer(&mut self, work: &Work, now: UnixMillis, random: u32) {
        self.end(work, |row, _| {
            row.failures.pop();
            row.attempts = row.attempts.saturating_sub(1);
            row.due = now.plus(retry::backoff(1, ROOM_MILLIS, ROOM_MILLIS, random));
        });
    }

    /// The notice sent with the event reached its session before the alarm came to it.
    pub fn told(&mut self, now: UnixMillis) {
        let name = Work::Notify.to_string();
        let Some(row) = self.rows.get(&name).filter(|row| row.standing == Standing::Pending) else { return };
        if !self.running.has(&name) {
            let row = Row { standing: Standing::Done, attempts: 0, done_at: now, ..row.clone() };
            self.write(name, row);
        }
    }

    /// Makes failed work due now, and waiting work too. Gives how much there is.
    pub fn retry(&mut self, now: UnixMillis) -> usize {
        let again = |(name, row): (&String, &Row)| {
            let row = Row { standing: Standing::Pending, due: now, attempts: 0, ..row.clone() };
            (!self.running.has(name)).then(|| (name.clone(), row))
        };
        let waits = |(_, row): &(&String, &Row)| row.standing != Standing::Done;
        let rows: Vec<_> = self.rows.iter().filter(waits).filter_map(again).collect();
        let count = rows.len();
        rows.into_iter().for_each(|(name, row)| self.write(name, row));
        count
    }

    /// When the next work is due.
    #[must_use]
    pub fn next_due(&self) -> Option<UnixMillis> {
        let pending = self.rows.values().filter(|row| row.standing == Standing::Pending);
        pending.map(|row| row.due).min()
    }

    /// All work as an operator reads it, by name: of what is being done it is not known yet how this attempt goes.
    pub fn list(&self) -> impl Iterator<Item = (&str, Row)> {
        self.rows.iter().map(|(name, row)| {
            let mut row = row.clone();
            if self.running.has(name) {
                row.attempts = row.attempts.saturating_sub(1);
                row.failures.pop();
            }
            (name.as_str(), row)
        })
    }

    /// The row of a piece of work, if that was ever wanted.
    #[must_use]
    pub fn row(&self, work: &Work) -> Option<&Row> {
        self.rows.get(&work.to_string())
    }

    fn end(&mut self, work: &Work, change: impl FnOnce(&mut Row, bool)) {
        let name = work.to_string();
        let anew = {
            let mut running = self.running.0.borrow_mut();
            running.names.remove(&name);
            running.wanted_anew.remove(&name)
        };
        let Some(mut row) = self.rows.get(&name).cloned() else { return };
        change(&mut row, anew.is_some());
        if let Some(cause) = anew {
            row.cause = cause;
        }
        self.write(name, row);
    }

    fn write(&mut self, name: String, row: Row) {
        self.rows.insert(name.clone(), row);
        self.changed.insert(name);
    }
}

impl Row {
    /// Whether its last attempt was interrupted.
    fn has_just_fallen(&self) -> bool {
        let last = self.failures.last();
        self.attempts > 0 && last.is_some_and(|failure| failure.reason == Reason::Interrupted)
    }

    /// The work, if it is to be attempted; else why it is given up. Work of a name that this version does not know was
    /// left by a later one: it waits as failed for that one's return. Work that was interrupted each time is taken for
    /// what ends the isolate.
    fn turn(&self, name: &str) -> Result<Work, Reason> {
        let work = Work::parse(name).ok_or(Reason::UnknownWork)?;
        let of_this_want = self.failures.iter().rev().take(self.attempts as usize);
        let interrupted = of_this_want.take_while(|failure| failure.reason == Reason::Interrupted).count();
        if self.attempts >= MAX_ATTEMPTS || interrupted >= MAX_INTERRUPTED_ATTEMPTS as usize {
            return Err(self.failures.last().map_or(Reason::Interrupted, |failure| failure.reason));
        }
        Ok(work)
    }

    fn push(&mut self, failure: Failure) {
        self.failures.push(failure);
        let surplus = self.failures.len().saturating_sub(MAX_FAILURES_KEPT);
        self.failures.drain(..surplus);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::DocumentId;

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);
    const RANDOM: u32 = u32::MAX;

    fn after(millis: u64) -> UnixMillis {
        NOW.plus(millis)
    }

    fn wanted(work: &Work) -> Outbox {
        let mut outbox = Outbox::default();
        outbox.want(work, Some(1), NOW);
        outbox
    }

    fn with(name: &str, attempts: u32, reasons: &[Reason]) -> Outbox {
        let failures = reasons.iter().map(|reason| Failure::without_status(*reason, NOW)).collect();
        let row = Row {
            standing: Standing::Pending,
            due: NOW,
            attempts,
            done_at: UnixMillis(0),
            failures,
            cause: None,
        };
        Outbox::of([(name.to_owned(), row)], Running::default())
    }

    fn fetch(outbox: &Outbox) -> &Row {
        outbox.row(&Work::Fetch).unwrap()
    }

    fn reasons(row: &Row) -> Vec<Reason> {
        row.failures.iter().map(|failure| failure.reason).collect()
    }

    fn given_up(mut outbox: Outbox) -> Option<Reason> {
        let (attempts, given_up) = outbox.take_due(NOW, RANDOM);
        assert_eq!(attempts.len() + given_up.len(), 1);
        given_up.first().map(|given_up| given_up.reason)
    }

    #[test]
    fn an_attempt_is_interrupted_until_it_is_known_how_it_went() {
        let mut outbox = wanted(&Work::Fetch);
        let (attempts, _) = outbox.take_due(NOW, RANDOM);
        assert_eq!(attempts, [Attempt { work: Work::Fetch, number: 1, cause: Some(1) }]);
        assert_eq!((fetch(&outbox).attempts, reasons(fetch(&outbox))), (1, vec![Reason::Interrupted]));
        assert_eq!(fetch(&outbox).due, after(BASE_MILLIS));
        let (_, shown) = outbox.list().next().unwrap();
        assert_eq!((shown.attempts, shown.failures.len()), (0, 0));
        assert_eq!(outbox.take_due(after(60_000), RANDOM), (vec![], vec![]), "it is being done");
        let apart = |outbox: &Outbox| {
            let mut apart = outbox.clone();
            apart.running = Running::default();
            apart.running.0.borrow_mut().names.insert("fetch".to_owned());
            apart
        };
        let mut fails = apart(&outbox);
        assert!(!fails.fail(&Work::Fetch, &Failure::of_status(500, None, NOW), RANDOM));
        assert_eq!((fetch(&fails).attempts, reasons(fetch(&fails))), (1, vec![Reason::ServerError]));
        let mut waits = apart(&outbox);
        waits.defer(&Work::Fetch, NOW, 0);
        assert_eq!((fetch(&waits).attempts, fetch(&waits).due), (0, after(1_000)));
        outbox.succeed(&Work::Fetch, NOW);
        assert_eq!((fetch(&outbox).standing, fetch(&outbox).failures.len()), (Standing::Done, 0));
    }

    #[test]
    fn an_object_that_was_lost_takes_up_what_it_was_at_alone_and_last() {
        let mut outbox = wanted(&Work::Fetch);
        outbox.want(&Work::Notify, Some(1), NOW);
        outbox.take_due(NOW, RANDOM);
        let mut woken = Outbox::of(outbox.rows, Running::default());
        let work = |taken: (Vec<Attempt>, Vec<GivenUp>)| -> Vec<Work> {
            taken.0.into_iter().map(|attempt| attempt.work).collect()
        };
        assert_eq!(work(woken.take_due(after(5_000), RANDOM)), [Work::Notify]);
        assert_eq!(work(woken.take_due(after(5_000), RANDOM)), [Work::Fetch]);
    }

    #[test]
    fn six_are_done_side_by_side_the_longest_due_first() {
        let mut outbox = Outbox::default();
        for number in 0..8_u64 {
            let id = DocumentId::parse(&format!("d{number}")).unwrap();
            outbox.want(&Work::Document(id), None, after(8 - number));
        }
        let (attempts, _) = outbox.take_due(after(8), RANDOM);
        let names: Vec<String> = attempts.iter().map(|attempt| attempt.work.to_string()).collect();
        assert_eq!(names, ["7", "6", "5", "4", "3", "2"].map(|number| format!("document:d{number}")));
    }

    #[test]
    fn work_that_is_interrupted_each_time_is_given_up() {
        let times = |count: u32| with("fetch", count, &vec![Reason::Interrupted; count as usize]);
        assert_eq!(given_up(times(MAX_INTERRUPTED_ATTEMPTS - 1)), None);
        assert_eq!(given_up(times(MAX_INTERRUPTED_ATTEMPTS)), Some(Reason::Interrupted));
        let mut mixed = [Reason::Interrupted; 6];
        mixed[4] = Reason::TimedOut;
        assert_eq!(given_up(with("fetch", 6, &mixed)), None, "one that was heard of in between");
        assert_eq!(given_up(with("fetch", 0, &[Reason::Interrupted; 9])), None, "of what was done before");
        assert_eq!(given_up(with("fetch", MAX_ATTEMPTS - 1, &[Reason::TimedOut; 10])), None);
        assert_eq!(given_up(with("fetch", MAX_ATTEMPTS, &[Reason::TimedOut; 10])), Some(Reason::TimedOut));
    }

    #[test]
    fn work_of_an_unknown_name_is_given_up_with_its_reason() {
        let mut outbox = with("deliver:1", 0, &[]);
        let (_, given_up) = outbox.take_due(NOW, RANDOM);
        assert_eq!(
            given_up,
            [GivenUp { name: "deliver:1".to_owned(), attempts: 0, reason: Reason::UnknownWork }]
        );
        let (_, row) = outbox.list().next().unwrap();
        assert_eq!((row.standing, reasons(&row)), (Standing::Failed, vec![Reason::UnknownWork]));
        assert_eq!(outbox.retry(after(1)), 1, "should its version be back");
    }

    #[test]
    fn a_burst_of_events_makes_one_copy_no_more_than_a_second_behind_the_last() {
        let mut outbox = wanted(&Work::Copy);
        for millis in [1, 100, 499] {
            outbox.want(&Work::Copy, Some(2), after(millis));
        }
        let copy = |outbox: &Outbox| outbox.row(&Work::Copy).unwrap().due;
        assert_eq!(copy(&outbox), after(COPY_WAIT_MILLIS));
        outbox.take_due(after(500), RANDOM);
        outbox.want(&Work::Copy, Some(5), after(505));
        outbox.succeed(&Work::Copy, after(510));
        assert_eq!(copy(&outbox), after(1_510), "of what came while it was made");
        outbox.take_due(after(1_510), RANDOM);
        outbox.succeed(&Work::Copy, after(1_520));
        outbox.want(&Work::Copy, Some(6), after(1_530));
        assert_eq!(copy(&outbox), after(2_520));
        outbox.take_due(after(2_520), RANDOM);
        outbox.succeed(&Work::Copy, after(2_530));
        outbox.want(&Work::Copy, Some(7), after(9_000));
        assert_eq!(copy(&outbox), after(9_500));
    }

    #[test]
    fn work_wanted_anew_meanwhile_is_done_once_more() {
        let mut outbox = wanted(&Work::Fetch);
        outbox.take_due(NOW, RANDOM);
        outbox.want(&Work::Fetch, Some(9), NOW);
        outbox.succeed(&Work::Fetch, after(7));
        let row = fetch(&outbox);
        assert_eq!((row.standing, row.due, row.cause), (Standing::Pending, after(7), Some(9)));
        let mut last = with("fetch", 3, &[Reason::Refused; 3]);
        let refused = Failure::of_status(404, None, NOW);
        let mut alone = with("fetch", 3, &[Reason::Refused; 3]);
        alone.take_due(NOW, RANDOM);
        assert!(alone.fail(&Work::Fetch, &refused, RANDOM));
        assert_eq!(fetch(&alone).standing, Standing::Failed);
        last.take_due(NOW, RANDOM);
        last.want(&Work::Fetch, None, NOW);
        assert!(!last.fail(&Work::Fetch, &refused, RANDOM));
        assert_eq!((fetch(&last).standing, fetch(&last).attempts), (Standing::Pending, 0));
    }

    #[test]
    fn rows_read_anew_while_work_is_done_forget_neither_it_nor_that_it_is_wanted_once_more() {
        let mut outbox = wanted(&Work::Fetch);
        outbox.take_due(NOW, RANDOM);
        let mut again = Outbox::of(outbox.rows.clone(), outbox.running.clone());
        again.want(&Work::Fetch, Some(7), NOW);
        again.succeed(&Work::Fetch, after(9));
        assert_eq!((fetch(&again).standing, fetch(&again).cause), (Standing::Pending, Some(7)));
    }

    #[test]
    fn a_notice_that_came_with_the_event_is_not_sent_again() {
        let mut outbox = wanted(&Work::Notify);
        assert_eq!(outbox.next_due(), Some(after(NOTIFY_GRACE_MILLIS)));
        outbox.told(after(3));
        assert_eq!(outbox.next_due(), None);
        outbox.told(after(4));
        assert_eq!(outbox.row(&Work::Notify).unwrap().done_at, after(3));
    }

    #[test]
    fn the_latest_failures_are_kept_and_one_of_a_later_version_costs_no_other() {
        let mut full = with("fetch", 10, &[Reason::TimedOut; MAX_FAILURES_KEPT]);
        full.take_due(NOW, RANDOM);
        full.fail(&Work::Fetch, &Failure::of_status(503, None, NOW), RANDOM);
        assert_eq!(fetch(&full).failures.len(), MAX_FAILURES_KEPT);
        assert_eq!(fetch(&full).failures.last().unwrap().status, Some(503));
        let foreign =
            r#"[{"at":1,"reason":"TIMED_OUT"},{"at":2,"reason":"UNHEARD_OF"},{"at":3,"reason":"REFUSED"}]"#;
        let reasons: Vec<Reason> = read_failures(foreign).iter().map(|failure| failure.reason).collect();
        assert_eq!(reasons, [Reason::TimedOut, Reason::Refused]);
        assert_eq!(read_failures("no json"), []);
    }

    #[derive(Debug, Clone)]
    enum Do {
        Want(u8),
        Take,
        Succeed(u8),
        Fail(u8, u16),
        Wait(u16),
        Lose,
        Read,
    }

    fn work(number: u8) -> Work {
        [Work::Copy, Work::Notify, Work::Fetch, Work::Document(DocumentId::parse("d").unwrap())]
            [usize::from(number % 4)]
        .clone()
    }

    fn steps() -> impl Strategy<Value = Vec<Do>> {
        let step = prop_oneof![
            any::<u8>().prop_map(Do::Want),
            Just(Do::Take),
            any::<u8>().prop_map(Do::Succeed),
            (any::<u8>(), prop::sample::select(vec![404, 429, 500]))
                .prop_map(|(n, status)| Do::Fail(n, status)),
            any::<u16>().prop_map(Do::Wait),
            Just(Do::Lose),
            Just(Do::Read),
        ];
        prop::collection::vec(step, 0..60)
    }

    proptest! {
        /// Whatever happens, rows that were written are the rows that are there, and work that was wanted stays pending
        /// until it was done or given up.
        #[test]
        fn nothing_wanted_is_forgotten(steps in steps()) {
            let (mut outbox, mut stored, mut now) = (Outbox::default(), BTreeMap::new(), NOW);
            for step in steps {
                match step {
                    Do::Want(number) => outbox.want(&work(number), None, now),
                    Do::Take => drop(outbox.take_due(now, RANDOM)),
                    Do::Succeed(number) if outbox.running.has(&work(number).to_string()) => {
                        outbox.succeed(&work(number), now);
                    }
                    Do::Fail(number, status) if outbox.running.has(&work(number).to_string()) => {
                        outbox.fail(&work(number), &Failure::of_status(status, None, now), RANDOM);
                    }
                    Do::Wait(millis) => now = now.plus(millis.into()),
                    Do::Lose => outbox = Outbox::of(stored.clone(), Running::default()),
                    Do::Read => outbox = Outbox::of(stored.clone(), outbox.running.clone()),
                    Do::Succeed(_) | Do::Fail(..) => {}
                }
                stored.extend(outbox.take_changes().map(|(name, row)| (name, row.clone())));
                prop_assert_eq!(&stored, &outbox.rows);
                if let Do::Want(number) = step {
                    let row = outbox.row(&work(number)).unwrap();
                    prop_assert_eq!(row.standing, Standing::Pending);
                    prop_assert!(row.due <= now.plus(CAP_MILLIS));
                }
            }
        }
    }
}
