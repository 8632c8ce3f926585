//! What a pull's object tells its readers.

use canopy::{
    id::PullId,
    json,
    pull::{DocumentRef, View},
    seal::OpenError,
    time::UnixMillis,
};
use js_sys::{Array, Uint8Array};
use serde::{Serialize, Serializer};
use serde_json::{Value, json, value::RawValue};
use wasm_bindgen::JsValue;

use super::{
    object::{Inner, event_context},
    outbox::{Line, millis},
    store::Record,
    work::{chunk_context, document_key},
};
use crate::{
    config, copies,
    platform::{self, Database, Row},
};

/// Bytes that tell what a value is.
const HEAD_BYTES: u32 = 16;

/// Bytes of event bodies after which a page of the log ends.
const MAX_PAGE_BYTES: usize = 4 * 1024 * 1024;

/// The pull as the back office reads it.
#[derive(Serialize)]
pub struct Document {
    pull_id: String,
    revision: i64,
    #[serde(serialize_with = "rfc3339")]
    created_at: UnixMillis,
    #[serde(serialize_with = "rfc3339")]
    updated_at: UnixMillis,
    snapshots: Vec<SnapshotLine>,
    documents: Vec<DocumentLine>,
    outbox: Vec<Line>,
    #[serde(flatten)]
    view: View,
}

#[derive(Serialize)]
struct SnapshotLine {
    version: Option<i64>,
    size: Option<i64>,
    sha256: String,
    fetched_at: Option<String>,
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

impl Document {
    /// As JSON.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("a document is plain data")
    }

    /// When the first event came.
    pub fn created_at(&self) -> UnixMillis {
        self.created_at
    }

    /// The pull's line in the list.
    pub fn line(&self) -> copies::Line {
        copies::Line {
            pull_id: self.pull_id.clone(),
            status: self.view.status.clone(),
            complete: self.view.complete,
            created_at: self.created_at.rfc3339(),
            updated_at: self.updated_at.rfc3339(),
        }
    }
}

fn rfc3339<S: Serializer>(moment: &UnixMillis, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&moment.rfc3339())
}

/// The pull's document; `None` before the first event.
pub fn document(inner: &Inner) -> Result<Option<Document>, JsValue> {
    let database = &inner.database;
    let Some(record) = Record::read(database)? else { return Ok(None) };
    if record.revision == 0 {
        return Ok(None);
    }
    let has_snapshots = inner.has_snapshots()?;
    Ok(Some(Document {
        pull_id: record.pull_id,
        revision: record.revision,
        created_at: UnixMillis(record.created_at),
        updated_at: UnixMillis(record.updated_at),
        snapshots: if has_snapshots { snapshots(database)? } else { Vec::new() },
        documents: if has_snapshots { documents(database)? } else { Vec::new() },
        outbox: inner.outbox.list()?,
        view: record.state.view(),
    }))
}

fn snapshots(database: &Database) -> Result<Vec<SnapshotLine>, JsValue> {
    let rows = database.all("SELECT version, size, digest, fetched_at FROM snapshot ORDER BY version", [])?;
    let describe = |row: &Row| SnapshotLine {
        version: row.integer(0),
        size: row.integer(1),
        sha256: hex::encode(row.bytes(2)),
        fetched_at: row.integer(3).map(|at| UnixMillis(at).rfc3339()),
    };
    Ok(rows.iter().map(describe).collect())
}

fn documents(database: &Database) -> Result<Vec<DocumentLine>, JsValue> {
    let rows = database.all(
        "SELECT description, size, digest, stored_at, outbox.state = 2 FROM document
         LEFT JOIN outbox ON outbox.work = 'document:' || document_id ORDER BY document_id",
        [],
    )?;
    let describe = |row: &Row| {
        let stored_at = row.integer(3);
        let state = match (stored_at, row.integer(4)) {
            (Some(_), _) => "stored",
            (None, Some(1)) => "failed",
            _ => "pending",
        };
        Some(DocumentLine {
            document: serde_json::from_str(&row.text(0)?).ok()?,
            state,
            size: row.integer(1),
            sha256: stored_at.map(|_| hex::encode(row.bytes(2))),
            stored_at: stored_at.map(|at| UnixMillis(at).rfc3339()),
        })
    };
    Ok(rows.iter().filter_map(describe).collect())
}

