//! The rows of runs.

use canopy::{config::Config, time::UnixMillis};
use flow::run::{Ended, Journal, Record, Run, Status};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wasm_bindgen::JsValue;

use super::super::{
    ledger::Ledger,
    store::{IntoSql, integer},
};
use crate::{
    objects::calls::{RunChanged, SeenRun},
    platform::{self, Row},
};

/// A run and how it ended.
#[derive(Clone, Serialize, Deserialize)]
pub struct Head {
    #[serde(flatten)]
    pub run: Run,
    #[serde(default)]
    pub ended: Option<Ended>,
    /// What a person is asked, as a step's path.
    #[serde(default)]
    pub asks: Option<String>,
}

/// A run as it is kept.
pub struct Kept {
    pub head: Head,
    pub journal: Journal,
}

/// When and why a run is looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    pub status: Status,
    pub due: Option<UnixMillis>,
    pub awaits: bool,
    /// Whether it goes on although it was over.
    pub reopens: bool,
}

/// What a write says of a run that somebody ended meanwhile.
pub const OVER: &str = "the run is over";

/// The places of a run and of its steps, for sealing.
pub fn head_context(pull_id: &str, number: i64) -> String {
    format!("run/{pull_id}/{number}")
}

pub fn step_context(pull_id: &str, number: i64, place: i64) -> String {
    format!("step/{pull_id}/{number}/{place}")
}

fn sealed(config: &Config, value: &impl Serialize, context: &str) -> [JsValue; 2] {
    let text = serde_json::to_vec(value).expect("what is kept is plain data");
    let sealed = config.keys.seal(&text, context, platform::random());
    [i32::from(sealed.is_some()).into(), platform::to_js(sealed.as_deref().unwrap_or(&text))]
}

fn opened<T: for<'de> Deserialize<'de>>(
    config: &Config,
    row: &Row,
    column: u32,
    context: &str,
) -> Result<T, JsValue> {
    let mut bytes = row.bytes(column + 1);
    let opened = config.keys.read(&mut bytes, row.integer(column) == Some(1), context);
    let text = opened.map_err(|error| JsValue::from(error.to_string()))?;
    serde_json::from_slice(text).map_err(|_| "run unreadable".into())
}

fn pull_id(ledger: &Ledger) -> Result<String, JsValue> {
    Ok(ledger.read(|record| record.pull_id.to_string())?.unwrap_or_default())
}

/// Writes a run that begins, due at once, unless there is one of the same instance, flow and entry.
pub fn insert(ledger: &Ledger, pull_id: &str, number: i64, run: Run) -> Result<bool, JsValue> {
    let (instance, flow) = (run.instance.clone(), run.flow.clone());
    let (cause, at) = (run.cause, run.started_at);
    let head = Head { run, ended: None, asks: None };
    let config = ledger.config()?;
    let [is_sealed, head] = sealed(&config, &head, &head_context(pull_id, number));
    let written = ledger.database.write(
        "INSERT OR IGNORE INTO run (number, instance_id, flow, cause, status, due, awaits, copied, updated_at, sealed, head)
         VALUES (?1, ?2, ?3, ?4, 'running', ?5, 0, 0, ?5, ?6, ?7)",
        [
            integer(number),
            instance.into(),
            flow.into(),
            cause.map_or(JsValue::NULL, integer),
            at.into_sql(),
            is_sealed,
            head,
        ],
    )?;
    Ok(written > 0.0)
}

/// The number of the next run.
pub fn next_number(ledger: &Ledger) -> Result<i64, JsValue> {
    let row = ledger.database.first("SELECT coalesce(max(number), 0) + 1 FROM run", [])?;
    Ok(row.and_then(|row| row.integer(0)).unwrap_or(1))
}

