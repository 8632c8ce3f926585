//! Storing a document as it comes: its digest taken and each chunk sealed as it passes.

use canopy::seal::{
    Keys,
    stream::{CHUNK_BYTES, SEALED_CHUNK_BYTES, Sealer},
};
use js_sys::Uint8Array;
use worker::Env;

use super::place::bucket;
use crate::platform::{
    self, Thrown,
    stream::{Digest, Upload},
};

/// What was stored.
pub struct Put {
    /// Bytes, before they were sealed.
    pub size: u64,
    /// SHA-256 of them.
    pub digest: Uint8Array,
    pub is_sealed: bool,
    /// Whether it took the place of the version that it was to; always for one that was to take any.
    pub is_there: bool,
}

/// Why a document was not stored: what was there before is there still.
pub enum PutError<E> {
    /// What it came from failed.
    Source(E),
    /// It came to another length than it was to.
    Length,
    Storage(Thrown),
}

impl<E> From<Thrown> for PutError<E> {
    fn from(thrown: Thrown) -> Self {
        Self::Storage(thrown)
    }
}

/// Stores a document of `length` bytes, or of any number, from chunks of [`CHUNK_BYTES`] that `next` gives, the last of fewer: sealed
/// where there is a key. It is there when this has ended, and whole. With `etag` it takes the place of that version alone.
pub async fn put_document<E>(
    env: &Env,
    keys: &Keys,
    key: &str,
    length: Option<u64>,
    etag: Option<&str>,
    next: impl AsyncFnMut() -> Result<Option<Uint8Array>, E>,
) -> Result<Put, PutError<E>> {
    let sealer = Sealer::new(keys, key, &platform::random());
    let stored = |bytes| sealer.as_ref().map_or(bytes, |sealer| sealer.length(bytes));
    let upload = Upload::begin(&bucket(env)?, key, length.map(stored), etag)?;
    let passed = pass(&upload, sealer, length, next).await;
    if passed.is_err() {
        upload.abort("the document broke off").await;
    }
    passed
}

async fn pass<E>(
    upload: &Upload,
    sealer: Option<Sealer>,
    length: Option<u64>,
    mut next: impl AsyncFnMut() -> Result<Option<Uint8Array>, E>,
) -> Result<Put, PutError<E>> {
    let is_sealed = sealer.is_some();
    let mut sealing = sealer.map(Sealing::new);
    let (digest, mut size) = (Digest::begin()?, 0);
    while let Some(chunk) = next().await.map_err(PutError::Source)? {
        size += u64::from(chunk.length());
        if length.is_some_and(|length| size > length) {
            return Err(PutError::Length);
        }
        digest.update(&chunk).await?;
        match &mut sealing {
            Some(sealing) => sealing.take(upload, &chunk).await?,
            None => upload.write(&chunk).await?,
        }
    }
    if length.is_some_and(|length| size != length) {
        return Err(PutError::Length);
    }
    if let Some(sealing) = sealing {
        sealing.end(upload).await?;
    }
    let digest = digest.end().await?;
    Ok(Put { size, digest, is_sealed, is_there: upload.end().await? })
}

/// The last chunk is sealed as the last: so one is held until it is known whether another follows.
struct Sealing {
    sealer: Sealer,
    held: Option<Vec<u8>>,
    /// What a chunk is sealed into for JavaScript.
    sealed: Option<Uint8Array>,
}

impl Sealing {
    fn new(sealer: Sealer) -> Self {
        Self { sealer, held: None, sealed: None }
    }

    async fn take(&mut self, upload: &Upload, chunk: &Uint8Array) -> Result<(), Thrown> {
        let mut next = match self.held.take() {
            None => {
                upload.write(&Uint8Array::from(self.sealer.head())).await?;
                Vec::with_capacity(chunk.length() as usize + SEALED_CHUNK_BYTES - CHUNK_BYTES)
            }
            Some(mut held) => {
                self.sealer.seal(&mut held);
                self.sealed = Some(write(upload, &held, self.sealed.take()).await?);
                held
            }
        };
        next.resize(chunk.length() as usize, 0);
        chunk.copy_to(&mut next);
        self.held = Some(next);
        Ok(())
    }

    async fn end(self, upload: &Upload) -> Result<(), Thrown> {
        let mut last = self.held.unwrap_or_default();
        self.sealer.seal_last(&mut last);
        write(upload, &last, self.sealed).await.map(drop)
    }
}

/// Writes bytes by way of JavaScript's memory: that of the chunk before where there was one, which is given back.
async fn write(upload: &Upload, bytes: &[u8], room: Option<Uint8Array>) -> Result<Uint8Array, Thrown> {
    let length = bytes.len() as u32;
    let room = room.unwrap_or_else(|| Uint8Array::new_with_length(length));
    let sealed = room.subarray(0, length);
    sealed.copy_from(bytes);
    upload.write(&sealed).await?;
    Ok(room)
}
