//! The tables of a pull's object.

use canopy::pull::State;
use wasm_bindgen::JsValue;

use crate::platform::Database;

/// `event` is the immutable log: a repeated body meets the unique digest. `pull` has one row, the fold.
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS event (
  position INTEGER PRIMARY KEY, received_at INTEGER NOT NULL, event_type TEXT NOT NULL, sequence TEXT,
  outcome TEXT NOT NULL, digest BLOB NOT NULL UNIQUE, sealed INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS pull (
  only INTEGER PRIMARY KEY CHECK (only = 1), pull_id TEXT NOT NULL, created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL, state TEXT NOT NULL, watcher TEXT);
CREATE TABLE IF NOT EXISTS outbox (
  work TEXT PRIMARY KEY, state INTEGER NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL,
  done_at INTEGER NOT NULL, failures TEXT NOT NULL) WITHOUT ROWID;
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

/// Makes the tables. On an object that has them it reads the schema and writes nothing.
pub fn prepare(database: &Database) -> Result<(), JsValue> {
    database.run(SCHEMA, [])
}

/// Whether this object has ever been written to: asking an unknown pull must leave nothing behind.
pub fn exists(database: &Database) -> Result<bool, JsValue> {
    let row = database.first("SELECT 1 FROM sqlite_schema WHERE name = 'pull'", [])?;
    Ok(row.is_some())
}

/// Makes the tables for snapshots and documents.
pub fn prepare_snapshots(database: &Database) -> Result<(), JsValue> {
    database.run(SNAPSHOT_SCHEMA, [])
}

/// Whether a snapshot was ever stored.
pub fn exists_snapshots(database: &Database) -> Result<bool, JsValue> {
    let row = database.first("SELECT 1 FROM sqlite_schema WHERE name = 'snapshot'", [])?;
    Ok(row.is_some())
}

/// The row of the pull.
pub struct Record {
    /// Its id.
    pub pull_id: String,
    /// When the first event came, in milliseconds.
    pub created_at: i64,
    /// When the state last changed, in milliseconds.
    pub updated_at: i64,
    /// The fold.
    pub state: State,
    /// Position of the newest event; 0 before the first.
    pub revision: i64,
    /// A session that took over the pull by a reconnect token.
    pub watcher: Option<String>,
}

impl Record {
    /// Reads it; `None` before the first event.
    pub fn read(database: &Database) -> Result<Option<Self>, JsValue> {
        let query = "SELECT pull_id, created_at, updated_at, state, watcher,
                       (SELECT max(position) FROM event) FROM pull";
        let Some(row) = database.first(query, [])? else { return Ok(None) };
        let state = row.text(3).unwrap_or_default();
        Ok(Some(Self {
            pull_id: row.text(0).unwrap_or_default(),
            created_at: row.integer(1).unwrap_or_default(),
            updated_at: row.integer(2).unwrap_or_default(),
            state: serde_json::from_str(&state).map_err(|_| JsValue::from_str("state unreadable"))?,
            watcher: row.text(4),
            revision: row.integer(5).unwrap_or(0),
        }))
    }

    /// Writes the state.
    pub fn write_state(&self, database: &Database) -> Result<(), JsValue> {
        let state = serde_json::to_string(&self.state).expect("a state is plain data");
        database.run("UPDATE pull SET state = ?1", [state.into()])
    }

    /// The session to tell of changes: the one that took the pull over, else the one that started it.
    pub fn session(&self) -> Option<String> {
        self.watcher.clone().or_else(|| self.state.session().map(|id| id.to_string()))
    }
}
