//! The outbox of a pull's object: what is to be done, when, and how it went.
//!
//! Work is written as pending with the event that calls for it and stays so until it is done or given up. An attempt is
//! counted as interrupted in the statement that takes the work; how it went takes the place of that. That it is
//! being done is kept in memory alone: an object that is lost does it again.

use std::{cell::RefCell, collections::BTreeSet};

use canopy::{
    pull::{COPY_REST_MILLIS, Note, Standing, Taken, Turn, Work, leases, read_failures},
    retry::{Failure, MAX_FAILURES_KEPT, Reason},
    time::UnixMillis,
};
use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::platform::{self, Database, Row};

const PENDING: i32 = 0;
const DONE: i32 = 1;
const FAILED: i32 = 2;

/// Time that the notice sent with the event has before the alarm sends it again.
const NOTIFY_GRACE_MILLIS: u64 = 2_000;

/// Takes what is due: six side by side. What was interrupted before goes alone and after the others, so that what
/// ends the isolate takes no neighbour with it a second time.
const TAKE: &str = "
UPDATE outbox SET attempts = attempts + 1,
  due = CAST(?1 AS INTEGER) + (?2 ->> ('$[' || min(attempts, json_array_length(?2) - 1) || ']')),
  failures = json_insert(
    iif(json_array_length(failures) < ?3, failures, json_remove(failures, '$[0]')),
    '$[#]', json_object('at', CAST(?1 AS INTEGER), 'reason', 'INTERRUPTED'))
WHERE work IN (
  SELECT work FROM (
    SELECT work, fell, row_number() OVER (ORDER BY fell, due) AS place FROM (
      SELECT work, due, attempts > 0 AND (failures ->> '$[#-1].reason') IS 'INTERRUPTED' AS fell
      FROM outbox WHERE state = 0 AND due <= ?1))
  WHERE place = 1 OR (place <= 6 AND NOT fell))
RETURNING work, attempts, failures, due";

/// Work that is to be attempted.
pub struct Entry {
    /// What.
    pub work: Work,
    /// Its row.
    pub taken: Taken,
    /// When it is due again, should this attempt be interrupted.
    pub lease: UnixMillis,
}

/// Work that is given up without another attempt, and why.
pub type GivenUp = (Taken, Reason);

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

    /// Takes what is due: from here on running, or given up; nothing of either when nothing is due.
    pub fn take_due(&self, now: UnixMillis) -> Result<(Vec<Entry>, Vec<GivenUp>), JsValue> {
        let leases = serde_json::to_string(&leases(random())).expect("leases are plain data");
        let kept = JsValue::from_f64(MAX_FAILURES_KEPT as f64);
        let rows = self.database.all(TAKE, [millis(now.0), JsValue::from_str(&leases), kept])?;
        let (mut entries, mut given_up) = (Vec::new(), Vec::new());
        for row in rows {
            let attempts = row.integer(1).and_then(|count| count.try_into().ok()).unwrap_or(1);
            let failures = row.text(2).unwrap_or_default();
            let taken = Taken::read(row.text(0).unwrap_or_default(), attempts, &failures);
            match taken.turn(now) {
                Turn::Begin(work) => {
                    self.running.borrow_mut().insert(work.clone());
                    entries.push(Entry { work, taken, lease: UnixMillis(row.integer(3).unwrap_or(now.0)) });
                }
                Turn::GiveUp(reason, note) => {
                    self.note(&taken.name, &note, now)?;
                    given_up.push((taken, reason));
                }
            }
        }
        Ok((entries, given_up))
    }

    /// Ends running work; gives whether it was wanted anew meanwhile.
    fn end(&self, work: &Work) -> bool {
        self.running.borrow_mut().remove(work);
        self.wanted_anew.borrow_mut().remove(work)
    }

    /// Notes that work is done, unless it was wanted anew meanwhile: then it is due again.
    pub fn succeed(&self, entry: &Entry, now: UnixMillis) -> Result<(), JsValue> {
        let note = entry.taken.done(self.end(&entry.work), now);
        self.note(&entry.taken.name, &note, now)
    }

    /// Notes a failed attempt; gives whether it was the last.
    pub fn fail(&self, entry: &Entry, failure: &Failure) -> Result<bool, JsValue> {
        let note = entry.taken.failed(failure, self.end(&entry.work), random());
        self.note(&entry.taken.name, &note, failure.at)?;
        Ok(note.standing == Standing::Failed)
    }

    /// Notes that work found no room.
    pub fn defer(&self, entry: &Entry, now: UnixMillis) -> Result<(), JsValue> {
        self.end(&entry.work);
        self.note(&entry.taken.name, &entry.taken.deferred(now, random()), now)
    }

    fn note(&self, work: &str, note: &Note, now: UnixMillis) -> Result<(), JsValue> {
        let state = match note.standing {
            Standing::Pending => PENDING,
            Standing::Done => DONE,
            Standing::Failed => FAILED,
        };
        let failures = serde_json::to_string(&note.failures).expect("failures are plain data");
        let done_at = if note.is_done { millis(now.0) } else { JsValue::NULL };
        self.database.run(
            "UPDATE outbox SET state = ?1, due = ?2, attempts = ?3, failures = ?4, done_at = coalesce(?5, done_at)
             WHERE work = ?6",
            [
                state.into(),
                millis(note.due.0),
                note.attempts.into(),
                JsValue::from_str(&failures),
                done_at,
                JsValue::from_str(work),
            ],
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
        let running = self.running.borrow();
        let is_running = |row: &Row| {
            row.text(0).and_then(|name| Work::parse(&name)).is_some_and(|work| running.contains(&work))
        };
        Ok(self.database.all(query, [])?.iter().map(|row| describe(row, is_running(row))).collect())
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

/// Of what is running it is not known yet how this attempt went.
fn describe(row: &Row, is_running: bool) -> Line {
    let state = match row.integer(1).and_then(|state| i32::try_from(state).ok()) {
        Some(DONE) => "done",
        Some(FAILED) => "failed",
        _ => "pending",
    };
    let mut failures = read_failures(&row.text(4).unwrap_or_default());
    if is_running {
        failures.pop();
    }
    let failure = |failure: &Failure| LineFailure {
        at: failure.at.rfc3339(),
        code: failure.reason,
        status: failure.status,
    };
    Line {
        work: row.text(0),
        state,
        attempts: row.integer(3).map(|attempts| attempts - i64::from(is_running)),
        next_at: row.integer(2).filter(|_| state == "pending").map(|due| UnixMillis(due).rfc3339()),
        failures: failures.iter().map(failure).collect(),
    }
}

fn random() -> u32 {
    u32::from_ne_bytes(platform::random())
}

/// A moment or a position for SQLite: JavaScript's numbers hold both exactly.
pub fn millis(value: i64) -> JsValue {
    JsValue::from_f64(value as f64)
}
