//! Deleting what stands of a pull.

use worker::Env;

use super::place::bucket;
use crate::platform::Thrown;

/// Deletes all documents of a pull.
pub async fn delete_documents(env: &Env, pull_id: &str) -> Result<(), Thrown> {
    bucket(env)?.delete_below(&format!("pulls/{pull_id}/")).await?;
    Ok(())
}
