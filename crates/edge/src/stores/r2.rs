//! R2: documents.

use js_sys::Uint8Array;
use worker::Env;

use crate::platform::{self, BucketObject, Thrown};

const DOCUMENTS: &str = "DOCUMENTS";

/// The place of a document, here and for sealing.
pub fn document_key(pull_id: &str, document_id: &str) -> String {
    format!("pulls/{pull_id}/documents/{document_id}")
}

/// Stores a document.
pub async fn put_document(env: &Env, key: &str, bytes: &Uint8Array) -> Result<(), Thrown> {
    platform::bucket(env, DOCUMENTS)?.put(key, bytes).await?;
    Ok(())
}

/// The first bytes of a stored document, at most `length`.
pub async fn beginning(env: &Env, key: &str, length: u32) -> Result<Option<Vec<u8>>, Thrown> {
    let Some(start) = platform::bucket(env, DOCUMENTS)?.find_start(key, length).await? else {
        return Ok(None);
    };
    Ok(Some(Uint8Array::new(&start.array_buffer().await?).to_vec()))
}

/// A stored document, not read yet.
pub async fn document(env: &Env, key: &str) -> Result<Option<BucketObject>, Thrown> {
    Ok(platform::bucket(env, DOCUMENTS)?.find(key).await?)
}
