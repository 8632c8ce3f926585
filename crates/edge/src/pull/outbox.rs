//! The outbox of a pull's object: what is to be done, when, and how it went.
//!
//! Work is written as pending with the event that calls for it and stays so until it is done or given up. That
//! it is being done is kept in memory alone: an object that is lost does it again.

use std::{cell::RefCell, collections::BTreeSet};

use canopy::{
    pull::Work,
    retry::{Failure, MAX_FAILURES_KEPT},
    time::UnixMillis,
};
use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::platform::{Database, Row};

const PENDING: i32 = 0;
const DONE: i32 = 1;
const FAILED: i32 = 2;

/// Least time between two copies to KV, which takes one write a second for a key.
const COPY_REST_MILLIS: u64 = 1_000;

/// Time that the notice sent with the event has before the alarm sends it again.
const NOTIFY_GRACE_MILLIS: u64 = 2_000;

/// One piece of work as stored.
pub struct Entry {
    /// What.
    pub work: Work,
    /// Failed attempts since it was last wanted anew.
    pub attempts: u32,
}

/// The table, and what is being done now.
pub struct Outbox {
    database: Database,
    running: RefCell<BTreeSet<Work>>,
    /// Running work that an event has called for meanwhile: it is to be done once more.
    wanted_anew: RefCell<BTreeSet<Work>>,
}

impl Outbox {
    pub fn new(database: Database) -> Self {
        Self { database, running: RefCell::default(), wanted_anew: RefCell::default() }
    }

    /// Puts work in. Work that waits there already is left as it is, its backoff too.
    /// Gives when it is due, or `None` when nothing changed.
    pub fn want(&self, work: &Work, now: UnixMillis) -> Result<Option<i64>, JsValue> {
        if self.running.borrow().contains(work) {
            self.wanted_anew.borrow_mut().insert(work.clone());
            return Ok(None);
        }
        let (grace, rest) = match work {
            Work::Copy => (0, COPY_REST_MILLIS),
            Work::Notify => (NOTIFY_GRACE_MILLIS, 0),
            Work::Fetch | Work::Document(_) => (0, 0),
        };
        let row = self.database.first(
            "INSERT INTO outbox (work, state, due, attempts, done_at, failures) VALUES (?1, 0, ?2, 0, 0, '[]')
             ON CONFLICT (work) DO UPDATE SET state = 0, attempts = 0, due = max(excluded.due, done_at + ?3)
             WHERE state <> 0 RETURNING due",
            [JsValue::from_str(&work.to_string()), millis(now.plus(grace).0), millis(rest as i64)],
        )?;
        Ok(row.and_then(|row| row.integer(0)))
    }

    /// Starts anew: whatever ran before has ended with the alarm it ran in.
    pub fn begin(&self) {
        self.running.borrow_mut().clear();
        self.wanted_anew.borrow_mut().clear();
    }

    /// What is due, from here on running.
    pub fn take_due(&self, now: UnixMillis) -> Result<Vec<Entry>, JsValue> {
        let rows = self.database.all(
            "SELECT work, attempts FROM outbox WHERE state = ?1 AND due <= ?2 ORDER BY due LIMIT 6",
            [PENDING.into(), millis(now.0)],
        )?;
        let entry = |row: Row| {
            let attempts = row.integer(1).and_then(|count| count.try_into().ok()).unwrap_or(0);
            Some(Entry { work: Work::parse(&row.text(0)?)?, attempts })
        };
        let entries: Vec<Entry> = rows.into_iter().filter_map(entry).collect();
        self.running.borrow_mut().extend(entries.iter().map(|entry| entry.work.clone()));
        Ok(entries)
    }

    /// Ends running work; gives whether it was wanted anew meanwhile.
    fn end(&self, work: &Work) -> bool {
        self.running.borrow_mut().remove(work);
        self.wanted_anew.borrow_mut().remove(work)
    }

    /// Notes that work is done, unless it was wanted anew meanwhile: then it is due again.
    pub fn succeed(&self, work: &Work, now: UnixMillis) -> Result<(), JsValue> {
        let (state, due) = match (self.end(work), work) {
            (false, _) => (DONE, now),
            (true, Work::Copy) => (PENDING, now.plus(COPY_REST_MILLIS)),
            (true, _) => (PENDING, now),
        };
        self.database.run(
            "UPDATE outbox SET state = ?1, due = ?2, attempts = 0, done_at = ?3 WHERE work = ?4",
            [state.into(), millis(due.0), millis(now.0), JsValue::from_str(&work.to_string())],
        )
    }

