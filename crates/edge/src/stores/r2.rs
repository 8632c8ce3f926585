//! R2: documents.

use js_sys::Uint8Array;
use worker::Env;

use crate::platform::{self, BucketObject, Thrown};

const DOCUMENTS: &str = "DOCUMENTS";

/// The place of a document, here and for sealing.
pub fn document_key(pull_id: &str, document_id: &str) -> String {
    format!("pulls/{pull_id}/documents/{document_id}")
}

/// Deletes all documents of a pull.
pub async fn delete_documents(env: &Env, pull_id: &str) -> Result<(), Thrown> {
    platform::bucket(env, DOCUMENTS)?.delete_below(&format!("pulls/{pull_id}/")).await?;
    Ok(())
}

/// Stores a document.
pub async fn put_document(env: &Env, key: &str, bytes: &Uint8Array) -> Result<(), Thrown> {
    platform::bucket(env, DOCUMENTS)?.put(key, bytes).await?;
    Ok(())
}

/// A stored document, not read yet.
pub async fn document(env: &Env, key: &str) -> Result<Option<BucketObject>, Thrown> {
    Ok(platform::bucket(env, DOCUMENTS)?.find(key).await?)
}
