//! Doing the work of the outbox. Each piece may be done again: it reads, or writes over a copy.

use std::rc::Rc;

use canopy::{
    api::Call,
    config::Config,
    id::{DocumentId, PullId},
    pull::{DocumentForm, DocumentRef, MAX_DOCUMENT_BYTES, MAX_SNAPSHOT_BYTES, Snapshot, Work, signed_url},
    retry::{Failure, Reason},
    session::Notice,
    signature,
};
use serde_json::json;
use wasm_bindgen::JsValue;

use super::{
    object::Inner,
    outbox::{Entry, millis},
    reads,
    store::Record,
};
use crate::{
    carrier::{self, Answer},
    copies, platform,
};

/// Bytes of one chunk of a snapshot: well below SQLite's limit of 2 MB a row.
const CHUNK_BYTES: usize = 1024 * 1024;

/// Attempts a piece of work and notes in the outbox how it went.
pub async fn attempt(inner: &Rc<Inner>, config: &Config, entry: &Entry) {
    let done = match &entry.work {
        Work::Notify => notify(inner).await.map(drop),
        Work::Copy => copy(inner).await,
        Work::Fetch => fetch(inner, config).await,
        Work::Document(id) => document(inner, config, id, entry.attempts).await,
    };
    let noted = match done {
        Ok(()) => inner.outbox.succeed(&entry.work, platform::now()),
        Err(failure) => {
            let next = failure.next_attempt(entry.attempts + 1, u32::from_ne_bytes(platform::random()));
            log(inner, entry, &failure, next.is_none());
            inner.outbox.fail(entry, &failure, next).and_then(|()| match entry.work {
                // Whoever reads the copy has to see what was given up, too.
                Work::Fetch | Work::Document(_) if next.is_none() => {
                    inner.outbox.want(&Work::Copy, platform::now()).map(|_| ())
                }
                _ => Ok(()),
            })
        }
    };
    if noted.is_err() {
        // The work is still pending and is taken up again at the next alarm.
        inner.wake_at(platform::now().plus(canopy::retry::BASE_MILLIS).0);
    }
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

async fn fetch(inner: &Inner, config: &Config) -> Result<(), Failure> {
    let before = record(inner)?;
    let pull_id = PullId::parse(&before.pull_id).map_err(|_| storage(JsValue::NULL))?;
    let call = Call::pull(&config.team_id, &pull_id);
    let answer = carrier::read(config, &call, MAX_SNAPSHOT_BYTES).await?;
    if answer.status != 200 {
        return Err(answer.failure());
    }
    let malformed = |_| Failure::without_status(Reason::Malformed, platform::now());
    let snapshot = Snapshot::read(&answer.body, &pull_id).map_err(malformed)?;
    let mut record = record(inner)?;
    let is_complete = record.state.is_complete();
    // What was not ready when it was asked for says nothing of what there is.
    let is_news = before.state.is_ready() && record.state.fetched(snapshot.no_policies);
    inner.prepare_snapshots().map_err(storage)?;
    let mut change = || {
        store_snapshot(inner, config, &pull_id, &answer.body)?;
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

async fn document(inner: &Inner, config: &Config, id: &DocumentId, attempts: u32) -> Result<(), Failure> {
    let pull_id = PullId::parse(&record(inner)?.pull_id).map_err(|_| storage(JsValue::NULL))?;
    let answer = download(config, &pull_id, id, attempts).await?;
    if answer.status != 200 {
        return Err(answer.failure());
    }
    if answer.body.is_empty() {
        return Err(Failure::without_status(Reason::Malformed, platform::now()));
    }
    let (size, digest) = (answer.body.len() as f64, signature::digest(&answer.body));
    let key = document_key(pull_id.as_str(), id.as_str());
    let sealed = config.keys.seal(&answer.body, &key, platform::random());
    let is_sealed = sealed.is_some();
    copies::put_document(&inner.env, &key, sealed.unwrap_or(answer.body))
        .await
        .map_err(|()| storage(JsValue::NULL))?;
    let mut change = || {
        inner.database.run(
            "UPDATE document SET size = ?1, digest = ?2, content_type = ?3, stored_at = ?4, sealed = ?5
             WHERE document_id = ?6",
            [
                size.into(),
                platform::to_js(&digest),
                answer.content_type.as_deref().unwrap_or("application/pdf").into(),
                millis(platform::now().0),
                i32::from(is_sealed).into(),
                id.as_str().into(),
            ],
        )?;
        inner.outbox.want(&Work::Copy, platform::now())?;
        Ok(JsValue::UNDEFINED)
    };
    inner.storage.transaction(&mut change).map_err(storage).map(|_| ())
}

/// Downloads in the form whose turn it is; a signed URL is followed without credentials.
async fn download(config: &Config, pull: &PullId, id: &DocumentId, attempts: u32) -> Result<Answer, Failure> {
    let form = DocumentForm::after(attempts);
    let call = Call::document(&config.team_id, pull, id, form);
    let answer = carrier::read(config, &call, MAX_DOCUMENT_BYTES).await?;
    match (&form, &answer.location) {
        (DocumentForm::SignedUrl, Some(location)) if answer.status == 302 => {
            let url = signed_url(location, &config.api_base_url);
            let url = url.ok_or_else(|| Failure::without_status(Reason::Malformed, platform::now()))?;
            carrier::read_signed(&url, MAX_DOCUMENT_BYTES).await
        }
        _ => Ok(answer),
    }
}

/// One line for the operator: no consumer's data.
fn log(inner: &Inner, entry: &Entry, failure: &Failure, is_last: bool) {
    let pull_id = Record::read(&inner.database).ok().flatten().map(|record| record.pull_id);
    let line = json!({
        "route": "outbox",
        "pull_id": pull_id,
        "work": entry.work.to_string(),
        "attempt": entry.attempts + 1,
        "code": failure.reason,
        "status": failure.status,
        "given_up": is_last,
    });
    worker::console_warn!("{line}");
}
