//! Doing the work of the outbox. Each piece may be done again: it reads, or writes over a copy.

use std::rc::Rc;

use canopy::{
    config::Config,
    id::{DocumentId, PullId},
    pull::{DocumentRef, Snapshot, Work},
    retry::{Failure, Reason},
    session::Notice,
    signature,
};
use js_sys::Uint8Array;
use serde_json::json;
use wasm_bindgen::JsValue;

use super::{
    download::{self, Download, Miss},
    object::Inner,
    outbox::{Entry, GivenUp, millis},
    reads,
    store::Record,
};
use crate::{copies, platform};

/// Bytes of one chunk of a snapshot: well below SQLite's limit of 2 MB a row.
const CHUNK_BYTES: usize = 1024 * 1024;

/// What became of an attempt.
#[derive(PartialEq, Eq)]
pub enum Ending {
    /// The outbox knows.
    Noted,
    /// It found no room for what it reads: to be attempted again, alone.
    NoRoom,
}

/// Attempts a piece of work and notes in the outbox how it went. One that finds no room even `alone` waits.
pub async fn attempt(inner: &Rc<Inner>, config: &Config, entry: &Entry, alone: bool) -> Ending {
    let done = match &entry.work {
        Work::Notify => notify(inner).await.map(drop).map_err(Miss::Failed),
        Work::Copy => copy(inner).await.map_err(Miss::Failed),
        Work::Fetch => fetch(inner, config).await,
        Work::Document(id) => document(inner, config, id, entry.taken.attempts - 1).await,
    };
    let noted = match done {
        Ok(()) => inner.outbox.succeed(entry, platform::now()),
        Err(Miss::NoRoom) if !alone => return Ending::NoRoom,
        Err(Miss::NoRoom) => inner.outbox.defer(entry, platform::now()),
        Err(Miss::Failed(failure)) => inner.outbox.fail(entry, &failure).and_then(|is_last| {
            let name = entry.work.to_string();
            log(inner, &name, entry.taken.attempts, failure.reason, failure.status, is_last);
            show(inner, &name)
        }),
    };
    if noted.is_err() {
        // The work is still pending and is taken up again at the next alarm.
        inner.wake_at(platform::now().plus(canopy::retry::BASE_MILLIS).0);
    }
    Ending::Noted
}

/// Tells the operator of work that was given up when it was taken.
pub fn give_up(inner: &Inner, given_up: &[GivenUp]) -> Result<(), JsValue> {
    for (taken, reason) in given_up {
        log(inner, &taken.name, taken.attempts, *reason, None, true);
        show(inner, &taken.name)?;
    }
    Ok(())
}

/// Whoever reads the copy has to see what failed, too. That copying failed it cannot show.
fn show(inner: &Inner, name: &str) -> Result<(), JsValue> {
    if name == Work::Copy.to_string() {
        return Ok(());
    }
    inner.outbox.want(&Work::Copy, platform::now()).map(drop)
}

/// Tells the session now, without waiting for the alarm; should that fail, the alarm does it.
pub async fn tell(inner: &Inner) {
    if let Ok(revision) = notify(inner).await {
        let _ = inner.outbox.told(revision, platform::now());
    }
}

fn storage(_: JsValue) -> Failure {
    Failure::without_status(Reason::Storage, platform::now())
}

fn record(inner: &Inner) -> Result<Record, Failure> {
    Record::read(&inner.database).map_err(storage)?.ok_or_else(|| storage(JsValue::NULL))
}

/// Gives the revision that the session was told of.
async fn notify(inner: &Inner) -> Result<i64, Failure> {
    let record = record(inner)?;
    let revision = record.revision;
    let Some(session) = record.session() else { return Ok(revision) };
    let pull_id = PullId::parse(&record.pull_id).map_err(|_| storage(JsValue::NULL))?;
    let notice = Notice::new(pull_id, revision.unsigned_abs(), record.state.view());
    let notice = serde_json::to_string(&notice).expect("a notice is plain data");
    let stub = platform::session_stub(&inner.env, &session).map_err(storage)?;
    stub.notify(&notice).await.map_err(storage).map(|_| revision)
}

async fn copy(inner: &Inner) -> Result<(), Failure> {
    let Some(document) = reads::document(inner).map_err(storage)? else { return Ok(()) };
    let line = document.line();
    let text = document.text();
    copies::write(&inner.env, &line, text, document.created_at()).await.map_err(|()| storage(JsValue::NULL))
}

async fn fetch(inner: &Inner, config: &Config) -> Result<(), Miss> {
    let before = record(inner)?;
    let pull_id = PullId::parse(&before.pull_id).map_err(|_| storage(JsValue::NULL))?;
    let (body, _room) = download::pull(config, &pull_id).await?;
    let malformed = |_| Failure::without_status(Reason::Malformed, platform::now());
    let snapshot = Snapshot::read(&body, &pull_id).map_err(malformed)?;
    let mut record = record(inner)?;
    let is_complete = record.state.is_complete();
    // What was not ready when it was asked for says nothing of what there is.
    let is_news = before.state.is_ready() && record.state.fetched(snapshot.no_policies);
    inner.prepare_snapshots().map_err(storage)?;
    let mut change = || {
        store_snapshot(inner, config, &pull_id, &body)?;
        if is_complete {
            want_documents(inner, &snapshot.documents)?;
        }
        inner.outbox.want(&Work::Copy, platform::now())?;
        if is_news {
            record.write_state(&inner.database)?;
            inner.outbox.want(&Work::Notify, platform::now())?;
        }
        Ok(JsValue::UNDEFINED)
    };
    inner.storage.transaction(&mut change).map_err(storage)?;
    if is_news {
        tell(inner).await;
    }
    Ok(())
}

