//! Where documents lie.

use worker::Env;

use crate::platform::{self, Bucket, BucketObject, Thrown, stream::Chunks};

/// The place of a document, here and for sealing.
pub fn document_key(pull_id: &str, document_id: &str) -> String {
    format!("pulls/{pull_id}/documents/{document_id}")
}

/// The bucket of all documents.
pub fn bucket(env: &Env) -> Result<Bucket, Thrown> {
    Ok(platform::bucket(env, "DOCUMENTS")?)
}

/// The first bytes of a stored document, at most `length`.
pub async fn beginning(env: &Env, key: &str, length: usize) -> Result<Option<Vec<u8>>, Thrown> {
    let Some(object) = document(env, key).await? else { return Ok(None) };
    let chunks = Chunks::of(&object.body(), length)?;
    let start = chunks.next(length).await?.to_vec();
    chunks.cancel();
    Ok(Some(start))
}

/// A stored document, not read yet.
pub async fn document(env: &Env, key: &str) -> Result<Option<BucketObject>, Thrown> {
    Ok(bucket(env)?.find(key).await?)
}
