//! The outbox of a pull: what is to be done, when, and how it went. The object keeps it and carries the work.
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

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Position, Work};
use crate::{
    retry::{
        self, BASE_MILLIS, CAP_MILLIS, Failure, MAX_ATTEMPTS, MAX_FAILURES_KEPT, MAX_INTERRUPTED_ATTEMPTS,
        Reason,
    },
    time::UnixMillis,
};

/// How long a copy waits for more of the same burst of events, in milliseconds.
pub const COPY_WAIT_MILLIS: u64 = 900;

/// Least time between two copies, in milliseconds: KV takes one write a second for a key.
pub const COPY_REST_MILLIS: u64 = 1_000;

/// Time that the notice sent with the event has before the alarm sends it again, in milliseconds.
const NOTIFY_GRACE_MILLIS: u64 = 2_000;

/// Time in which what announced the deletion of a pull is delivered, in milliseconds.
const ERASE_GRACE_MILLIS: u64 = 60 * 60 * 1_000;

/// Wait for room in memory, in milliseconds, half of it drawn.
const ROOM_MILLIS: u64 = 2_000;

/// Pieces of work above which each keeps [`FEW_FAILURES`] where it is stored.
const MUCH_WORK: usize = 200;

/// Of much work.
const FEW_FAILURES: usize = 2;

/// Most work done side by side.
const MAX_RUNNING: usize = 6;

/// Most deliveries beside it: of the platform's six connections at a time others are left for what is not a receiver's to slow down.
/// Source: Cloudflare, "Workers: limits", simultaneous open connections.
const MAX_DELIVERING: usize = 3;

/// Where work stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// To be done when it is due.
    #[default]
    Pending,
    /// Done.
    Done,
    /// Given up.
    Failed,
}

/// A piece of work, as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
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
    #[serde(deserialize_with = "readable_failures", skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<Failure>,
    /// The entry of the log that called for it.
    #[serde(skip_serializing_if = "Option::is_none")]
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
    /// What of it is not to wait when it is put off.
    hastened: BTreeSet<String>,
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
    has_changed: bool,
    running: Running,
}

/// Reads the failures of a row. One that a later version wrote, and this one cannot read, costs no other.
#[must_use]
pub fn read_failures(json: &str) -> Vec<Failure> {
    serde_json::from_str(json).map(readable).unwrap_or_default()
}

fn readable(all: Vec<&RawValue>) -> Vec<Failure> {
    all.iter().filter_map(|raw| serde_json::from_str(raw.get()).ok()).collect()
}

fn readable_failures<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Failure>, D::Error> {
    Vec::deserialize(deserializer).map(readable)
}

impl Outbox {
    /// The outbox as it was stored, by name, and what of it is being done.
    #[must_use]
    pub fn of(rows: impl IntoIterator<Item = (String, Row)>, running: Running) -> Self {
        Self { rows: rows.into_iter().collect(), has_changed: false, running }
    }

    /// Reads what [`Outbox::text`] gave. A row that a later version wrote and this one cannot read is to be done again.
    #[must_use]
    pub fn read(text: &str, running: Running) -> Self {
        let rows: BTreeMap<String, &RawValue> = serde_json::from_str(text).unwrap_or_default();
        let row = |raw: &RawValue| serde_json::from_str(raw.get()).unwrap_or_default();
        Self::of(rows.into_iter().map(|(name, raw)| (name, row(raw))), running)
    }

    /// As it is stored: of much work it keeps the last failures alone, that one row of 2 MB holds it.
    #[must_use]
    pub fn text(&self) -> String {
        if self.rows.len() <= MUCH_WORK {
            return serde_json::to_string(&self.rows).expect("rows are plain data");
        }
        let mut rows = self.rows.clone();
        rows.values_mut().for_each(|row| row.keep_failures(FEW_FAILURES));
        serde_json::to_string(&rows).expect("rows are plain data")
    }

