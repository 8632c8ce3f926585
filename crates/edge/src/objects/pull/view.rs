//! What a pull's object tells its readers.

use std::collections::BTreeMap;

use canopy::{
    id::DocumentId,
    json,
    listing::Line,
    pull::{DocumentRef, Kind, Record, Row as OutboxRow, Standing, View, Work},
    retry,
    seal::OpenError,
    time::UnixMillis,
};
use js_sys::Uint8Array;
use serde::{Serialize, Serializer};
use serde_json::{json, value::RawValue};
use wasm_bindgen::JsValue;

use super::{
    ledger::{Ledger, entry_context},
    store::{self, CHUNK_BYTES, integer},
};
use crate::{
    objects::calls::{FoundSnapshot, StoredDocument},
    platform::{self, Database, Row},
};

/// Bytes that tell what a value is.
const HEAD_BYTES: u32 = 16;

/// Bytes of bodies after which a page of the log ends.
pub const MAX_PAGE_BYTES: usize = 4 * 1024 * 1024;

/// The pull as the back office reads it.
#[derive(Serialize)]
pub struct PullView {
    pull_id: String,
    revision: i64,
    #[serde(serialize_with = "rfc3339")]
    created_at: UnixMillis,
    #[serde(serialize_with = "rfc3339")]
    updated_at: UnixMillis,
    snapshots: Vec<SnapshotLine>,
    documents: Vec<DocumentLine>,
    outbox: Vec<WorkLine>,
    #[serde(skip)]
    next_at: Option<UnixMillis>,
    #[serde(flatten)]
    view: View,
}

#[derive(Serialize)]
struct SnapshotLine {
    version: Option<i64>,
    size: Option<i64>,
    sha256: String,
    #[serde(serialize_with = "rfc3339_or_null")]
    fetched_at: Option<UnixMillis>,
}

#[derive(Serialize)]
struct DocumentLine {
    #[serde(flatten)]
    document: DocumentRef,
    state: &'static str,
    size: Option<i64>,
    sha256: Option<String>,
    stored_at: Option<String>,
}

/// A piece of work as an operator reads it.
#[derive(Serialize)]
struct WorkLine {
    work: String,
    state: &'static str,
    attempts: u32,
    next_at: Option<String>,
    failures: Vec<FailureLine>,
}

#[derive(Serialize)]
struct FailureLine {
    at: String,
    code: retry::Reason,
    status: Option<u16>,
}

impl PullView {
    /// As JSON.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("a view is plain data")
    }

    /// What its webhooks say.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// The pull's line in the list.
    pub fn line(&self) -> Line {
        Line {
            pull_id: self.pull_id.clone(),
            revision: self.revision,
            status: self.view.status.clone(),
            complete: self.view.complete,
            created_at: self.created_at,
            updated_at: self.updated_at,
            initial_pull_id: self.view.initial_pull_id.clone(),
            monitoring_id: self.view.monitoring_id.clone(),
            snapshot: self.snapshots.last().and_then(|newest| newest.version.zip(newest.fetched_at)),
            next_at: self.next_at,
        }
    }
}

fn rfc3339<S: Serializer>(moment: &UnixMillis, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&moment.rfc3339())
}

#[expect(clippy::ref_option, reason = "serde calls it so")]
fn rfc3339_or_null<S: Serializer>(moment: &Option<UnixMillis>, serializer: S) -> Result<S::Ok, S::Error> {
    moment.map(UnixMillis::rfc3339).serialize(serializer)
}

/// The pull's view; `None` before the first event.
pub fn pull(ledger: &Ledger) -> Result<Option<PullView>, JsValue> {
    let view = ledger.read(|record| view(ledger, record))?;
    view.unwrap_or(Ok(None))
}

fn view(ledger: &Ledger, record: &Record) -> Result<Option<PullView>, JsValue> {
    if record.end.position == 0 {
        return Ok(None);
    }
    Ok(Some(PullView {
        pull_id: record.pull_id.to_string(),
        revision: record.end.position,
        created_at: record.created_at,
        updated_at: record.updated_at,
        snapshots: if ledger.tables().snapshots { snapshots(&ledger.database)? } else { Vec::new() },
        documents: documents(ledger, record)?,
        outbox: record.outbox.list().map(|(name, row)| work_line(name, &row)).collect(),
        next_at: next_at(ledger, record)?,
        view: record.state.view(),
    }))
}

/// When the next event comes by itself, or work is due: but for the copy, which would say so of itself.
fn next_at(ledger: &Ledger, record: &Record) -> Result<Option<UnixMillis>, JsValue> {
    let copy = Work::Copy.to_string();
    let waits = |(name, row): &(&str, OutboxRow)| *name != copy && row.standing == Standing::Pending;
    let work = record.outbox.list().filter(waits).map(|(_, row)| row.due).min();
    Ok([ledger.next_event(record)?, work].into_iter().flatten().min())
}

