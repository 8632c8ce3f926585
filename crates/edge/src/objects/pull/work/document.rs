//! Downloading one document into R2.

use canopy::{
    config::Config,
    id::DocumentId,
    pull::{Attempt, Entry, Kind, Stored},
};
use js_sys::Uint8Array;

use super::{
    super::{
        download::{self, Download, Miss},
        ledger::Ledger,
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
    let known =
        ledger.read(|record| (record.pull_id.clone(), record.wanted.get(id).cloned())).map_err(storage)?;
    let (pull_id, wanted) = known.ok_or_else(|| storage(()))?;
    let described = match wanted {
        None => view::description(&ledger.database, id.as_str()).map_err(storage)?,
        wanted => wanted,
    };
    let declared = described.as_ref().and_then(|document| document.mime_type.clone());
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
        let description = serde_json::to_string(&described).expect("a description is plain data");
        ledger.database.run(
            "INSERT INTO document (document_id, description, size, digest, content_type, stored_at, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (document_id) DO UPDATE SET size = excluded.size, digest = excluded.digest,
               content_type = excluded.content_type, stored_at = excluded.stored_at, sealed = excluded.sealed",
            [
                id.as_str().into(),
                description.into(),
                size.into(),
                digest.clone().into(),
                content_type.as_str().into(),
                platform::now().into_sql(),
                i32::from(is_sealed).into(),
            ],
        )?;
        let entry = Stored {
            document_id: id.clone(),
            size: size.into(),
            sha256: hex::encode(digest.to_vec()),
            content_type,
        };
        ledger.append(record, Kind::Stored, attempt.cause, &Entry::Stored(&entry), &entry)
    });
    change.map_err(storage)?;
    Ok(())
}
