//! The tables of a pull's object, and what is read and written in them.

use canopy::{
    pull::{Kind, LogEnd, Outbox, Position, Row as OutboxRow, Running, Standing, State, read_failures},
    time::UnixMillis,
};
use wasm_bindgen::JsValue;

use crate::platform::{self, Database, Row};

/// `entry` is the immutable log, in which a repeated webhook meets the unique key. `pull` has one row, the fold.
const SCHEMA: &str = "
CREATE TABLE entry (
  position INTEGER PRIMARY KEY, kind INTEGER NOT NULL DEFAULT 0, recorded_at INTEGER NOT NULL, effective_at INTEGER,
  cause INTEGER, event_type TEXT NOT NULL, sequence TEXT, outcome TEXT NOT NULL, key BLOB NOT NULL UNIQUE,
  sealed INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE pull (
  only INTEGER PRIMARY KEY CHECK (only = 1), pull_id TEXT NOT NULL, created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL, state TEXT NOT NULL, watcher TEXT, found TEXT);
CREATE TABLE outbox (
  work TEXT PRIMARY KEY, state INTEGER NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL,
  done_at INTEGER NOT NULL, failures TEXT NOT NULL, cause INTEGER) WITHOUT ROWID;
";

/// Takes over storage of the first form, whose log held webhooks alone, in the order in which they came.
const TAKE_OVER: &str = "
ALTER TABLE event RENAME TO entry;
ALTER TABLE entry RENAME COLUMN received_at TO recorded_at;
ALTER TABLE entry RENAME COLUMN digest TO key;
ALTER TABLE entry ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entry ADD COLUMN effective_at INTEGER;
ALTER TABLE entry ADD COLUMN cause INTEGER;
ALTER TABLE pull ADD COLUMN found TEXT;
ALTER TABLE outbox ADD COLUMN cause INTEGER;
";

/// Made with the first snapshot: each table is a page to write, and most events bring none. Snapshots are cut into
/// chunks because a row holds 2 MB at most.
const SNAPSHOT_SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS snapshot (
  version INTEGER PRIMARY KEY, digest BLOB NOT NULL, size INTEGER NOT NULL, fetched_at INTEGER NOT NULL,
  sealed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS chunk (
  version INTEGER NOT NULL, number INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (version, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS document (
  document_id TEXT PRIMARY KEY, description TEXT NOT NULL, size INTEGER, digest BLOB, content_type TEXT,
  stored_at INTEGER, sealed INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
";

/// What an object's storage holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Nothing: asking an unknown pull must leave nothing behind.
    Empty,
    /// Tables of the first form.
    First,
    /// The tables above, and whether there can be snapshots.
    Whole { has_snapshots: bool },
}

/// Looks at what there is.
pub fn form(database: &Database) -> Result<Form, JsValue> {
    let row = database.first(
        "SELECT max(name = 'entry'), max(name = 'event'), max(name = 'snapshot') FROM sqlite_schema",
        [],
    )?;
    let has = |column| row.as_ref().and_then(|row| row.integer(column)) == Some(1);
    Ok(match (has(0), has(1)) {
        (true, _) => Form::Whole { has_snapshots: has(2) },
        (false, true) => Form::First,
        (false, false) => Form::Empty,
    })
}

/// Makes the tables.
pub fn create(database: &Database) -> Result<(), JsValue> {
    database.run(SCHEMA, [])
}

/// Brings tables of the first form into today's, however long the log is: no entry is touched.
pub fn take_over(database: &Database) -> Result<(), JsValue> {
    database.run(TAKE_OVER, [])
}

/// Makes the tables for snapshots and documents.
pub fn create_snapshots(database: &Database) -> Result<(), JsValue> {
    database.run(SNAPSHOT_SCHEMA, [])
}

/// The row of the pull, and where its log ends.
#[derive(Clone)]
pub struct Record {
    /// Its id.
    pub pull_id: String,
    /// When the first event came, in milliseconds.
    pub created_at: UnixMillis,
    /// When the state last changed, in milliseconds.
    pub updated_at: UnixMillis,
    /// The fold.
    pub state: State,
    /// A session that took over the pull by a reconnect token.
    pub watcher: Option<String>,
    /// What its newest snapshot is found by in the list, as JSON.
    pub found: Option<String>,
    /// The end of the log: its position is the pull's revision.
    pub end: LogEnd,
}

impl Record {
    /// A pull that nothing is known of yet.
    pub fn new(pull_id: String, now: UnixMillis) -> Self {
        Self {
            pull_id,
            created_at: now,
            updated_at: now,
            state: State::default(),
            watcher: None,
            found: None,
            end: LogEnd::default(),
        }
    }

    /// Reads it; `None` before there is one.
    pub fn read(database: &Database) -> Result<Option<Self>, JsValue> {
        let row = database.first(
            "SELECT pull_id, created_at, updated_at, state, watcher, found, position, recorded_at
             FROM pull LEFT JOIN (SELECT position, recorded_at FROM entry ORDER BY position DESC LIMIT 1)",
            [],
        )?;
        let Some(row) = row else { return Ok(None) };
        let state = row.text(3).unwrap_or_default();
        Ok(Some(Self {
            pull_id: row.text(0).unwrap_or_default(),
            created_at: row.moment(1),
            updated_at: row.moment(2),
            state: serde_json::from_str(&state).map_err(|_| JsValue::from_str("state unreadable"))?,
            watcher: row.text(4),
            found: row.text(5),
            end: LogEnd {
                position: row.integer(6).unwrap_or_default(),
                recorded_at: row.integer(7).unwrap_or_default(),
            },
        }))
    }

    /// Writes it for the first time.
    pub fn insert(&self, database: &Database) -> Result<(), JsValue> {
        database.run(
            "INSERT INTO pull (only, pull_id, created_at, updated_at, state, watcher) VALUES (1, ?1, ?2, ?3, ?4, ?5)",
            [
                self.pull_id.as_str().into(),
                self.created_at.into_sql(),
                self.updated_at.into_sql(),
                self.state_text(),
                self.watcher.as_deref().map_or(JsValue::NULL, JsValue::from_str),
            ],
        )
    }

    /// Writes what changes with the state.
    pub fn update(&self, database: &Database) -> Result<(), JsValue> {
        database.run(
            "UPDATE pull SET state = ?1, updated_at = ?2",
            [self.state_text(), self.updated_at.into_sql()],
        )
    }

    /// Writes what changes with a snapshot: the state, and what the pull is found by.
    pub fn update_all(&self, database: &Database) -> Result<(), JsValue> {
        database.run(
            "UPDATE pull SET state = ?1, updated_at = ?2, found = ?3",
            [
                self.state_text(),
                self.updated_at.into_sql(),
                self.found.as_deref().map_or(JsValue::NULL, JsValue::from_str),
            ],
        )
    }

    /// Writes the session that took it over.
    pub fn update_watcher(&self, database: &Database) -> Result<(), JsValue> {
        database.run(
            "UPDATE pull SET watcher = ?1",
            [self.watcher.as_deref().map_or(JsValue::NULL, JsValue::from_str)],
        )
    }

    /// The session to tell of changes: the one that took the pull over, else the one that started it.
    pub fn session(&self) -> Option<String> {
        self.watcher.clone().or_else(|| self.state.session().map(|id| id.to_string()))
    }

    fn state_text(&self) -> JsValue {
        serde_json::to_string(&self.state).expect("a state is plain data").into()
    }
}

/// An entry on its way into the log.
pub struct NewEntry<'a> {
    pub kind: Kind,
    pub end: LogEnd,
    pub cause: Option<Position>,
    pub event_type: &'a str,
    pub sequence: Option<u64>,
    pub outcome: &'static str,
    pub key: &'a [u8],
    pub is_sealed: bool,
    pub body: JsValue,
}

impl NewEntry<'_> {
    /// Appends it; gives whether its key was new.
    pub fn insert(self, database: &Database) -> Result<bool, JsValue> {
        let sequence = self.sequence.map(|sequence| sequence.to_string());
        let written = database.write(
            "INSERT INTO entry (position, kind, recorded_at, cause, event_type, sequence, outcome, key, sealed, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (key) DO NOTHING",
            [
                integer(self.end.position),
                self.kind.code().into(),
                integer(self.end.recorded_at),
                self.cause.map_or(JsValue::NULL, integer),
                self.event_type.into(),
                sequence.map_or(JsValue::NULL, JsValue::from),
                self.outcome.into(),
                platform::to_js(self.key),
                i32::from(self.is_sealed).into(),
                self.body,
            ],
        )?;
        Ok(written > 0.0)
    }
}

const PENDING: i64 = 0;
const DONE: i64 = 1;
const FAILED: i64 = 2;

/// Reads the outbox.
pub fn read_outbox(database: &Database, running: Running) -> Result<Outbox, JsValue> {
    let rows = database.all("SELECT work, state, due, attempts, done_at, failures, cause FROM outbox", [])?;
    Ok(Outbox::of(rows.iter().filter_map(|row| Some((row.text(0)?, outbox_row(row)))), running))
}

fn outbox_row(row: &Row) -> OutboxRow {
    OutboxRow {
        standing: match row.integer(1) {
            Some(DONE) => Standing::Done,
            Some(FAILED) => Standing::Failed,
            _ => Standing::Pending,
        },
        due: row.moment(2),
        attempts: row.integer(3).and_then(|count| count.try_into().ok()).unwrap_or_default(),
        done_at: row.moment(4),
        failures: read_failures(&row.text(5).unwrap_or_default()),
        cause: row.integer(6),
    }
}

/// Writes what has changed of the outbox.
pub fn write_outbox(database: &Database, outbox: &mut Outbox) -> Result<(), JsValue> {
    for (work, row) in outbox.take_changes() {
        let standing = match row.standing {
            Standing::Pending => PENDING,
            Standing::Done => DONE,
            Standing::Failed => FAILED,
        };
        let failures = serde_json::to_string(&row.failures).expect("failures are plain data");
        database.run(
            "INSERT INTO outbox (work, state, due, attempts, done_at, failures, cause)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (work) DO UPDATE SET state = excluded.state, due = excluded.due,
               attempts = excluded.attempts, done_at = excluded.done_at, failures = excluded.failures,
               cause = excluded.cause",
            [
                work.into(),
                integer(standing),
                row.due.into_sql(),
                row.attempts.into(),
                row.done_at.into_sql(),
                failures.into(),
                row.cause.map_or(JsValue::NULL, integer),
            ],
        )?;
    }
    Ok(())
}

/// An integer for SQLite: JavaScript's numbers hold moments, positions and sizes exactly.
pub fn integer(value: i64) -> JsValue {
    JsValue::from_f64(value as f64)
}

/// A moment for SQLite.
pub trait IntoSql {
    fn into_sql(self) -> JsValue;
}

impl IntoSql for UnixMillis {
    fn into_sql(self) -> JsValue {
        integer(self.0)
    }
}
