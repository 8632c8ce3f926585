//! Where documents lie.

use worker::Env;

use crate::platform::{self, Bucket, BucketObject, Thrown};

/// The place of a document, here and for sealing.
pub fn document_key(pull_id: &str, document_id: &str) -> String {
    format!("pulls/{pull_id}/documents/{document_id}")
}

/// The bucket of all documents.
pub fn bucket(env: &Env) -> Result<Bucket, Thrown> {
    Ok(platform::bucket(env, "DOCUMENTS")?)
}

/// A stored document, not read yet.
pub async fn document(env: &Env, key: &str) -> Result<Option<BucketObject>, Thrown> {
    Ok(bucket(env)?.find(key).await?)
}