/// How many runs came before one, where that can be read; within a transaction, where the record is taken.
pub fn generation_of(ledger: &Ledger, pull_id: &str, number: i64) -> Option<u8> {
    let query = "SELECT sealed, head FROM run WHERE number = ?1";
    let row = ledger.database.first(query, [integer(number)]).ok().flatten()?;
    let config = ledger.config().ok()?;
    opened::<Head>(&config, &row, 0, &head_context(pull_id, number)).ok().map(|head| head.run.generation)
}

/// A run with its journal.
pub fn read(ledger: &Ledger, number: i64) -> Result<Option<Kept>, JsValue> {
    if !ledger.tables().runs {
        return Ok(None);
    }
    let (config, pull_id) = (ledger.config()?, pull_id(ledger)?);
    let row = ledger.database.first("SELECT sealed, head FROM run WHERE number = ?1", [integer(number)])?;
    let Some(row) = row else { return Ok(None) };
    let head = opened(&config, &row, 0, &head_context(&pull_id, number))?;
    let steps = ledger
        .database
        .all("SELECT place, sealed, record FROM step WHERE run = ?1 ORDER BY place", [integer(number)])?;
    let record = |row: &Row| {
        opened(&config, row, 1, &step_context(&pull_id, number, row.integer(0).unwrap_or_default()))
    };
    let records: Vec<Record> = steps.iter().map(record).collect::<Result<_, _>>()?;
    Ok(Some(Kept { head, journal: Journal::of(records) }))
}

/// Writes what has changed of a run: in a transaction of its caller's.
pub fn write(
    ledger: &Ledger,
    pull_id: &str,
    number: i64,
    head: &Head,
    journal: &mut Journal,
    again: Again,
    now: UnixMillis,
) -> Result<(), JsValue> {
    let config = ledger.config()?;
    for (place, record) in journal.take_changed() {
        let place = place as i64;
        let [is_sealed, record] = sealed(&config, record, &step_context(pull_id, number, place));
        ledger.database.run(
            "INSERT OR REPLACE INTO step (run, place, sealed, record) VALUES (?1, ?2, ?3, ?4)",
            [integer(number), integer(place), is_sealed, record],
        )?;
    }
    let [is_sealed, head] = sealed(&config, head, &head_context(pull_id, number));
    // The list has it as it is where nothing changed that it shows.
    let written = ledger.database.write(
        "UPDATE run SET copied = iif(status = ?2 AND copied = 1, 1, 0), status = ?2, due = ?3, awaits = ?4, updated_at = ?5, falls = 0,
           sealed = ?6, head = ?7 WHERE number = ?1 AND (status IN ('running', 'approval') OR ?8 = 1)",
        [
            integer(number),
            again.status.as_str().into(),
            again.due.map_or(JsValue::NULL, IntoSql::into_sql),
            i32::from(again.awaits).into(),
            now.into_sql(),
            is_sealed,
            head,
            i32::from(again.reopens).into(),
        ],
    )?;
    // Somebody ended it meanwhile: nothing more is done.
    if written > 0.0 { Ok(()) } else { Err(JsValue::from_str(OVER)) }
}

/// Runs that are due, the longest first.
pub fn due(ledger: &Ledger, now: UnixMillis, most: u32) -> Result<Vec<i64>, JsValue> {
    if !ledger.tables().runs {
        return Ok(Vec::new());
    }
    let query = "SELECT number FROM run WHERE due <= ?1 ORDER BY due, number LIMIT ?2";
    let rows = ledger.database.all(query, [now.into_sql(), most.into()])?;
    Ok(rows.iter().filter_map(|row| row.integer(0)).collect())
}

/// Counts that a run is gone on with, and has it looked at again after a lease should nothing more be heard. Gives how often that was begun
/// since it was last heard how it went.
pub fn begin(
    ledger: &Ledger,
    number: i64,
    now: UnixMillis,
    lease: impl Fn(u32) -> u64,
) -> Result<u32, JsValue> {
    let row = ledger.database.first("SELECT falls FROM run WHERE number = ?1", [integer(number)])?;
    let falls = row.and_then(|row| row.integer(0)).unwrap_or_default().unsigned_abs() as u32 + 1;
    let query = "UPDATE run SET falls = ?2, due = ?3 WHERE number = ?1 AND status IN ('running', 'approval')";
    ledger.database.run(query, [integer(number), falls.into(), now.plus(lease(falls)).into_sql()])?;
    Ok(falls)
}