/// A page of the log: `{"events":[…],"next":<position>|null}`.
pub fn events(inner: &Inner, after: i64, limit: u32) -> Result<String, JsValue> {
    let pull_id = Record::read(&inner.database)?.map(|record| record.pull_id).unwrap_or_default();
    let pull_id = PullId::parse(&pull_id).map_err(|_| JsValue::from_str("pull unreadable"))?;
    let config = config::read(&inner.env).map_err(|_| JsValue::from_str("not configured"))?;
    let (mut page, mut size, mut next) = (Vec::new(), 0, None);
    // One row at a time: a page of large bodies never stands in memory twice.
    let mut position = after;
    while page.len() < limit as usize && size < MAX_PAGE_BYTES {
        let row = inner.database.first(
            "SELECT position, received_at, event_type, sequence, outcome, digest, sealed, body FROM event
             WHERE position > ?1 ORDER BY position LIMIT 1",
            [millis(position)],
        )?;
        let Some(row) = row else { break };
        position = row.integer(0).unwrap_or(position + 1);
        let mut body = row.bytes(7);
        let context = event_context(&pull_id, &hex::encode(row.bytes(5)));
        let opened = config.keys.read(&mut body, row.integer(6) == Some(1), &context);
        let body = opened.map_err(|error| JsValue::from_str(&error.to_string()))?;
        size += body.len();
        page.push(event(&row, body)?);
        next = Some(position);
    }
    let next = next.filter(|_| page.len() == limit as usize || size >= MAX_PAGE_BYTES);
    let next = next.map_or("null".to_owned(), |next| next.to_string());
    Ok(format!("{{\"events\":[{}],\"next\":{next}}}", page.join(",")))
}

/// One event, its body the very text that Canopy sent.
fn event(row: &Row, body: &[u8]) -> Result<String, JsValue> {
    let body = json::body(body);
    let body: &RawValue = serde_json::from_str(&body).map_err(|_| JsValue::from_str("event unreadable"))?;
    let sequence: Option<u64> = row.text(3).and_then(|sequence| sequence.parse().ok());
    let head = json!({
        "position": row.integer(0),
        "received_at": row.integer(1).map(|at| UnixMillis(at).rfc3339()),
        "event_type": row.text(2),
        "sequence": sequence,
        "outcome": row.text(4),
    });
    let head = head.to_string();
    let head = head.strip_suffix('}').unwrap_or(&head);
    Ok(format!("{head},\"body\":{}}}", body.get()))
}

/// A version, the latest for 0: `[version, chunks, bytes]`. The first chunk was opened: a key that is gone shows before
/// anything is answered.
pub fn snapshot(inner: &Inner, version: i64) -> Result<Option<Array>, JsValue> {
    let row = inner.database.first(
        "SELECT version, (SELECT count(*) FROM chunk WHERE chunk.version = snapshot.version), size
         FROM snapshot WHERE version = ?1 OR ?1 = 0 ORDER BY version DESC LIMIT 1",
        [millis(version)],
    )?;
    let Some(row) = row else { return Ok(None) };
    chunk(inner, row.integer(0).unwrap_or_default(), 0)?;
    Ok(Some(Array::of3(&row.value(0), &row.value(1), &row.value(2))))
}

/// One chunk of a version, as bytes of JavaScript's.
pub fn chunk(inner: &Inner, version: i64, number: u32) -> Result<JsValue, JsValue> {
    let row = inner.database.first(
        "SELECT bytes, sealed, (SELECT pull_id FROM pull) FROM chunk JOIN snapshot USING (version)
         WHERE version = ?1 AND number = ?2",
        [millis(version), number.into()],
    )?;
    let row = row.ok_or_else(|| JsValue::from_str("chunk missing"))?;
    let config = config::read(&inner.env).map_err(|_| JsValue::from_str("not configured"))?;
    let unreadable = |error: OpenError| JsValue::from_str(&error.to_string());
    if row.integer(1) != Some(1) {
        // The head tells whether the flag was changed; the rest need not come here.
        let bytes = Uint8Array::new(&row.value(0));
        config.keys.read(&mut bytes.subarray(0, HEAD_BYTES).to_vec(), false, "").map_err(unreadable)?;
        return Ok(bytes.into());
    }
    let context = chunk_context(&row.text(2).unwrap_or_default(), version, number as usize);
    let mut bytes = row.bytes(0);
    let opened = config.keys.read(&mut bytes, true, &context);
    opened.map(platform::to_js).map_err(unreadable)
}

/// What the pull says of a document.
pub fn description(database: &Database, id: &str) -> Result<Option<DocumentRef>, JsValue> {
    let row = database.first("SELECT description FROM document WHERE document_id = ?1", [id.into()])?;
    Ok(row.and_then(|row| serde_json::from_str(&row.text(0)?).ok()))
}

/// Where a stored document lies: `{key, title, content_type, sealed}`.
pub fn stored_document(database: &Database, id: &str) -> Result<Option<Value>, JsValue> {
    let row = database.first(
        "SELECT content_type, sealed FROM document WHERE document_id = ?1 AND stored_at IS NOT NULL",
        [id.into()],
    )?;
    let Some(row) = row else { return Ok(None) };
    let pull_id = Record::read(database)?.map(|record| record.pull_id).unwrap_or_default();
    Ok(Some(json!({
        "key": document_key(&pull_id, id),
        "title": description(database, id)?.and_then(|document| document.title),
        "content_type": row.text(0),
        "sealed": row.integer(1) == Some(1),
    })))
}
