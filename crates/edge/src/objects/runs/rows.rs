//! The rows of runs.

use canopy::{
    config::Config,
    task::{Kind, Task},
    time::UnixMillis,
};
use flow::{
    blank::blanked,
    run::{Ended, Journal, Record, Run, Status},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wasm_bindgen::JsValue;

use super::home::Home;
use crate::{
    objects::calls::SeenRun,
    platform::{
        self, Database, Row,
        sql::{IntoSql, integer},
    },
};

/// A run's `head` is a [`Run`] and how it ended, a step's `record` a [`Record`]. `due` is when a run is looked at again, `awaits` that a new
/// entry may be what it waits for, `copied` that the list has it as it is, `falls` how often it was gone on with since it was heard how that
/// went.
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS run (
  number INTEGER PRIMARY KEY, instance_id TEXT NOT NULL, flow TEXT NOT NULL, cause INTEGER, status TEXT NOT NULL, due INTEGER,
  awaits INTEGER NOT NULL, copied INTEGER NOT NULL, falls INTEGER NOT NULL DEFAULT 0, updated_at INTEGER NOT NULL, sealed INTEGER NOT NULL, head BLOB NOT NULL,
  UNIQUE (instance_id, flow, cause));
CREATE INDEX IF NOT EXISTS run_due ON run (due) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS run_awaits ON run (number) WHERE awaits = 1;
CREATE INDEX IF NOT EXISTS run_to_copy ON run (number) WHERE copied = 0;
CREATE INDEX IF NOT EXISTS run_open ON run (number) WHERE status IN ('failed', 'approval');
CREATE TABLE IF NOT EXISTS step (
  run INTEGER NOT NULL, place INTEGER NOT NULL, sealed INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (run, place)) WITHOUT ROWID;
";

/// Makes the tables.
pub fn prepare(database: &Database) -> Result<(), JsValue> {
    database.run(SCHEMA, [])
}

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
pub fn head_context(owner: &str, number: i64) -> String {
    format!("run/{owner}/{number}")
}

pub fn step_context(owner: &str, number: i64, place: i64) -> String {
    format!("step/{owner}/{number}/{place}")
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

/// Writes a run that begins, due at once, unless there is one of the same instance, flow and entry.
pub fn insert(home: &dyn Home, owner: &str, number: i64, run: Run) -> Result<bool, JsValue> {
    let (instance, flow) = (run.instance.clone(), run.flow.clone());
    let (cause, at) = (run.cause, run.started_at);
    let head = Head { run, ended: None, asks: None };
    let config = home.config()?;
    let [is_sealed, head] = sealed(&config, &head, &head_context(owner, number));
    let written = home.database().write(
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
pub fn next_number(home: &dyn Home) -> Result<i64, JsValue> {
    let row = home.database().first("SELECT coalesce(max(number), 0) + 1 FROM run", [])?;
    Ok(row.and_then(|row| row.integer(0)).unwrap_or(1))
}

/// How many runs came before one, where that can be read; within a transaction, where the record is taken.
pub fn generation_of(home: &dyn Home, owner: &str, number: i64) -> Option<u8> {
    let query = "SELECT sealed, head FROM run WHERE number = ?1";
    let row = home.database().first(query, [integer(number)]).ok().flatten()?;
    let config = home.config().ok()?;
    opened::<Head>(&config, &row, 0, &head_context(owner, number)).ok().map(|head| head.run.generation)
}

/// A run with its journal.
pub fn read(home: &dyn Home, number: i64) -> Result<Option<Kept>, JsValue> {
    if !home.has_runs() {
        return Ok(None);
    }
    let (config, owner) = (home.config()?, home.owner()?);
    let row = home.database().first("SELECT sealed, head FROM run WHERE number = ?1", [integer(number)])?;
    let Some(row) = row else { return Ok(None) };
    let head = opened(&config, &row, 0, &head_context(&owner, number))?;
    let steps = home
        .database()
        .all("SELECT place, sealed, record FROM step WHERE run = ?1 ORDER BY place", [integer(number)])?;
    let record = |row: &Row| {
        opened(&config, row, 1, &step_context(&owner, number, row.integer(0).unwrap_or_default()))
    };
    let records: Vec<Record> = steps.iter().map(record).collect::<Result<_, _>>()?;
    Ok(Some(Kept { head, journal: Journal::of(records) }))
}

/// A step's record as it stands now, by its place.
pub fn record(home: &dyn Home, owner: &str, number: i64, place: usize) -> Result<Option<Record>, JsValue> {
    let query = "SELECT sealed, record FROM step WHERE run = ?1 AND place = ?2";
    let row = home.database().first(query, [integer(number), integer(place as i64)])?;
    let context = step_context(owner, number, place as i64);
    row.map(|row| opened(&*home.config()?, &row, 0, &context)).transpose()
}

/// Writes what has changed of a run: in a transaction of its caller's.
pub fn write(
    home: &dyn Home,
    owner: &str,
    number: i64,
    head: &Head,
    journal: &mut Journal,
    again: Again,
    now: UnixMillis,
) -> Result<(), JsValue> {
    let config = home.config()?;
    for (place, record) in journal.take_changed() {
        let place = place as i64;
        let [is_sealed, record] = sealed(&config, record, &step_context(owner, number, place));
        home.database().run(
            "INSERT OR REPLACE INTO step (run, place, sealed, record) VALUES (?1, ?2, ?3, ?4)",
            [integer(number), integer(place), is_sealed, record],
        )?;
    }
    let [is_sealed, head] = sealed(&config, head, &head_context(owner, number));
    // The list has it as it is where nothing changed that it shows.
    let written = home.database().write(
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
pub fn due(home: &dyn Home, now: UnixMillis, most: u32) -> Result<Vec<i64>, JsValue> {
    if !home.has_runs() {
        return Ok(Vec::new());
    }
    let query = "SELECT number FROM run WHERE due <= ?1 ORDER BY due, number LIMIT ?2";
    let rows = home.database().all(query, [now.into_sql(), most.into()])?;
    Ok(rows.iter().filter_map(|row| row.integer(0)).collect())
}

/// Counts that a run is gone on with, and has it looked at again after a lease should nothing more be heard. Gives how often that was begun
/// since it was last heard how it went.
pub fn begin(
    home: &dyn Home,
    number: i64,
    now: UnixMillis,
    lease: impl Fn(u32) -> u64,
) -> Result<u32, JsValue> {
    let row = home.database().first("SELECT falls FROM run WHERE number = ?1", [integer(number)])?;
    let falls = row.and_then(|row| row.integer(0)).unwrap_or_default().unsigned_abs() as u32 + 1;
    let query = "UPDATE run SET falls = ?2, due = ?3 WHERE number = ?1 AND status IN ('running', 'approval')";
    home.database().run(query, [integer(number), falls.into(), now.plus(lease(falls)).into_sql()])?;
    Ok(falls)
}

/// Has a run looked at again later: nothing of it was done, and that was heard.
pub fn put_off(home: &dyn Home, number: i64, due: UnixMillis) -> Result<(), JsValue> {
    home.database().run(
        "UPDATE run SET due = ?2, falls = 0 WHERE number = ?1 AND status IN ('running', 'approval')",
        [integer(number), due.into_sql()],
    )
}

/// When the next run is due.
pub fn next_due(home: &dyn Home) -> Result<Option<UnixMillis>, JsValue> {
    if !home.has_runs() {
        return Ok(None);
    }
    let row = home.database().first("SELECT min(due) FROM run WHERE due IS NOT NULL", [])?;
    Ok(row.and_then(|row| row.integer(0)).map(UnixMillis))
}

/// Has all that wait for entries looked at now. Gives whether there are any.
pub fn awaits(home: &dyn Home, now: UnixMillis) -> Result<bool, JsValue> {
    if !home.has_runs() {
        return Ok(false);
    }
    let query =
        "UPDATE run SET due = min(coalesce(due, ?1), ?1) WHERE awaits = 1 AND (due IS NULL OR due > ?1)";
    Ok(home.database().write(query, [now.into_sql()])? > 0.0)
}

/// Runs that the list does not have as they are, with their numbers.
pub fn page_to_copy(home: &dyn Home, most: u32) -> Result<Vec<(i64, SeenRun)>, JsValue> {
    if !home.has_runs() {
        return Ok(Vec::new());
    }
    let (config, owner) = (home.config()?, home.owner()?);
    let query =
        "SELECT number, status, updated_at, sealed, head FROM run WHERE copied = 0 ORDER BY number LIMIT ?1";
    let rows = home.database().all(query, [most.into()])?;
    let number_of = |row: &Row| row.integer(0).unwrap_or_default();
    let seen = |row: &Row| {
        let number = row.integer(0).unwrap_or_default();
        let head: Head = opened(&config, row, 3, &head_context(&owner, number)).ok()?;
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
    let mut page = Vec::with_capacity(rows.len());
    for row in &rows {
        match seen(row) {
            Some(seen) => page.push(seen),
            // What cannot be opened holds up no other: it is copied when it is written next.
            None => home
                .database()
                .run("UPDATE run SET copied = 1 WHERE number = ?1", [integer(number_of(row))])?,
        }
    }
    Ok(page)
}

/// Notes that the list has them, unless they changed since.
pub fn set_copied(home: &dyn Home, copied: &[(i64, SeenRun)]) -> Result<(), JsValue> {
    for (number, seen) in copied {
        home.database().run(
            "UPDATE run SET copied = 1 WHERE number = ?1 AND status = ?2",
            [integer(*number), seen.status.as_str().into()],
        )?;
    }
    Ok(())
}

/// What needs a person: runs that failed, and those that wait for one; the newest, at most so many.
pub fn tasks(home: &dyn Home) -> Result<Vec<Task>, JsValue> {
    if !home.has_runs() {
        return Ok(Vec::new());
    }
    let query = "SELECT number, status, updated_at FROM run WHERE status IN ('failed', 'approval')
           ORDER BY status = 'approval' DESC, number DESC LIMIT 100";
    let rows = home.database().all(query, [])?;
    let task = |row: &Row| {
        let kind = if row.text(1).as_deref() == Some("failed") { Kind::FailedRun } else { Kind::Approval };
        Some(Task { kind, subject: row.integer(0)?.to_string(), since: row.moment(2) })
    };
    Ok(rows.iter().filter_map(task).collect())
}

/// Runs that are over and older than the newest so many; some of them.
pub fn beyond(home: &dyn Home, kept: u32) -> Result<Vec<i64>, JsValue> {
    let query = "SELECT number FROM run WHERE number <= (SELECT max(number) - ?1 FROM run) AND copied = 1
           AND status IN ('done', 'stopped', 'failed', 'cancelled') ORDER BY number LIMIT 50";
    let rows = home.database().all(query, [kept.into()])?;
    Ok(rows.iter().filter_map(|row| row.integer(0)).collect())
}

/// Lets go of runs.
pub fn let_go(home: &dyn Home, numbers: &[i64]) -> Result<(), JsValue> {
    for number in numbers {
        home.database().run("DELETE FROM step WHERE run = ?1", [integer(*number)])?;
        home.database().run("DELETE FROM run WHERE number = ?1", [integer(*number)])?;
    }
    Ok(())
}

/// Members of Canopy's answers that let somebody in: whoever reads a journal does not get them.
const LETS_IN: [&str; 4] = ["pull_jwt", "reconnect_url", "reconnect_token", "token"];

/// A run's JSON without what lets somebody in, wherever a later step has put it.
fn without_what_lets_in(run: Value) -> Value {
    fn gather<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| gather(item, found)),
            Value::Object(members) => {
                for (name, member) in members {
                    match member.as_str().filter(|text| text.len() >= 8 && LETS_IN.contains(&name.as_str())) {
                        Some(text) => found.push(text),
                        None => gather(member, found),
                    }
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    let steps = run["steps"].as_array().into_iter().flatten();
    steps.filter(|step| step["use"] == "canopy").for_each(|step| gather(&step["result"], &mut found));
    if found.is_empty() {
        return run;
    }
    let escaped: Vec<String> = found.iter().map(|text| json!(text).to_string()).collect();
    let escaped: Vec<&str> = escaped.iter().map(|text| &text[1..text.len() - 1]).collect();
    let blank = blanked(&run.to_string(), &escaped);
    blank.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(run)
}

/// A run as the back office reads it, with its journal.
pub fn find(home: &dyn Home, number: i64) -> Result<Option<Value>, JsValue> {
    let Some(kept) = read(home, number)? else { return Ok(None) };
    let row = home
        .database()
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
    Ok(Some(without_what_lets_in(json!({
        "run_id": run.id, "instance_id": run.instance, "group": run.group, "version": run.version, "flow": run.flow, "pull_id": run.pull_id,
        "cause": run.cause, "config": run.config, "status": row.text(0), "started_at": run.started_at.rfc3339(),
        "updated_at": row.moment(1).rfc3339(), "due": moment(row.integer(2).map(UnixMillis)), "asks": asks,
        "reason": ended.as_ref().and_then(|ended| ended.reason), "detail": ended.as_ref().and_then(|ended| ended.detail.clone()),
        "path": ended.as_ref().and_then(|ended| ended.path.clone()), "steps": steps.collect::<Vec<_>>(),
    }))))
}