/// Has a run looked at again later.
pub fn put_off(ledger: &Ledger, number: i64, due: UnixMillis) -> Result<(), JsValue> {
    ledger.database.run(
        "UPDATE run SET due = ?2 WHERE number = ?1 AND status IN ('running', 'approval')",
        [integer(number), due.into_sql()],
    )
}

/// When the next run is due.
pub fn next_due(ledger: &Ledger) -> Result<Option<UnixMillis>, JsValue> {
    if !ledger.tables().runs {
        return Ok(None);
    }
    let row = ledger.database.first("SELECT min(due) FROM run WHERE due IS NOT NULL", [])?;
    Ok(row.and_then(|row| row.integer(0)).map(UnixMillis))
}

/// Has all that wait for entries looked at now. Gives whether there are any.
pub fn awaits(ledger: &Ledger, now: UnixMillis) -> Result<bool, JsValue> {
    if !ledger.tables().runs {
        return Ok(false);
    }
    let query =
        "UPDATE run SET due = min(coalesce(due, ?1), ?1) WHERE awaits = 1 AND (due IS NULL OR due > ?1)";
    Ok(ledger.database.write(query, [now.into_sql()])? > 0.0)
}

/// Runs that the list does not have as they are, with their numbers.
pub fn page_to_copy(ledger: &Ledger, most: u32) -> Result<Vec<(i64, SeenRun)>, JsValue> {
    if !ledger.tables().runs {
        return Ok(Vec::new());
    }
    let (config, pull_id) = (ledger.config()?, pull_id(ledger)?);
    let query =
        "SELECT number, status, updated_at, sealed, head FROM run WHERE copied = 0 ORDER BY number LIMIT ?1";
    let rows = ledger.database.all(query, [most.into()])?;
    let seen = |row: &Row| {
        let number = row.integer(0).unwrap_or_default();
        let head: Head = opened(&config, row, 3, &head_context(&pull_id, number)).ok()?;
        let ended = head.ended.as_ref().filter(|ended| ended.reason.is_some());
        let seen = SeenRun {
            run_id: head.run.id.clone(),
            instance_id: head.run.instance.clone(),
            group: head.run.group.clone(),
            version: head.run.version,
            flow: head.run.flow.clone(),
            cause: head.run.cause,
            status: row.text(1).unwrap_or_default(),
            started_at: head.run.started_at.0,
            updated_at: row.integer(2).unwrap_or_default(),
            ended: ended.map(|ended| json!({ "reason": ended.reason, "path": ended.path })),
        };
        Some((number, seen))
    };
    Ok(rows.iter().filter_map(seen).collect())
}

/// Notes that the list has them, unless they changed since.
pub fn set_copied(ledger: &Ledger, copied: &[(i64, SeenRun)]) -> Result<(), JsValue> {
    for (number, seen) in copied {
        ledger.database.run(
            "UPDATE run SET copied = 1 WHERE number = ?1 AND status = ?2",
            [integer(*number), seen.status.as_str().into()],
        )?;
    }
    Ok(())
}

