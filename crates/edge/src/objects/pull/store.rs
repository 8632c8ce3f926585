//! The tables of a pull's object, and what is read and written in them.

use canopy::{
    id::PullId,
    pull::{
        DocumentRef, Kind, LogEnd, Outbox, Position, Record, Row as OutboxRow, Running, Seen, Standing,
        read_failures,
    },
    seal::{Keys, OpenError},
    time::UnixMillis,
};
use wasm_bindgen::JsValue;

pub use crate::platform::sql::{IntoSql, integer};
use crate::{
    objects::runs,
    platform::{self, Database, Row},
    sealed,
};

/// `entry` is the immutable log. `pull` has one row: the record as it was at `position`. Its `state` and `documents`, and a
/// document's `description`, are TEXT in the clear, and BLOB sealed.
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS entry (
  position INTEGER PRIMARY KEY, kind INTEGER NOT NULL DEFAULT 0, recorded_at INTEGER NOT NULL, effective_at INTEGER,
  cause INTEGER, event_type TEXT NOT NULL, sequence TEXT, outcome TEXT NOT NULL, key BLOB NOT NULL,
  sealed INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS pull (
  only INTEGER PRIMARY KEY CHECK (only = 1), pull_id TEXT NOT NULL, created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL, state TEXT NOT NULL, watcher TEXT, outbox TEXT NOT NULL, documents TEXT NOT NULL,
  position INTEGER NOT NULL, untold INTEGER);
";

/// Made when a log has grown long: a repeated webhook meets it, and says the same sequence. By sequence what comes one after
/// another stands side by side, so that a row of the index costs as much in a log of 100,000 as in one of 1,000. In earlier
/// logs its column is `key` alone.
const INDEX: &str =
    "CREATE UNIQUE INDEX IF NOT EXISTS webhook ON entry (coalesce(sequence, ''), key) WHERE kind = 0";

/// Made with the first event that a caller brings: one whose key it has is there already.
const OWN_INDEX: &str = "CREATE UNIQUE INDEX IF NOT EXISTS own ON entry (key) WHERE kind IN (4, 5)";

/// Takes over storage of the first form, whose log held webhooks alone, in the order in which they came.
const FROM_FIRST: &str = "
ALTER TABLE event RENAME TO entry;
ALTER TABLE entry RENAME COLUMN received_at TO recorded_at;
ALTER TABLE entry RENAME COLUMN digest TO key;
ALTER TABLE entry ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entry ADD COLUMN effective_at INTEGER;
ALTER TABLE entry ADD COLUMN cause INTEGER;
ALTER TABLE pull ADD COLUMN found TEXT;
ALTER TABLE outbox ADD COLUMN cause INTEGER;
";

/// Takes over storage of the second form, whose state and work were written with each entry.
const FROM_SECOND: &str = "
ALTER TABLE pull DROP COLUMN found;
ALTER TABLE pull ADD COLUMN outbox TEXT NOT NULL DEFAULT '{}';
ALTER TABLE pull ADD COLUMN documents TEXT NOT NULL DEFAULT '{}';
ALTER TABLE pull ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pull ADD COLUMN untold INTEGER;
UPDATE pull SET position = (SELECT coalesce(max(position), 0) FROM entry);
";

/// Made with the first snapshot: each table is a page to write, and most events bring none. A snapshot has its first bytes
/// in its row.
const SNAPSHOT_SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS snapshot (
  version INTEGER PRIMARY KEY, digest BLOB NOT NULL, size INTEGER NOT NULL, fetched_at INTEGER NOT NULL,
  sealed INTEGER NOT NULL, found TEXT, bytes BLOB);
";

/// Made with the first document that the record has no room for. Earlier forms have all of theirs there.
const DOCUMENT_SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS document (
  document_id TEXT PRIMARY KEY, description TEXT NOT NULL, size INTEGER, digest BLOB, content_type TEXT,
  stored_at INTEGER, sealed INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
";

/// Made with the first snapshot whose bytes need more than its row: one holds 2 MB at most.
const CHUNK_SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS chunk (
  version INTEGER NOT NULL, number INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (version, number)) WITHOUT ROWID;
";

/// Made with the first model that is kept: of a large one the rest stands in rows of its own.
const INTAKE_SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS intake (
  version INTEGER PRIMARY KEY, mapping INTEGER NOT NULL, sealed INTEGER NOT NULL, bytes BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS intake_rest (
  version INTEGER NOT NULL, number INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (version, number));
";

/// Made with the first delivery. `lane` has who was delivered to, and now and then the last position that is settled or passed
/// over. `at` is when the last attempt began; `attempts` is a [`canopy::delivery::Delivery`].
const DELIVERY_SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS lane (subscription_id TEXT PRIMARY KEY, cursor INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS delivery (
  subscription_id TEXT NOT NULL, position INTEGER NOT NULL, state INTEGER NOT NULL, at INTEGER NOT NULL,
  sealed INTEGER NOT NULL, attempts BLOB NOT NULL, PRIMARY KEY (subscription_id, position)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS delivery_open ON delivery (subscription_id, position) WHERE state >= 2;
";

/// Made with the first run of a workflow, with those of [`runs`]: for each instance the last entry that was looked at for it.
const FOLLOWER_SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS follower (instance_id TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
";

/// Bytes of a model in one row: a row of storage holds 2 MB.
const INTAKE_BYTES: usize = 1_900_000;

/// Bytes of one chunk of a snapshot.
pub const CHUNK_BYTES: usize = 1024 * 1024;

/// What an object's storage holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Nothing: asking an unknown pull must leave nothing behind.
    Empty,
    /// A tombstone.
    Erased,
    /// Tables of an earlier form.
    Earlier { is_first: bool, has_snapshots: bool },
    /// The tables above.
    Whole(Tables),
}

/// What is made when it is needed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tables {
    pub snapshots: bool,
    pub documents: bool,
    pub intake: bool,
    /// Of the log's webhooks.
    pub index: bool,
    /// Of the events that callers brought.
    pub own: bool,
    pub deliveries: bool,
    pub runs: bool,
}

/// Looks at what there is.
pub fn form(database: &Database) -> Result<Form, JsValue> {
    let row = database.first(
        "SELECT max(name = 'pull'), max(name = 'outbox'), max(name = 'event'), max(name = 'snapshot'), max(name = 'document'),
           max(type = 'index' AND tbl_name = 'entry' AND name <> 'own'), max(name = 'intake_rest'), max(name = 'own'), max(name = 'delivery'),
           max(name = 'tombstone'), max(name = 'follower') FROM sqlite_schema",
        [],
    )?;
    let has = |column| row.as_ref().and_then(|row| row.integer(column)) == Some(1);
    let tables = Tables {
        snapshots: has(3),
        documents: has(4),
        index: has(5),
        intake: has(6),
        own: has(7),
        deliveries: has(8),
        runs: has(10),
    };
    if has(9) {
        return Ok(Form::Erased);
    }
    Ok(match (has(0), has(1)) {
        (true, false) => Form::Whole(tables),
        (true, true) => Form::Earlier { is_first: has(2), has_snapshots: tables.snapshots },
        (false, _) => Form::Empty,
    })
}

/// Makes the tables.
pub fn create(database: &Database) -> Result<(), JsValue> {
    database.run(SCHEMA, [])
}

/// Brings tables of an earlier form into today's, however long the log is: no entry is touched.
pub fn take_over(database: &Database, is_first: bool, has_snapshots: bool) -> Result<(), JsValue> {
    if is_first {
        database.run(FROM_FIRST, [])?;
    }
    database.run(FROM_SECOND, [])?;
    if has_snapshots {
        let columns =
            "ALTER TABLE snapshot ADD COLUMN found TEXT; ALTER TABLE snapshot ADD COLUMN bytes BLOB";
        database.run(columns, [])?;
    }
    let rows = database.all("SELECT work, state, due, attempts, done_at, failures, cause FROM outbox", [])?;
    let rows = rows.iter().filter_map(|row| Some((row.text(0)?, outbox_row(row))));
    let outbox = Outbox::of(rows, Running::default());
    database.run("UPDATE pull SET outbox = ?1", [outbox.text().into()])?;
    database.run("DROP TABLE outbox", [])
}

/// A row of the second form's outbox.
fn outbox_row(row: &Row) -> OutboxRow {
    const DONE: i64 = 1;
    const FAILED: i64 = 2;
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

impl Tables {
    /// Makes the table for snapshots, before the first.
    pub fn with_snapshots(self, database: &Database) -> Result<Self, JsValue> {
        if !self.snapshots {
            database.run(SNAPSHOT_SCHEMA, [])?;
        }
        Ok(Self { snapshots: true, ..self })
    }

    /// Makes the table for documents that the record has no room for, before the first.
    pub fn with_documents(self, database: &Database) -> Result<Self, JsValue> {
        if !self.documents {
            database.run(DOCUMENT_SCHEMA, [])?;
        }
        Ok(Self { documents: true, ..self })
    }

    /// Makes the index of callers' events, before the first.
    pub fn with_own(self, database: &Database) -> Result<Self, JsValue> {
        if !self.own {
            database.run(OWN_INDEX, [])?;
        }
        Ok(Self { own: true, ..self })
    }

    /// Makes the table for models, before the first.
    pub fn with_intake(self, database: &Database) -> Result<Self, JsValue> {
        if !self.intake {
            database.run(INTAKE_SCHEMA, [])?;
        }
        Ok(Self { intake: true, ..self })
    }

    /// Makes the tables for deliveries, before the first.
    pub fn with_deliveries(self, database: &Database) -> Result<Self, JsValue> {
        if !self.deliveries {
            database.run(DELIVERY_SCHEMA, [])?;
        }
        Ok(Self { deliveries: true, ..self })
    }

    /// Makes the tables for runs, before the first.
    pub fn with_runs(self, database: &Database) -> Result<Self, JsValue> {
        if !self.runs {
            runs::prepare(database)?;
            database.run(FOLLOWER_SCHEMA, [])?;
        }
        Ok(Self { runs: true, ..self })
    }
}

/// Where the event stands that a caller brought with this key.
pub fn own_position(database: &Database, key: &[u8]) -> Result<Option<Position>, JsValue> {
    let query = "SELECT position FROM entry WHERE kind IN (4, 5) AND key = ?1";
    Ok(database.first(query, [platform::to_js(key)])?.and_then(|row| row.integer(0)))
}

/// Makes the index of the log's webhooks.
pub fn index(database: &Database) -> Result<(), JsValue> {
    database.run(INDEX, [])
}

/// The webhooks of a log that has no index.
pub fn seen(database: &Database) -> Result<Seen, JsValue> {
    let mut seen = Seen::default();
    for row in database.all("SELECT key, position FROM entry WHERE kind = 0", [])? {
        let key = row.bytes(0).try_into().map_err(|_| "event unreadable")?;
        seen.note(key, row.integer(1).unwrap_or_default());
    }
    Ok(seen)
}

/// Where a repeated webhook stands in a log that has the index.
pub fn position_of(
    database: &Database,
    digest: &[u8; 32],
    sequence: Option<u64>,
) -> Result<Position, JsValue> {
    let query = "SELECT position FROM entry WHERE coalesce(sequence, '') = ?1 AND key = ?2 AND kind = 0";
    let sequence = sequence.map(|sequence| sequence.to_string()).unwrap_or_default();
    let row = database.first(query, [sequence.into(), platform::to_js(digest)])?;
    row.and_then(|row| row.integer(0)).ok_or_else(|| "another entry stands there".into())
}

/// The places of the record's state and documents, for sealing.
fn record_contexts(pull_id: &PullId) -> [String; 2] {
    ["state", "documents"].map(|column| format!("{column}/{pull_id}"))
}

/// Reads the record as it was stored; `None` before there is one.
///
/// # Errors
/// Also where it does not open: nothing can be said of the pull then.
pub fn read(
    database: &Database,
    keys: &Keys,
    running: Running,
    seen: Seen,
) -> Result<Option<Record>, JsValue> {
    let row = database.first(
        "SELECT pull_id, created_at, updated_at, state, watcher, outbox, documents, pull.position, untold, recorded_at
         FROM pull LEFT JOIN entry ON entry.position = pull.position",
        [],
    )?;
    let Some(row) = row else { return Ok(None) };
    let pull_id = PullId::parse(&row.text(0).unwrap_or_default()).map_err(|_| "pull unreadable")?;
    let unopened = |error: OpenError| error.to_string();
    let [state, documents] = record_contexts(&pull_id);
    let state = sealed::text(keys, &row.value(3), &state).map_err(unopened)?;
    let documents = sealed::text(keys, &row.value(6), &documents).map_err(unopened)?;
    let position = row.integer(7).unwrap_or_default();
    Ok(Some(Record {
        pull_id,
        created_at: row.moment(1),
        updated_at: row.moment(2),
        state: serde_json::from_str(&state).map_err(|_| "state unreadable")?,
        watcher: row.text(4),
        untold: row.integer(8),
        seen,
        outbox: Outbox::read(&row.text(5).unwrap_or_default(), running),
        documents: serde_json::from_str(&documents).unwrap_or_default(),
        end: LogEnd { position, recorded_at: row.integer(9).unwrap_or_default() },
        stored_at: Some(position),
    }))
}

/// Writes the record as it is. Before the first entry there is nothing of a consumer's in it, and nothing to seal.
pub fn write(database: &Database, keys: &Keys, record: &mut Record) -> Result<(), JsValue> {
    let state = serde_json::to_string(&record.state).expect("a state is plain data");
    let documents = serde_json::to_string(&record.documents).expect("descriptions are plain data");
    let none = Keys::default();
    let keys = if record.end.position > 0 { keys } else { &none };
    let [of_state, of_documents] = record_contexts(&record.pull_id);
    database.run(
        "INSERT INTO pull (only, pull_id, created_at, updated_at, state, watcher, outbox, documents, position, untold)
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (only) DO UPDATE SET created_at = excluded.created_at, updated_at = excluded.updated_at, state = excluded.state,
           watcher = excluded.watcher, outbox = excluded.outbox, documents = excluded.documents, position = excluded.position, untold = excluded.untold",
        [
            record.pull_id.as_str().into(),
            record.created_at.into_sql(),
            record.updated_at.into_sql(),
            sealed::column(keys, &state, &of_state),
            record.watcher.as_deref().map_or(JsValue::NULL, JsValue::from_str),
            record.outbox.text().into(),
            sealed::column(keys, &documents, &of_documents),
            integer(record.end.position),
            record.untold.map_or(JsValue::NULL, integer),
        ],
    )?;
    record.stored();
    Ok(())
}

/// The place of a document's description, for sealing.
pub fn description_context(pull_id: &str, document_id: &str) -> String {
    format!("document/{pull_id}/{document_id}")
}

/// What a pull says of a document, as it stands in a row.
///
/// # Errors
/// Where it does not open.
pub fn description(
    keys: &Keys,
    value: &JsValue,
    pull_id: &str,
    document_id: &str,
) -> Result<Option<DocumentRef>, OpenError> {
    let text = sealed::text(keys, value, &description_context(pull_id, document_id))?;
    Ok(serde_json::from_str(&text).ok())
}

/// The newest version of the pull as Canopy gave it, its body apart.
pub struct NewestSnapshot {
    pub version: i64,
    /// Bytes.
    pub size: i64,
    pub digest: Vec<u8>,
    /// What the pull is found by, a [`canopy::listing::Listed`] as JSON.
    pub found: Option<String>,
}

/// Reads it; `None` before there is one.
pub fn newest_snapshot(database: &Database) -> Result<Option<NewestSnapshot>, JsValue> {
    let query = "SELECT version, size, digest, found FROM snapshot ORDER BY version DESC LIMIT 1";
    let newest = |row: Row| NewestSnapshot {
        version: row.integer(0).unwrap_or_default(),
        size: row.integer(1).unwrap_or_default(),
        digest: row.bytes(2),
        found: row.text(3),
    };
    Ok(database.first(query, [])?.map(newest))
}

/// Whether the log has the call of this key. All of it is looked through.
pub fn has_call(database: &Database, key: &[u8]) -> Result<bool, JsValue> {
    let query = "SELECT 1 FROM entry WHERE kind = ?1 AND key = ?2";
    Ok(database.first(query, [Kind::Call.code().into(), platform::to_js(key)])?.is_some())
}

/// When the newest version was fetched.
pub fn fetched_at(database: &Database) -> Result<Option<UnixMillis>, JsValue> {
    let row = database.first("SELECT fetched_at FROM snapshot ORDER BY version DESC LIMIT 1", [])?;
    Ok(row.map(|row| row.moment(0)))
}

/// Writes a chunk of a version that does not fit its row.
pub fn put_chunk(database: &Database, version: i64, number: usize, bytes: JsValue) -> Result<(), JsValue> {
    database.run(CHUNK_SCHEMA, [])?;
    let query = "INSERT INTO chunk (version, number, bytes) VALUES (?1, ?2, ?3)";
    database.run(query, [integer(version), integer(number as i64), bytes])
}

/// Writes the model of a version, in place of one that was there.
pub fn put_intake(
    database: &Database,
    version: i64,
    mapping: u32,
    is_sealed: bool,
    bytes: &[u8],
) -> Result<(), JsValue> {
    let (first, rest) = bytes.split_at(bytes.len().min(INTAKE_BYTES));
    database.run("DELETE FROM intake_rest WHERE version = ?1", [integer(version)])?;
    rest.chunks(INTAKE_BYTES).zip(1_u32..).try_for_each(|(chunk, number)| {
        let query = "INSERT INTO intake_rest (version, number, bytes) VALUES (?1, ?2, ?3)";
        database.run(query, [integer(version), number.into(), platform::to_js(chunk)])
    })?;
    let query = "INSERT OR REPLACE INTO intake (version, mapping, sealed, bytes) VALUES (?1, ?2, ?3, ?4)";
    let row = [integer(version), mapping.into(), i32::from(is_sealed).into(), platform::to_js(first)];
    database.run(query, row)
}

/// Bytes of the model of a version that was written with `mapping`.
pub fn intake_size(database: &Database, version: i64, mapping: u32) -> Result<Option<usize>, JsValue> {
    let query =
        "SELECT length(bytes) + coalesce((SELECT sum(length(bytes)) FROM intake_rest WHERE version = ?1), 0)
         FROM intake WHERE version = ?1 AND mapping = ?2";
    let row = database.first(query, [integer(version), mapping.into()])?;
    Ok(row.and_then(|row| row.integer(0)).map(|size| size.unsigned_abs() as usize))
}

/// The model of a version, and whether it is sealed.
pub fn intake(database: &Database, version: i64) -> Result<Option<(bool, Vec<u8>)>, JsValue> {
    let first = database.first("SELECT sealed, bytes FROM intake WHERE version = ?1", [integer(version)])?;
    let Some(first) = first else { return Ok(None) };
    let mut bytes = first.bytes(1);
    let rest = database
        .all("SELECT bytes FROM intake_rest WHERE version = ?1 ORDER BY number", [integer(version)])?;
    rest.iter().for_each(|row| bytes.extend(row.bytes(0)));
    Ok(Some((first.integer(0) == Some(1), bytes)))
}

/// An entry on its way into the log.
pub struct NewEntry<'a> {
    pub kind: Kind,
    pub end: LogEnd,
    pub cause: Option<Position>,
    /// When it counts, where that is not when it is written down.
    pub effective_at: Option<UnixMillis>,
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
            "INSERT INTO entry (position, kind, recorded_at, cause, event_type, sequence, outcome, key, sealed, body, effective_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO NOTHING",
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
                self.effective_at.map_or(JsValue::NULL, IntoSql::into_sql),
            ],
        )?;
        Ok(written > 0.0)
    }
}
