//! Downloading one document into R2.

use canopy::{
    config::Config,
    id::DocumentId,
    pull::{Attempt, Entry, Kind, Record, Stored},
};
use js_sys::Uint8Array;

use super::{
    super::{
        download::{self, Download, Miss},
        ledger::Ledger,
        log,
        store::IntoSql,
        view,
    },
    failure::storage,
};
use crate::{
    platform,
    stores::r2::{self, document_key},
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
            platform::discard(&bytes);
            Uint8Array::from(sealed.as_slice())
        }
        None => bytes,
    };
    let put = r2::put_document(&ledger.env, &key, &stored).await;
    platform::discard(&stored);
    put.map_err(storage)?;
    let change = ledger.change(|record| {
        if ledger.tables().documents && !record.documents.contains_key(id) {
            ledger.database.run(
                "UPDATE document SET size = ?1, digest = ?2, content_type = ?3, stored_at = ?4, sealed = ?5
                 WHERE document_id = ?6",
                [
                    size.into(),
                    digest.clone().into(),
                    content_type.as_str().into(),
                    platform::now().into_sql(),
                    i32::from(is_sealed).into(),
                    id.as_str().into(),
                ],
            )?;
        }
        let entry = Stored {
            document_id: id.clone(),
            size: size.into(),
            sha256: hex::encode(digest.to_vec()),
            content_type,
        };
        log::append(ledger, record, Kind::Stored, attempt.cause, Entry::Stored(&entry, is_sealed), &entry)
    });
    change.map_err(storage)?;
    Ok(())
}