fn work_line(name: &str, row: &OutboxRow) -> WorkLine {
    let failure = |failure: &retry::Failure| FailureLine {
        at: failure.at.rfc3339(),
        code: failure.reason,
        status: failure.status,
    };
    WorkLine {
        work: name.to_owned(),
        state: match row.standing {
            Standing::Pending => "pending",
            Standing::Done => "done",
            Standing::Failed => "failed",
        },
        attempts: row.attempts,
        next_at: (row.standing == Standing::Pending).then(|| row.due.rfc3339()),
        failures: row.failures.iter().map(failure).collect(),
    }
}

fn snapshots(database: &Database) -> Result<Vec<SnapshotLine>, JsValue> {
    let rows = database.all("SELECT version, size, digest, fetched_at FROM snapshot ORDER BY version", [])?;
    let describe = |row: &Row| SnapshotLine {
        version: row.integer(0),
        size: row.integer(1),
        sha256: hex::encode(row.bytes(2)),
        fetched_at: row.integer(3).map(UnixMillis),
    };
    Ok(rows.iter().map(describe).collect())
}

fn documents(ledger: &Ledger, record: &Record) -> Result<Vec<DocumentLine>, JsValue> {
    let query = "SELECT description, size, digest, stored_at, document_id FROM document";
    let config = ledger.config()?;
    let rows = if ledger.tables().documents { ledger.database.all(query, [])? } else { Vec::new() };
    let state = |id: &DocumentId| match record.outbox.row(&Work::Document(id.clone())) {
        Some(row) if row.standing == Standing::Failed => "failed",
        _ => "pending",
    };
    let stored = rows.iter().filter_map(|row| {
        let id = DocumentId::parse(&row.text(4)?).ok()?;
        let described = store::description(&config.keys, &row.value(0), record.pull_id.as_str(), id.as_str());
        // One whose key is gone is there all the same, and nothing else can be said of it.
        let document = described.unwrap_or_else(|_| Some(DocumentRef::unnamed(id)))?;
        let stored_at = row.integer(3);
        Some(DocumentLine {
            state: stored_at.map_or_else(|| state(&document.document_id), |_| "stored"),
            document,
            size: row.integer(1),
            sha256: stored_at.map(|_| hex::encode(row.bytes(2))),
            stored_at: stored_at.map(|at| UnixMillis(at).rfc3339()),
        })
    });
    let of_record = record.documents.iter().map(|(id, document)| {
        let copy = document.stored.as_ref();
        DocumentLine {
            document: document.named.clone(),
            state: copy.map_or_else(|| state(id), |_| "stored"),
            size: copy.map(|copy| copy.size as i64),
            sha256: copy.map(|copy| copy.sha256.clone()),
            stored_at: copy.map(|copy| copy.stored_at.rfc3339()),
        }
    });
    let lines = stored.chain(of_record).map(|line| (line.document.document_id.clone(), line));
    Ok(lines.collect::<BTreeMap<_, _>>().into_values().collect())
}

/// An entry of a page that could not be opened.
#[derive(Serialize)]
struct Unopened {
    position: i64,
    reason: String,
}

/// A page of the log: `{"events":[…],"next":<position>|null}`. One that is to be whole fails with an entry that cannot be opened;
/// else such an entry has no body, and the page says why: `"unopened":[{"position","reason"}]`.
pub fn events(ledger: &Ledger, after: i64, limit: u32, is_whole: bool) -> Result<String, JsValue> {
    let pull_id = ledger.read(|record| record.pull_id.to_string())?.unwrap_or_default();
    let config = ledger.config()?;
    let (mut page, mut unopened, mut size, mut next) = (Vec::new(), Vec::new(), 0, None);
    // One row at a time: a page of large bodies never stands in memory twice.
    let mut position = after;
    while page.len() < limit as usize && size < MAX_PAGE_BYTES {
        let row = ledger.database.first(
            "SELECT position, kind, recorded_at, effective_at, cause, event_type, sequence, outcome, key, sealed, body
             FROM entry WHERE position > ?1 ORDER BY position LIMIT 1",
            [integer(position)],
        )?;
        let Some(row) = row else { break };
        position = row.integer(0).unwrap_or(position + 1);
        let mut body = row.bytes(10);
        let context = entry_context(&pull_id, &row.bytes(8));
        let body = match config.keys.read(&mut body, row.integer(9) == Some(1), &context) {
            Ok(body) => body,
            Err(error) if is_whole => return Err(JsValue::from_str(&error.to_string())),
            Err(error) => {
                unopened.push(Unopened { position, reason: error.to_string() });
                b"null"
            }
        };
        size += body.len();
        page.push(event(&row, body)?);
        next = Some(position);
    }
    let next = next.filter(|_| page.len() == limit as usize || size >= MAX_PAGE_BYTES);
    let next = next.map_or("null".to_owned(), |next| next.to_string());
    let unopened = match &unopened[..] {
        [] => String::new(),
        some => {
            let some = serde_json::to_string(some).expect("what is told of them is plain data");
            format!("\"unopened\":{some},")
        }
    };
    Ok(format!("{{\"events\":[{}],{unopened}\"next\":{next}}}", page.join(",")))
}

