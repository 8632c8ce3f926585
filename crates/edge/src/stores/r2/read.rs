//! Reading a stored document out, in whichever form it was stored.

use canopy::{
    room::READ_BYTES,
    seal::{
        Keys, OpenError,
        stream::{CHUNK_BYTES, Form, Opener, SEALED_CHUNK_BYTES, SIGN_BYTES, form, opened_bytes},
    },
};
use js_sys::Uint8Array;

use crate::{
    platform::{BucketObject, Thrown, stream::Chunks},
    room::Reservation,
};

/// Why a document is not read, or not read on.
pub enum ReadError {
    Storage(Thrown),
    /// Its key is gone, or it was changed.
    Sealed(OpenError),
    /// Others hold the room.
    NoRoom,
}

impl From<Thrown> for ReadError {
    fn from(thrown: Thrown) -> Self {
        Self::Storage(thrown)
    }
}

impl From<OpenError> for ReadError {
    fn from(error: OpenError) -> Self {
        Self::Sealed(error)
    }
}

/// A document that is being read.
pub struct Reading {
    chunks: Chunks,
    rest: Rest,
    room: Reservation,
    /// Bytes in all, as they were before they were sealed.
    pub size: u64,
}

/// What is not given yet.
enum Rest {
    /// As it is, behind the bytes that told so.
    Plain {
        sign: Vec<u8>,
    },
    /// Opened whole, or its tag is worth nothing; given up to `at`.
    Whole {
        opened: Vec<u8>,
        at: usize,
    },
    /// `sealed` bytes, of which the chunk in hand is made.
    Chunks {
        opener: Box<Opener>,
        sealed: u64,
        chunk: Vec<u8>,
    },
    Nothing,
}

impl Reading {
    /// Begins to read the object at `key`, in room of its own.
    pub async fn of(
        object: &BucketObject,
        keys: &Keys,
        key: &str,
        is_sealed: bool,
    ) -> Result<Self, ReadError> {
        let size = object.size() as u64;
        let most = size.min(SEALED_CHUNK_BYTES as u64) as usize;
        let room = wait((size as usize).min(READ_BYTES)).await?;
        let chunks = Chunks::of(&object.body(), most)?;
        let sign = chunks.next(most.min(SIGN_BYTES)).await?.to_vec();
        let head_bytes = match form(&sign, is_sealed)? {
            Form::Plain => return Ok(Self { chunks, rest: Rest::Plain { sign }, room, size }),
            Form::Whole => return Self::of_whole(chunks, sign, size as usize, room, keys, key).await,
            Form::Stream { head_bytes } => head_bytes,
        };
        let sealed = size.checked_sub(head_bytes as u64).ok_or(OpenError::Malformed)?;
        let rest_of_head = chunks.next(head_bytes - SIGN_BYTES).await?.to_vec();
        let opener = Box::new(Opener::new(keys, &[sign, rest_of_head].concat(), key)?);
        let size = opened_bytes(sealed).ok_or(OpenError::Malformed)?;
        let chunk = Vec::with_capacity(most);
        Ok(Self { chunks, rest: Rest::Chunks { opener, sealed, chunk }, room, size })
    }

    /// Of the forms that are sealed as one, whose `sign` was read already.
    async fn of_whole(
        chunks: Chunks,
        sign: Vec<u8>,
        size: usize,
        room: Reservation,
        keys: &Keys,
        key: &str,
    ) -> Result<Self, ReadError> {
        drop(room);
        let room = wait(size).await?;
        let mut stored = sign;
        stored.reserve_exact(size - stored.len());
        loop {
            let chunk = chunks.next(CHUNK_BYTES.min(size)).await?;
            if chunk.length() == 0 {
                break;
            }
            let at = stored.len();
            stored.resize(at + chunk.length() as usize, 0);
            chunk.copy_to(&mut stored[at..]);
        }
        let base = stored.as_ptr().addr();
        let opened = keys.read(&mut stored, true, key)?;
        // It stands where it was sealed.
        let at = opened.as_ptr().addr() - base;
        let end = at + opened.len();
        stored.truncate(end);
        Ok(Self { chunks, size: (end - at) as u64, rest: Rest::Whole { opened: stored, at }, room })
    }

    /// The next bytes, [`CHUNK_BYTES`] but for the last; `None` at the end. They are good until the next are asked for.
    pub async fn next(&mut self) -> Result<Option<Uint8Array>, ReadError> {
        self.room.keep();
        match std::mem::replace(&mut self.rest, Rest::Nothing) {
            Rest::Nothing => Ok(None),
            Rest::Plain { sign } if !sign.is_empty() => {
                let at = sign.len() as u32;
                let rest = self.chunks.next((CHUNK_BYTES - sign.len()).min(self.size as usize)).await?;
                let first = Uint8Array::new_with_length(at + rest.length());
                first.subarray(0, at).copy_from(&sign);
                first.set(&rest, at);
                self.rest = Rest::Plain { sign: Vec::new() };
                Ok(Some(first))
            }
            Rest::Plain { sign } => {
                let chunk = self.chunks.next(CHUNK_BYTES.min(self.size as usize)).await?;
                if chunk.length() == 0 {
                    return Ok(None);
                }
                self.rest = Rest::Plain { sign };
                Ok(Some(chunk))
            }
            Rest::Whole { opened, at } => {
                let end = opened.len().min(at + CHUNK_BYTES);
                let chunk = Uint8Array::from(&opened[at..end]);
                if end < opened.len() {
                    self.rest = Rest::Whole { opened, at: end };
                }
                Ok(Some(chunk))
            }
            Rest::Chunks { mut opener, sealed, mut chunk } => {
                let bytes = sealed.min(SEALED_CHUNK_BYTES as u64);
                let stored = self.chunks.next(bytes as usize).await?;
                chunk.resize(stored.length() as usize, 0);
                stored.copy_to(&mut chunk);
                if bytes == sealed {
                    opener.open_last(&mut chunk)?;
                    return Ok(Some(self.chunks.replaced(&chunk)));
                }
                opener.open(&mut chunk)?;
                let opened = self.chunks.replaced(&chunk);
                self.rest = Rest::Chunks { opener, sealed: sealed - bytes, chunk };
                Ok(Some(opened))
            }
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.chunks.cancel();
    }
}

async fn wait(bytes: usize) -> Result<Reservation, ReadError> {
    Reservation::wait(bytes).await.ok_or(ReadError::NoRoom)
}