    /// Whether it is another than the one that is stored.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        self.has_changed
    }

    /// Notes that it is stored as it is.
    pub fn stored(&mut self) {
        self.has_changed = false;
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
            Work::Erase => (ERASE_GRACE_MILLIS, 0),
            Work::Fetch | Work::Link | Work::Document(_) | Work::Deliver(_) | Work::Runs => (0, 0),
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

    /// Puts work in as [`Outbox::want`] does, and has what waits for another attempt not wait any more.
    pub fn hasten(&mut self, work: &Work, now: UnixMillis) {
        let name = work.to_string();
        let waiting = self.rows.get(&name).filter(|row| row.standing == Standing::Pending);
        match waiting.filter(|_| !self.running.has(&name)).cloned() {
            Some(row) => self.write(name, Row { due: now.min(row.due), ..row }),
            None => {
                if self.running.has(&name) {
                    self.running.0.borrow_mut().hastened.insert(name);
                }
                self.want(work, None, now);
            }
        }
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
        let (deliveries, due): (Vec<_>, Vec<_>) = due.into_iter().partition(|(.., name)| is_delivery(name));
        let beside = self.room_beside(due.iter().take_while(|(fallen, ..)| !fallen).count());
        let delivering = self.running.0.borrow().names.iter().filter(|name| is_delivery(name)).count();
        let deliveries = deliveries.into_iter().take(MAX_DELIVERING.saturating_sub(delivering));
        let (mut attempts, mut given_up) = (Vec::new(), Vec::new());
        for (.., name) in due.into_iter().take(beside).chain(deliveries) {
            let mut row = self.rows[&name].clone();
            match row.turn(&name) {
                Ok(work) => {
                    // Each run has a lease of its own, which begins anew with every step that it comes further.
                    let before = if work == Work::Runs { 0 } else { row.attempts };
                    let lease = retry::backoff(before + 1, BASE_MILLIS, CAP_MILLIS, random);
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

    /// How much more may be begun: as much as goes side by side of the `whole` work that is due, or one that has fallen, alone.
    fn room_beside(&self, whole: usize) -> usize {
        let running = self.running.0.borrow();
        let own = || running.names.iter().filter(|name| !is_delivery(name));
        let is_alone = own().any(|name| self.rows.get(name).is_some_and(Row::fell_before));
        match own().count() {
            0 => whole.clamp(1, MAX_RUNNING),
            _ if is_alone => 0,
            count => whole.min(MAX_RUNNING.saturating_sub(count)),
        }
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
                None if work.is_delivery() => row.due = failure.at.plus(CAP_MILLIS),
                None => (row.standing, row.due, is_last) = (Standing::Failed, failure.at, true),
            }
            row.push(failure.clone());
        });
        is_last
    }

    /// Running work is to go on at `due`, which is no failure of its own; now where it was hastened meanwhile.
    pub fn put_off(&mut self, work: &Work, due: UnixMillis, now: UnixMillis) {
        let is_hastened = self.running.0.borrow_mut().hastened.remove(&work.to_string());
        let due = if is_hastened { due.min(now) } else { due };
        self.end(work, |row, _| {
            row.failures.pop();
            row.attempts = 0;
            row.due = due;
        });
    }

    /// Running work was not attempted for lack of room, which is no fault of its own.
    pub fn defer(&mut self, work: &Work, now: UnixMillis, random: u32) {
        self.end(work, |row, _| {
            row.failures.pop();
            row.attempts = row.attempts.saturating_sub(1);
            row.due = now.plus(retry::backoff(1, ROOM_MILLIS, ROOM_MILLIS, random));
        });
    }

    /// Work was done without an attempt, or before the loss of what noted it: it is not pending any more.
    pub fn done(&mut self, work: &Work, now: UnixMillis) {
        let name = work.to_string();
        let pending = self.rows.get(&name).filter(|row| row.standing == Standing::Pending);
        let Some(row) = pending.filter(|_| !self.running.has(&name)) else { return };
        let mut row = Row { standing: Standing::Done, attempts: 0, done_at: now, ..row.clone() };
        row.failures.retain(|failure| failure.reason != Reason::Interrupted);
        self.write(name, row);
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

    /// When the next work is due, that of what is being done should it be lost.
    #[must_use]
    pub fn next_due(&self) -> Option<UnixMillis> {
        let pending = self.rows.values().filter(|row| row.standing == Standing::Pending);
        pending.map(|row| row.due).min()
    }

    /// When the next work is due that is not being done.
    #[must_use]
    pub fn next_to_begin(&self) -> Option<UnixMillis> {
        let rows = self.rows.iter().filter(|(name, _)| !self.running.has(name));
        rows.filter(|(_, row)| row.standing == Standing::Pending).map(|(_, row)| row.due).min()
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

    /// Telling the session leaves no row unless it failed: whether the outbox had to is a matter of moments. Of deliveries there
    /// is a log of their own.
    fn write(&mut self, name: String, row: Row) {
        let is_over = row.standing == Standing::Done && row.failures.is_empty();
        let leaves_none = |work: Work| work == Work::Notify || work.is_delivery();
        if is_over && Work::parse(&name).is_some_and(leaves_none) {
            self.rows.remove(&name);
        } else {
            self.rows.insert(name, row);
        }
        self.has_changed = true;
    }
}

fn is_delivery(name: &str) -> bool {
    Work::parse(name).is_some_and(|work| work.is_delivery())
}

impl Row {
    /// Whether its last attempt was interrupted.
    fn has_just_fallen(&self) -> bool {
        let last = self.failures.last();
        self.attempts > 0 && last.is_some_and(|failure| failure.reason == Reason::Interrupted)
    }

    /// Of work that is being done: whether the attempt before this was interrupted.
    fn fell_before(&self) -> bool {
        let before = self.failures.iter().rev().nth(1);
        self.attempts > 1 && before.is_some_and(|failure| failure.reason == Reason::Interrupted)
    }

    /// The work, if it is to be attempted; else why it is given up. Work of a name that this version does not know was
    /// left by a later one: it waits as failed for that one's return. Work that was interrupted each time is taken for
    /// what ends the isolate.
    fn turn(&self, name: &str) -> Result<Work, Reason> {
        let work = Work::parse(name).ok_or(Reason::UnknownWork)?;
        if work.is_delivery() {
            return Ok(work);
        }
        let of_this_want = self.failures.iter().rev().take(self.attempts as usize);
        let interrupted = of_this_want.take_while(|failure| failure.reason == Reason::Interrupted).count();
        if self.attempts >= MAX_ATTEMPTS || interrupted >= MAX_INTERRUPTED_ATTEMPTS as usize {
            return Err(self.failures.last().map_or(Reason::Interrupted, |failure| failure.reason));
        }
        Ok(work)
    }

    fn push(&mut self, failure: Failure) {
        self.failures.push(failure);
        self.keep_failures(MAX_FAILURES_KEPT);
    }

    fn keep_failures(&mut self, most: usize) {
        let surplus = self.failures.len().saturating_sub(most);
        self.failures.drain(..surplus);
    }
}

#[cfg(test)]
mod tests;
