//! Documents in R2, one a step: read, sealed anew, written over. A reader tells by its length whether one that was stored in the
//! clear is sealed meanwhile, so the note of it may come later.

use canopy::{
    config::Config,
    id::DocumentId,
    pull::{Record, Rekeying},
};
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

use super::super::{ledger::Ledger, view};
use crate::{
    platform,
    room::Reservation,
    stores::r2::{self, document_key},
};

/// The next document.
pub async fn next(ledger: &Ledger, config: &Config, mut at: Rekeying) -> Result<Rekeying, JsValue> {
    let mut ids = view::stored_documents(ledger)?;
    ids.sort_unstable();
    let behind = at.document.clone().unwrap_or_default();
    let Some(id) = ids.into_iter().find(|id| *id > behind) else { return Ok(at.then()) };
    reseal(ledger, config, &id, &mut at).await?;
    at.document = Some(id);
    Ok(at)
}

async fn reseal(ledger: &Ledger, config: &Config, id: &str, at: &mut Rekeying) -> Result<(), JsValue> {
    let Some(head) = config.keys.head() else { return Ok(()) };
    let Some(known) = view::stored_document(ledger, id)? else { return Ok(()) };
    let pull_id = ledger.read(|record| record.pull_id.to_string())?.unwrap_or_default();
    let key = document_key(&pull_id, id);
    let Some(start) = r2::beginning(&ledger.env, &key, head.len() as u32).await? else { return Ok(()) };
    if !config.keys.is_current(&start, true) {
        let Some(object) = r2::document(&ledger.env, &key).await? else { return Ok(()) };
        let is_sealed = known.is_sealed_as(object.size());
        let busy = "other large bodies are under way";
        let _room = Reservation::wait(object.size() as usize).await.ok_or(busy)?;
        let mut bytes = platform::moved(&Uint8Array::new(&object.array_buffer().await?));
        let resealed = match config.keys.reseal(&mut bytes, is_sealed, &key, platform::random()) {
            Ok(resealed) => resealed.unwrap_or_default(),
            Err(error) => {
                at.left.note(&error);
                return Ok(());
            }
        };
        drop(bytes);
        let stored = Uint8Array::from(resealed.as_slice());
        drop(resealed);
        let put = r2::put_document(&ledger.env, &key, &stored).await;
        platform::discard(&stored);
        put?;
    }
    if !known.is_sealed {
        note(ledger, id)?;
    }
    Ok(())
}

/// Notes that it is sealed.
fn note(ledger: &Ledger, id: &str) -> Result<(), JsValue> {
    let document_id = DocumentId::parse(id).map_err(|error| error.to_string())?;
    let in_record = |record: &mut Record| record.is_resealed(&document_id);
    if ledger.note(in_record)? == Some(true) {
        return ledger.store_anyway();
    }
    ledger.database.run("UPDATE document SET sealed = 1 WHERE document_id = ?1", [id.into()])
}