/// A run as the back office reads it, with its journal.
pub fn find(ledger: &Ledger, number: i64) -> Result<Option<Value>, JsValue> {
    let Some(kept) = read(ledger, number)? else { return Ok(None) };
    let row = ledger
        .database
        .first("SELECT status, updated_at, due FROM run WHERE number = ?1", [integer(number)])?;
    let Some(row) = row else { return Ok(None) };
    let Head { run, ended, asks } = kept.head;
    let moment = |at: Option<UnixMillis>| at.map(UnixMillis::rfc3339);
    let steps = kept.journal.records().iter().map(|record| {
        let attempts = record.attempts.iter().map(|tried| json!(tried));
        json!({
            "path": record.path, "use": record.kind, "state": record.state, "begun_at": record.begun_at.rfc3339(),
            "ended_at": moment(record.ended_at), "due": moment(record.due), "input": record.input, "attempts": attempts.collect::<Vec<_>>(),
            "result": record.result, "reason": record.reason, "detail": record.detail,
        })
    });
    Ok(Some(json!({
        "run_id": run.id, "instance_id": run.instance, "group": run.group, "version": run.version, "flow": run.flow, "pull_id": run.pull_id,
        "cause": run.cause, "config": run.config, "status": row.text(0), "started_at": run.started_at.rfc3339(),
        "updated_at": row.moment(1).rfc3339(), "due": moment(row.integer(2).map(UnixMillis)), "asks": asks,
        "reason": ended.as_ref().and_then(|ended| ended.reason), "detail": ended.as_ref().and_then(|ended| ended.detail.clone()),
        "path": ended.as_ref().and_then(|ended| ended.path.clone()), "steps": steps.collect::<Vec<_>>(),
    })))
}

/// Makes a run go on, or end, as `change` says; it gives whether there was something to change, and where the run then stands.
fn changed(
    ledger: &Ledger,
    number: i64,
    change: impl FnOnce(&mut Kept, Status) -> Option<Again>,
) -> Result<RunChanged, JsValue> {
    let Some(mut kept) = read(ledger, number)? else { return Ok(RunChanged::Unknown) };
    let row = ledger.database.first("SELECT status FROM run WHERE number = ?1", [integer(number)])?;
    let status = row.and_then(|row| row.text(0)).unwrap_or_default();
    let status = serde_json::from_value(json!(status)).unwrap_or(Status::Done);
    let (now, pull_id) = (platform::now(), pull_id(ledger)?);
    let Some(again) = change(&mut kept, status) else { return Ok(RunChanged::Refused) };
    let mut write_all = || {
        write(ledger, &pull_id, number, &kept.head, &mut kept.journal, again, now)?;
        Ok(JsValue::UNDEFINED)
    };
    ledger.storage.transaction(&mut write_all)?;
    Ok(RunChanged::Taken)
}

fn at_once() -> Again {
    Again { status: Status::Running, due: Some(platform::now()), awaits: false, reopens: true }
}

/// Has what failed made once more.
pub fn retry(ledger: &Ledger, number: i64) -> Result<RunChanged, JsValue> {
    changed(ledger, number, |kept, status| {
        let failed = kept.head.ended.take().and_then(|ended| ended.path);
        let is_there = status == Status::Failed && failed.is_some_and(|path| kept.journal.retry(&path));
        kept.head.run.started_at = platform::now();
        is_there.then(at_once)
    })
}

/// Ends a run.
pub fn cancel(ledger: &Ledger, number: i64, by: &str) -> Result<RunChanged, JsValue> {
    changed(ledger, number, |kept, status| {
        if status.is_over() && status != Status::Failed {
            return None;
        }
        let detail = Some(format!("cancelled by {by}"));
        kept.head.ended = Some(Ended { status: Status::Cancelled, reason: None, detail, path: None });
        kept.head.asks = None;
        Some(Again { status: Status::Cancelled, due: None, awaits: false, reopens: true })
    })
}

/// Takes a person's yes or no.
pub fn decide(
    ledger: &Ledger,
    number: i64,
    path: &str,
    approved: bool,
    by: &str,
) -> Result<RunChanged, JsValue> {
    changed(ledger, number, |kept, status| {
        let is_there =
            status == Status::Approval && kept.journal.decided(path, approved, by, platform::now());
        kept.head.asks = None;
        is_there.then(at_once)
    })
}
