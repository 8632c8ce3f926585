//! Sealing a stored document anew, after a rotation of keys.

use canopy::seal::Keys;
use worker::Env;

use super::{
    place::document,
    read::{ReadError, Reading},
    write::{PutError, put_document},
};
use crate::platform::BucketObject;

/// What became of a document that was to be sealed anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resealed {
    /// It is sealed with the first key, in chunks.
    Done,
    /// There is no such document.
    Missing,
    /// It was stored anew or deleted in the meantime: look again.
    Changed,
}

/// Seals a document, in whichever form it is, with the first key, chunk by chunk. Safe to repeat and to be ended at any point: the
/// old one is there until the new one is whole, and is not brought back when it was deleted meanwhile.
///
/// # Errors
/// [`ReadError`] when it cannot be opened, there is no room, or storage fails; then it is as it was.
pub async fn reseal_document(
    env: &Env,
    keys: &Keys,
    key: &str,
    is_sealed: impl FnOnce(&BucketObject) -> bool,
) -> Result<Resealed, ReadError> {
    let Some(object) = document(env, key).await? else { return Ok(Resealed::Missing) };
    let is_sealed = is_sealed(&object);
    let mut reading = Reading::of(&object, keys, key, is_sealed).await?;
    let (length, etag) = (reading.size, object.etag());
    let put = put_document(env, keys, key, Some(length), Some(&etag), async || reading.next().await).await;
    match put {
        Ok(put) => Ok(if put.is_there { Resealed::Done } else { Resealed::Changed }),
        Err(PutError::Source(error)) => Err(error),
        Err(PutError::Storage(thrown)) => Err(thrown.into()),
        Err(PutError::Length) => Ok(Resealed::Changed),
    }
}
