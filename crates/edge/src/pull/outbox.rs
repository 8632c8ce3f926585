//! The outbox of a pull's object: what is to be done, when, and how it went.

use canopy::{
    pull::Work,
    retry::{Failure, MAX_FAILURES_KEPT},
    time::UnixMillis,
};
use serde_json::{Value, json};
use wasm_bindgen::JsValue;

use crate::platform::{Database, Row};

const PENDING: i32 = 0;
const RUNNING: i32 = 1;
const DONE: i32 = 2;
const FAILED: i32 = 3;

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

/// Puts work into the outbox. Work that waits there already is left as it is, its backoff too.
/// Gives when it is due, or `None` when nothing changed.
pub fn want(database: &Database, work: &Work, now: UnixMillis) -> Result<Option<i64>, JsValue> {
    let (grace, rest) = match work {
        Work::Copy => (0, COPY_REST_MILLIS),
        Work::Notify => (NOTIFY_GRACE_MILLIS, 0),
        Work::Fetch | Work::Document(_) => (0, 0),
    };
    let row = database.first(
        "INSERT INTO outbox (work, state, due, attempts, done_at, failures) VALUES (?1, 0, ?2, 0, 0, '[]')
         ON CONFLICT (work) DO UPDATE SET state = 0, attempts = 0, due = max(excluded.due, done_at + ?3)
         WHERE state <> 0 RETURNING due",
        [JsValue::from_str(&work.to_string()), millis(now.plus(grace).0), millis(rest as i64)],
    )?;
    Ok(row.and_then(|row| row.integer(0)))
}

/// What is due, marked as running. Work that was running when the object was lost is due again.
pub fn take_due(database: &Database, now: UnixMillis) -> Result<Vec<Entry>, JsValue> {
    let rows = database.all(
        "UPDATE outbox SET state = ?1 WHERE work IN
           (SELECT work FROM outbox WHERE state IN (?2, ?1) AND due <= ?3 ORDER BY due LIMIT 6)
         RETURNING work, attempts",
        [RUNNING.into(), PENDING.into(), millis(now.0)],
    )?;
    let entry = |row: Row| {
        let attempts = row.integer(1).and_then(|count| count.try_into().ok()).unwrap_or(0);
        Some(Entry { work: Work::parse(&row.text(0)?)?, attempts })
    };
    Ok(rows.into_iter().filter_map(entry).collect())
}

/// Notes that work is done, unless it was wanted again meanwhile.
pub fn succeed(database: &Database, work: &Work, now: UnixMillis) -> Result<(), JsValue> {
    database.run(
        "UPDATE outbox SET state = ?1, attempts = 0, done_at = ?2 WHERE work = ?3 AND state = ?4",
        [DONE.into(), millis(now.0), JsValue::from_str(&work.to_string()), RUNNING.into()],
    )
}

/// Notes that the session was told of `revision` by the notice sent with the event, if that is the newest.
pub fn told(database: &Database, revision: i64, now: UnixMillis) -> Result<(), JsValue> {
    database.run(
        "UPDATE outbox SET state = ?1, attempts = 0, done_at = ?2
         WHERE work = 'notify' AND state = ?3 AND (SELECT max(position) FROM event) = ?4",
        [DONE.into(), millis(now.0), PENDING.into(), millis(revision)],
    )
}

/// Notes a failed attempt: due again later, or failed for good unless it was wanted anew meanwhile.
pub fn fail(
    database: &Database,
    entry: &Entry,
    failure: &Failure,
    next: Option<UnixMillis>,
) -> Result<(), JsValue> {
    let work = entry.work.to_string();
    let row =
        database.first("SELECT failures, state FROM outbox WHERE work = ?1", [JsValue::from_str(&work)])?;
    let kept = row.as_ref().and_then(|row| row.text(0)).unwrap_or_default();
    let is_wanted_anew = row.and_then(|row| row.integer(1)) == Some(PENDING.into());
    let mut failures: Vec<Failure> = serde_json::from_str(&kept).unwrap_or_default();
    failures.push(failure.clone());
    let surplus = failures.len().saturating_sub(MAX_FAILURES_KEPT);
    failures.drain(..surplus);
    let failures = serde_json::to_string(&failures).expect("failures are plain data");
    let (state, due, attempts) = match next {
        Some(next) => (PENDING, next, entry.attempts + 1),
        None if is_wanted_anew => (PENDING, failure.at, 0),
        None => (FAILED, failure.at, entry.attempts + 1),
    };
    database.run(
        "UPDATE outbox SET state = ?1, due = ?2, attempts = ?3, failures = ?4 WHERE work = ?5",
        [
            state.into(),
            millis(due.0),
            attempts.into(),
            JsValue::from_str(&failures),
            JsValue::from_str(&work),
        ],
    )
}

/// Makes failed work due now, and waiting work too. Gives how much there is.
pub fn retry(database: &Database, now: UnixMillis) -> Result<usize, JsValue> {
    let rows = database.all(
        "UPDATE outbox SET state = ?1, due = ?2, attempts = 0 WHERE state IN (?3, ?1) RETURNING 1",
        [PENDING.into(), millis(now.0), FAILED.into()],
    )?;
    Ok(rows.len())
}

/// When the next work is due.
pub fn next_due(database: &Database) -> Result<Option<i64>, JsValue> {
    let row = database
        .first("SELECT min(due) FROM outbox WHERE state IN (?1, ?2)", [PENDING.into(), RUNNING.into()])?;
    Ok(row.and_then(|row| row.integer(0)))
}

/// The outbox as an operator reads it.
pub fn list(database: &Database) -> Result<Vec<Value>, JsValue> {
    let rows = database.all("SELECT work, state, due, attempts, failures FROM outbox ORDER BY work", [])?;
    Ok(rows.iter().map(describe).collect())
}

fn describe(row: &Row) -> Value {
    let state = row.integer(1).and_then(|state| i32::try_from(state).ok());
    let state = match state {
        Some(DONE) => "done",
        Some(FAILED) => "failed",
        _ => "pending",
    };
    let failures: Vec<Failure> = serde_json::from_str(&row.text(4).unwrap_or_default()).unwrap_or_default();
    let failures: Vec<Value> = failures
        .iter()
        .map(
            |failure| json!({ "at": failure.at.rfc3339(), "code": failure.reason, "status": failure.status }),
        )
        .collect();
    let due = row.integer(2).map(|due| UnixMillis(due).rfc3339());
    json!({
        "work": row.text(0),
        "state": state,
        "attempts": row.integer(3),
        "next_at": due.filter(|_| state == "pending"),
        "failures": failures,
    })
}

/// A moment or a position for SQLite: JavaScript's numbers hold both exactly.
pub fn millis(value: i64) -> JsValue {
    JsValue::from_f64(value as f64)
}
