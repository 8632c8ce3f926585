//! Documents in R2, one a step: read, sealed anew, written over. A reader tells by its length whether one that was stored in the
//! clear is sealed meanwhile, so the note of it may come later.

use canopy::{
    config::Config,
    id::DocumentId,
    pull::{Record, Rekeying},
    seal::stream::{SIGN_BYTES, key_id},
};
use wasm_bindgen::JsValue;

use super::super::{ledger::Ledger, view};
use crate::{
    platform::BucketObject,
    stores::r2::{self, ReadError, Resealed, document_key},
};

/// Bytes of a document in which the id of its key is.
const HEAD_BYTES: usize = SIGN_BYTES + 32;

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
    let Some(known) = view::stored_document(ledger, id)? else { return Ok(()) };
    let pull_id = ledger.read(|record| record.pull_id.to_string())?.unwrap_or_default();
    let (env, key) = (&ledger.env, document_key(&pull_id, id));
    let Some(start) = r2::beginning(env, &key, HEAD_BYTES).await? else { return Ok(()) };
    if key_id(&start) != Some(config.keys.writes_under()) {
        let is_sealed = |object: &BucketObject| known.is_sealed_as(object.size());
        match r2::reseal_document(env, &config.keys, &key, is_sealed).await {
            Ok(Resealed::Done) => {}
            Ok(Resealed::Missing) => return Ok(()),
            Ok(Resealed::Changed) => return Err("it was stored anew meanwhile".into()),
            Err(ReadError::Sealed(error)) => {
                at.left.note(&error);
                return Ok(());
            }
            Err(ReadError::NoRoom) => return Err("other large bodies are under way".into()),
            Err(ReadError::Storage(thrown)) => return Err(thrown.into()),
        }
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