/// The entry at a position, as the log shows it.
pub fn entry(ledger: &Ledger, record: &Record, position: i64) -> Result<String, JsValue> {
    let row = ledger.database.first(
        "SELECT position, kind, recorded_at, effective_at, cause, event_type, sequence, outcome, key, sealed, body
         FROM entry WHERE position = ?1",
        [integer(position)],
    )?;
    let row = row.ok_or_else(|| JsValue::from_str("entry missing"))?;
    let mut body = row.bytes(10);
    let context = entry_context(record.pull_id.as_str(), &row.bytes(8));
    let config = ledger.config()?;
    let opened = config.keys.read(&mut body, row.integer(9) == Some(1), &context);
    event(&row, opened.map_err(|error| error.to_string())?)
}

/// The same, its body `null` where that cannot be opened.
pub fn entry_or_bare(ledger: &Ledger, record: &Record, position: i64) -> Result<String, JsValue> {
    entry(ledger, record, position).or_else(|_| {
        let row = ledger.database.first(
            "SELECT position, kind, recorded_at, effective_at, cause, event_type, sequence, outcome FROM entry WHERE position = ?1",
            [integer(position)],
        )?;
        event(&row.ok_or_else(|| JsValue::from_str("entry missing"))?, b"null")
    })
}

/// One entry, a webhook's body the very text that Canopy sent.
fn event(row: &Row, body: &[u8]) -> Result<String, JsValue> {
    let body = json::body(body);
    let body: &RawValue = serde_json::from_str(&body).map_err(|_| JsValue::from_str("event unreadable"))?;
    let sequence: Option<u64> = row.text(6).and_then(|sequence| sequence.parse().ok());
    let kind = row.integer(1).and_then(Kind::of_code);
    let recorded_at = row.integer(2).map(|at| UnixMillis(at).rfc3339());
    let effective_at = row.integer(3).map(|at| UnixMillis(at).rfc3339());
    let head = json!({
        "position": row.integer(0),
        "kind": kind,
        "effective_at": effective_at.as_ref().or(recorded_at.as_ref()),
        "recorded_at": recorded_at,
        "received_at": recorded_at,
        "cause": row.integer(4),
        "event_type": row.text(5).filter(|text| kind == Some(Kind::Webhook) || !text.is_empty()),
        "sequence": sequence,
        "outcome": row.text(7),
    });
    let head = head.to_string();
    let head = head.strip_suffix('}').unwrap_or(&head);
    Ok(format!("{head},\"body\":{}}}", body.get()))
}

/// A version, the latest for 0. The first chunk was opened: a key that is gone shows before
/// anything is answered.
pub fn snapshot(ledger: &Ledger, version: i64) -> Result<Option<FoundSnapshot>, Unread> {
    let found = found(ledger, version)?;
    if let Some(found) = &found {
        chunk(ledger, found.version, 0)?;
    }
    Ok(found)
}

/// What there is of a version, the latest for 0.
pub fn found(ledger: &Ledger, version: i64) -> Result<Option<FoundSnapshot>, JsValue> {
    let row = ledger.database.first(
        "SELECT version, size FROM snapshot WHERE version = ?1 OR ?1 = 0 ORDER BY version DESC LIMIT 1",
        [integer(version)],
    )?;
    let Some(row) = row else { return Ok(None) };
    let size = row.integer(1).unwrap_or_default();
    let chunks = (size as usize).div_ceil(CHUNK_BYTES).max(1) as u32;
    Ok(Some(FoundSnapshot { version: row.integer(0).unwrap_or_default(), chunks, size }))
}

/// Why what is kept was not read.
pub enum Unread {
    /// Of our own storage.
    Storage(JsValue),
    /// It is sealed with a key that is not there, or was changed.
    Sealed(OpenError),
}

impl From<JsValue> for Unread {
    fn from(error: JsValue) -> Self {
        Self::Storage(error)
    }
}