/// Stores a body that differs from the last version as the next one.
fn store_snapshot(inner: &Inner, config: &Config, pull_id: &PullId, body: &[u8]) -> Result<(), JsValue> {
    let database = &inner.database;
    let digest = signature::digest(body);
    let last = database.first("SELECT version, digest FROM snapshot ORDER BY version DESC LIMIT 1", [])?;
    if last.as_ref().is_some_and(|row| row.bytes(1) == digest) {
        return Ok(());
    }
    let version = last.and_then(|row| row.integer(0)).unwrap_or(0) + 1;
    database.run(
        "INSERT INTO snapshot (version, digest, size, fetched_at, sealed) VALUES (?1, ?2, ?3, ?4, ?5)",
        [
            millis(version),
            platform::to_js(&digest),
            JsValue::from_f64(body.len() as f64),
            millis(platform::now().0),
            i32::from(config.keys.is_set()).into(),
        ],
    )?;
    for (number, chunk) in body.chunks(CHUNK_BYTES).enumerate() {
        let sealed =
            config.keys.seal(chunk, &chunk_context(pull_id.as_str(), version, number), platform::random());
        database.run(
            "INSERT INTO chunk (version, number, bytes) VALUES (?1, ?2, ?3)",
            [
                millis(version),
                JsValue::from_f64(number as f64),
                platform::to_js(sealed.as_deref().unwrap_or(chunk)),
            ],
        )?;
    }
    Ok(())
}

/// The place of a chunk, for sealing.
pub fn chunk_context(pull_id: &str, version: i64, number: usize) -> String {
    format!("snapshot/{pull_id}/{version}/{number}")
}

/// The place of a document, in R2 and for sealing.
pub fn document_key(pull_id: &str, document_id: &str) -> String {
    format!("pulls/{pull_id}/documents/{document_id}")
}

fn want_documents(inner: &Inner, documents: &[DocumentRef]) -> Result<(), JsValue> {
    for document in documents {
        let id = document.document_id.as_str();
        let description = serde_json::to_string(document).expect("a description is plain data");
        inner.database.run(
            "INSERT INTO document (document_id, description) VALUES (?1, ?2)
             ON CONFLICT (document_id) DO UPDATE SET description = excluded.description",
            [id.into(), description.into()],
        )?;
        let query = "SELECT 1 FROM document WHERE document_id = ?1 AND stored_at IS NULL";
        if inner.database.first(query, [id.into()])?.is_some() {
            inner.outbox.want(&Work::Document(document.document_id.clone()), platform::now())?;
        }
    }
    Ok(())
}

async fn document(inner: &Inner, config: &Config, id: &DocumentId, failed: u32) -> Result<(), Miss> {
    let pull_id = PullId::parse(&record(inner)?.pull_id).map_err(|_| storage(JsValue::NULL))?;
    let declared = reads::description(&inner.database, id.as_str()).map_err(storage)?;
    let declared = declared.and_then(|document| document.mime_type);
    let download = download::document(config, &pull_id, id, declared.as_deref(), failed).await?;
    let Download { bytes, content_type, reservation: _room } = download;
    let (size, digest) = (bytes.length(), platform::sha256(&bytes).await.map_err(storage)?);
    let key = document_key(pull_id.as_str(), id.as_str());
    let fill = |room: &mut [u8]| bytes.copy_to(room);
    let sealed = config.keys.seal_filled(size as usize, fill, &key, platform::random());
    let is_sealed = sealed.is_some();
    // What is sealed is not held plain beside it.
    let stored = match sealed {
        Some(sealed) => {
            drop(bytes);
            Uint8Array::from(sealed.as_slice())
        }
        None => bytes,
    };
    copies::put_document(&inner.env, &key, &stored).await.map_err(storage)?;
    let mut change = || {
        inner.database.run(
            "UPDATE document SET size = ?1, digest = ?2, content_type = ?3, stored_at = ?4, sealed = ?5
             WHERE document_id = ?6",
            [
                size.into(),
                digest.clone().into(),
                content_type.as_str().into(),
                millis(platform::now().0),
                i32::from(is_sealed).into(),
                id.as_str().into(),
            ],
        )?;
        inner.outbox.want(&Work::Copy, platform::now())?;
        Ok(JsValue::UNDEFINED)
    };
    inner.storage.transaction(&mut change).map_err(storage)?;
    Ok(())
}

/// One line for the operator: no consumer's data.
fn log(inner: &Inner, work: &str, attempt: u32, code: Reason, status: Option<u16>, is_last: bool) {
    let pull_id = Record::read(&inner.database).ok().flatten().map(|record| record.pull_id);
    let line = json!({
        "route": "outbox",
        "pull_id": pull_id,
        "work": work,
        "attempt": attempt,
        "code": code,
        "status": status,
        "given_up": is_last,
    });
    worker::console_warn!("{line}");
}
