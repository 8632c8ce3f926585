//! Downloading one document into R2.

use canopy::{
    config::Config,
    id::DocumentId,
    pull::{Attempt, Entry, Kind, Record, Stored},
    retry::{Failure, Reason},
    time::UnixMillis,
};
use wasm_bindgen::JsValue;

use super::super::{
    download::{self, Miss},
    failure::storage,
    ledger::Ledger,
    log,
    store::IntoSql,
    view,
};
use crate::{
    platform,
    stores::r2::{self, Put, PutError, document_key},
};

/// Downloads it.
pub async fn document(
    ledger: &Ledger,
    config: &Config,
    id: &DocumentId,
    attempt: &Attempt,
) -> Result<(), Miss> {
    let of_record = |record: &Record| {
        let known = record.documents.get(id).map(|document| document.named.clone());
        (record.pull_id.clone(), known)
    };
    let (pull_id, known) = ledger.read(of_record).map_err(storage)?.ok_or_else(|| storage(()))?;
    let named = match known {
        None => view::description(ledger, id.as_str()).map_err(storage)?,
        known => known,
    };
    let declared = named.as_ref().and_then(|document| document.mime_type.clone());
    let failed = attempt.number - 1;
    let mut download = download::document(config, &pull_id, id, declared.as_deref(), failed).await?;
    let (content_type, length) = (download.content_type.clone(), download.length);
    let key = document_key(pull_id.as_str(), id.as_str());
    let put =
        r2::put_document(&ledger.env, &config.keys, &key, length, None, async || download.next().await).await;
    let Put { size, digest, is_sealed, .. } = put.map_err(|error| match error {
        PutError::Source(miss) => miss,
        PutError::Length => Failure::without_status(Reason::Malformed, platform::now()).into(),
        PutError::Storage(thrown) => storage(thrown).into(),
    })?;
    let change = ledger.change(|record| {
        let has_row = ledger.tables().documents && !record.documents.contains_key(id);
        let sha256 = hex::encode(digest.to_vec());
        let entry = Stored { document_id: id.clone(), size, sha256, content_type: content_type.clone() };
        let entry_of = Entry::Stored(&entry, is_sealed);
        log::append(ledger, record, Kind::Stored, attempt.cause, entry_of, &entry)?;
        if has_row {
            ledger.database.run(
                "UPDATE document SET size = ?1, digest = ?2, content_type = ?3, stored_at = ?4, sealed = ?5
                 WHERE document_id = ?6",
                [
                    JsValue::from_f64(size as f64),
                    digest.clone().into(),
                    content_type.as_str().into(),
                    // Of its entry: whoever walks the log sees the same.
                    UnixMillis(record.end.recorded_at).into_sql(),
                    i32::from(is_sealed).into(),
                    id.as_str().into(),
                ],
            )?;
        }
        Ok(())
    });
    change.map_err(storage)?;
    Ok(())
}