    /// Notes that the session was told of `revision` by the notice sent with the event, if that is the newest.
    pub fn told(&self, revision: i64, now: UnixMillis) -> Result<(), JsValue> {
        self.database.run(
            "UPDATE outbox SET state = ?1, attempts = 0, done_at = ?2
             WHERE work = 'notify' AND state = ?3 AND (SELECT max(position) FROM event) = ?4",
            [DONE.into(), millis(now.0), PENDING.into(), millis(revision)],
        )
    }

    /// Notes a failed attempt: due again later, or failed for good unless it was wanted anew meanwhile.
    pub fn fail(&self, entry: &Entry, failure: &Failure, next: Option<UnixMillis>) -> Result<(), JsValue> {
        let work = JsValue::from_str(&entry.work.to_string());
        let kept = self.database.first("SELECT failures FROM outbox WHERE work = ?1", [work.clone()])?;
        let kept = kept.and_then(|row| row.text(0)).unwrap_or_default();
        let mut failures: Vec<Failure> = serde_json::from_str(&kept).unwrap_or_default();
        failures.push(failure.clone());
        let surplus = failures.len().saturating_sub(MAX_FAILURES_KEPT);
        failures.drain(..surplus);
        let failures = serde_json::to_string(&failures).expect("failures are plain data");
        let (state, due, attempts) = match (next, self.end(&entry.work)) {
            (Some(next), _) => (PENDING, next, entry.attempts + 1),
            (None, true) => (PENDING, failure.at, 0),
            (None, false) => (FAILED, failure.at, entry.attempts + 1),
        };
        self.database.run(
            "UPDATE outbox SET state = ?1, due = ?2, attempts = ?3, failures = ?4 WHERE work = ?5",
            [state.into(), millis(due.0), attempts.into(), JsValue::from_str(&failures), work],
        )
    }

    /// Makes failed work due now, and waiting work too. Gives how much there is.
    pub fn retry(&self, now: UnixMillis) -> Result<usize, JsValue> {
        let rows = self.database.all(
            "UPDATE outbox SET state = ?1, due = ?2, attempts = 0 WHERE state IN (?1, ?3) RETURNING 1",
            [PENDING.into(), millis(now.0), FAILED.into()],
        )?;
        Ok(rows.len())
    }

    /// When the next work is due.
    pub fn next_due(&self) -> Result<Option<i64>, JsValue> {
        let row = self.database.first("SELECT min(due) FROM outbox WHERE state = ?1", [PENDING.into()])?;
        Ok(row.and_then(|row| row.integer(0)))
    }

    /// The outbox as an operator reads it.
    pub fn list(&self) -> Result<Vec<Line>, JsValue> {
        let query = "SELECT work, state, due, attempts, failures FROM outbox ORDER BY work";
        Ok(self.database.all(query, [])?.iter().map(describe).collect())
    }
}

/// A piece of work as an operator reads it.
#[derive(Serialize)]
pub struct Line {
    work: Option<String>,
    state: &'static str,
    attempts: Option<i64>,
    next_at: Option<String>,
    failures: Vec<LineFailure>,
}

#[derive(Serialize)]
struct LineFailure {
    at: String,
    code: canopy::retry::Reason,
    status: Option<u16>,
}

fn describe(row: &Row) -> Line {
    let state = match row.integer(1).and_then(|state| i32::try_from(state).ok()) {
        Some(DONE) => "done",
        Some(FAILED) => "failed",
        _ => "pending",
    };
    let failures: Vec<Failure> = serde_json::from_str(&row.text(4).unwrap_or_default()).unwrap_or_default();
    let failure = |failure: &Failure| LineFailure {
        at: failure.at.rfc3339(),
        code: failure.reason,
        status: failure.status,
    };
    Line {
        work: row.text(0),
        state,
        attempts: row.integer(3),
        next_at: row.integer(2).filter(|_| state == "pending").map(|due| UnixMillis(due).rfc3339()),
        failures: failures.iter().map(failure).collect(),
    }
}

/// A moment or a position for SQLite: JavaScript's numbers hold both exactly.
pub fn millis(value: i64) -> JsValue {
    JsValue::from_f64(value as f64)
}
