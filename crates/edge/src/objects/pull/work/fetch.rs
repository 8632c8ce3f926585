//! Fetching a pull: its next version, and the documents that it names.

use std::{collections::BTreeMap, rc::Rc};

use canopy::{
    config::Config,
    listing::{Listed, of_snapshot},
    pull::{DocumentRef, Entry, Fetched, Kind, Position, Record, Snapshot, Work},
    retry::{Failure, Reason},
    signature,
    time::UnixMillis,
};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::{
    super::{
        download::{self, Miss},
        failure::storage,
        ledger::Ledger,
        log,
        store::{self, CHUNK_BYTES, IntoSql, integer},
        view::chunk_context,
    },
    notify::tell,
};
use crate::{
    platform::{self, Row},
    sealed,
};

/// Fetches it, called for by the entry `cause`.
pub async fn fetch(ledger: &Rc<Ledger>, config: &Config, cause: Option<Position>) -> Result<(), Miss> {
    let before =
        ledger.read(|record| (record.pull_id.clone(), record.root().clone(), record.state.is_ready()));
    let (pull_id, root, was_ready) = before.map_err(storage)?.ok_or_else(|| storage(()))?;
    let (body, _room) = download::pull(config, &pull_id).await?;
    let malformed = |_| Failure::without_status(Reason::Malformed, platform::now());
    let snapshot = Snapshot::read(&body, &pull_id, &root).map_err(malformed)?;
    // What was not ready when it was asked for says nothing of what there is.
    let no_policies = snapshot.no_policies.filter(|_| was_ready);
    // A fetch that came to nothing takes no place of one that did.
    let says_what_there_is = was_ready && (!snapshot.terms.is_empty() || no_policies == Some(true));
    let terms = says_what_there_is.then_some(snapshot.terms.as_slice());
    let change = ledger.change(|record| {
        ledger.prepare_snapshots()?;
        let digest = signature::digest(&body);
        let newest = store::newest_snapshot(&ledger.database)?;
        // A body that equals the last is no new version.
        let is_new = newest.as_ref().is_none_or(|newest| newest.digest != digest);
        let version = newest.map_or(0, |newest| newest.version) + i64::from(is_new);
        let is_news = no_policies.is_some() && no_policies != record.state.no_policies();
        let terms = terms.filter(|terms| record.state.agenda().is_news(terms));
        let mut position = cause;
        if is_new || is_news || terms.is_some() {
            let (size, sha256) = (body.len() as u64, hex::encode(digest));
            let fetched = Fetched { version, size, sha256, no_policies, terms: terms.map(<[_]>::to_vec) };
            position =
                Some(log::append(ledger, record, Kind::Fetched, cause, Entry::Fetched(&fetched), &fetched)?);
        }
        if is_new {
            // Of its entry: whoever walks the log sees the same.
            let fetched_at = UnixMillis(record.end.recorded_at);
            keep(ledger, config, pull_id.as_str(), version, (&digest, fetched_at), &body)?;
        }
        if record.state.is_complete() {
            want_documents(ledger, config, record, &snapshot.documents, position)?;
        }
        record.outbox.want(&Work::Copy, position, platform::now());
        Ok(is_news)
    });
    if change.map_err(storage)? == Some(true) {
        let ledger = Rc::clone(ledger);
        spawn_local(async move { tell(&ledger).await });
    }
    Ok(())
}

fn keep(
    ledger: &Ledger,
    config: &Config,
    pull_id: &str,
    version: i64,
    (digest, fetched_at): (&[u8; 32], UnixMillis),
    body: &[u8],
) -> Result<(), JsValue> {
    let database = &ledger.database;
    let seal = |(number, chunk): (usize, &[u8])| {
        let context = chunk_context(pull_id, version, number);
        let sealed = config.keys.seal(chunk, &context, platform::random());
        (number, platform::to_js(sealed.as_deref().unwrap_or(chunk)))
    };
    let mut chunks = body.chunks(CHUNK_BYTES).enumerate().map(seal);
    database.run(
        "INSERT INTO snapshot (version, digest, size, fetched_at, sealed, found, bytes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        [
            integer(version),
            platform::to_js(digest),
            JsValue::from_f64(body.len() as f64),
            fetched_at.into_sql(),
            i32::from(config.keys.is_set()).into(),
            Listed::new(&config.list_key, &of_snapshot(body)).text().into(),
            chunks.next().map_or(JsValue::NULL, |(_, bytes)| bytes),
        ],
    )?;
    chunks.try_for_each(|(number, bytes)| store::put_chunk(database, version, number, bytes))
}

fn want_documents(
    ledger: &Ledger,
    config: &Config,
    record: &mut Record,
    documents: &[DocumentRef],
    cause: Option<Position>,
) -> Result<(), JsValue> {
    let query = "SELECT document_id, description, stored_at FROM document";
    let rows = if ledger.tables().documents { ledger.database.all(query, [])? } else { Vec::new() };
    let pull_id = record.pull_id.to_string();
    let known = |row: &Row| {
        let id = row.text(0).unwrap_or_default();
        // What does not open is described anew.
        let described = store::description(&config.keys, &row.value(1), &pull_id, &id).ok().flatten();
        (id, (described, row.integer(2).is_some()))
    };
    let rows: BTreeMap<_, _> = rows.iter().map(known).collect();
    for document in documents {
        let id = document.document_id.as_str();
        let row = rows.get(id);
        if row.is_none() && record.name(document, cause, platform::now()) {
            continue;
        }
        if row.is_none_or(|(known, _)| known.as_ref() != Some(document)) {
            let description = serde_json::to_string(document).expect("a description is plain data");
            let context = store::description_context(&pull_id, id);
            let description = sealed::column(&config.keys, &description, &context);
            ledger.prepare_documents()?;
            ledger.database.run(
                "INSERT INTO document (document_id, description) VALUES (?1, ?2)
                 ON CONFLICT (document_id) DO UPDATE SET description = excluded.description",
                [id.into(), description],
            )?;
        }
        if row.is_none_or(|(_, is_stored)| !is_stored) {
            record.outbox.want(&Work::Document(document.document_id.clone()), cause, platform::now());
        }
    }
    Ok(())
}