impl From<OpenError> for Unread {
    fn from(error: OpenError) -> Self {
        Self::Sealed(error)
    }
}

impl From<Unread> for JsValue {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Storage(error) => error,
            Unread::Sealed(error) => Self::from_str(&error.to_string()),
        }
    }
}

/// A version, whole: its chunks one after the other.
pub fn whole(ledger: &Ledger, found: &FoundSnapshot) -> Result<Vec<u8>, Unread> {
    let mut bytes = Vec::with_capacity(found.size.unsigned_abs() as usize);
    for number in 0..found.chunks {
        bytes.extend(Uint8Array::new(&chunk(ledger, found.version, number)?).to_vec());
    }
    Ok(bytes)
}

/// One chunk of a version, as bytes of JavaScript's.
pub fn chunk(ledger: &Ledger, version: i64, number: u32) -> Result<JsValue, Unread> {
    let apart = "SELECT chunk.bytes, sealed, pull_id FROM chunk JOIN snapshot USING (version), pull
         WHERE version = ?1 AND number = ?2";
    let first = "SELECT bytes, sealed, pull_id FROM snapshot, pull WHERE version = ?1 AND bytes IS NOT NULL";
    let mut row = None;
    if number == 0 {
        row = ledger.database.first(first, [integer(version)])?;
    }
    if row.is_none() {
        row = ledger.database.first(apart, [integer(version), number.into()])?;
    }
    let row = row.ok_or_else(|| JsValue::from_str("chunk missing"))?;
    let config = ledger.config()?;
    if row.integer(1) != Some(1) {
        // The head tells whether the flag was changed; the rest need not come here.
        let bytes = Uint8Array::new(&row.value(0));
        config.keys.read(&mut bytes.subarray(0, HEAD_BYTES).to_vec(), false, "")?;
        return Ok(bytes.into());
    }
    let context = chunk_context(&row.text(2).unwrap_or_default(), version, number as usize);
    let mut bytes = row.bytes(0);
    Ok(platform::to_js(config.keys.read(&mut bytes, true, &context)?))
}

/// Documents that are stored, by id.
pub fn stored_documents(ledger: &Ledger) -> Result<Vec<String>, JsValue> {
    let of_record = |record: &Record| {
        let stored = record.documents.iter().filter(|(_, document)| document.stored.is_some());
        stored.map(|(id, _)| id.to_string()).collect::<Vec<_>>()
    };
    let mut ids = ledger.read(of_record)?.unwrap_or_default();
    if ledger.tables().documents {
        let query = "SELECT document_id FROM document WHERE stored_at IS NOT NULL";
        ids.extend(ledger.database.all(query, [])?.iter().filter_map(|row| row.text(0)));
    }
    Ok(ids)
}

/// What the pull says of a document.
pub fn description(ledger: &Ledger, id: &str) -> Result<Option<DocumentRef>, JsValue> {
    if !ledger.tables().documents {
        return Ok(None);
    }
    let query = "SELECT description FROM document WHERE document_id = ?1";
    let Some(row) = ledger.database.first(query, [id.into()])? else { return Ok(None) };
    let pull_id = ledger.read(|record| record.pull_id.to_string())?.unwrap_or_default();
    let described = store::description(&ledger.config()?.keys, &row.value(0), &pull_id, id);
    Ok(described.map_err(|error| error.to_string())?)
}

/// A document that is stored.
pub fn stored_document(ledger: &Ledger, id: &str) -> Result<Option<StoredDocument>, JsValue> {
    let of_record = |record: &Record| {
        let document = record.documents.get(&DocumentId::parse(id).ok()?)?;
        let copy = document.stored.as_ref()?;
        Some(StoredDocument {
            title: document.named.title.clone(),
            content_type: Some(copy.content_type.clone()),
            size: Some(copy.size as i64),
            is_sealed: copy.is_sealed,
        })
    };
    if let Some(found) = ledger.read(of_record)?.flatten() {
        return Ok(Some(found));
    }
    if !ledger.tables().documents {
        return Ok(None);
    }
    let row = ledger.database.first(
        "SELECT content_type, sealed, size FROM document WHERE document_id = ?1 AND stored_at IS NOT NULL",
        [id.into()],
    )?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(StoredDocument {
        title: description(ledger, id)?.and_then(|document| document.title),
        content_type: row.text(0),
        size: row.integer(2),
        is_sealed: row.integer(1) == Some(1),
    }))
}

/// The place of a chunk, for sealing.
pub fn chunk_context(pull_id: &str, version: i64, number: usize) -> String {
    format!("snapshot/{pull_id}/{version}/{number}")
}
