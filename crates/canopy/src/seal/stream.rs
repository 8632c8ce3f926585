//! Large values at rest: sealed and opened chunk by chunk, so that none is held whole.
//!
//! A sealed stream is `0, "CE", 2`, its key, and its chunks. The key is 32 random bytes, for this stream alone, sealed as every
//! value is ([`Keys::seal`]): the id of the key at rest stands there. A chunk is [`CHUNK_BYTES`] of the value and a tag
//! (16); the last has what is left, and is empty only where the value is. AES-256-GCM seals each by the STREAM construction,
//! whose nonce is the chunk's number and whether it is the last, with the value's place authenticated: none can be
//! changed, cut off, moved or put elsewhere. Source: Hoang, Reyhanitabar, Rogaway and Vizár, "Online
//! Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015, as `StreamBE32` of the crate `aead-stream`.

use aead_stream::{DecryptorBE32, EncryptorBE32};
use aes_gcm::{Aes256Gcm, Key};

use super::keys::{Keys, MARK as WHOLE, NONCE_BYTES, OpenError, TAG_BYTES};

/// Bytes of the value in each chunk but the last.
pub const CHUNK_BYTES: usize = 1024 * 1024;

/// Bytes of a chunk as it is sealed, but of the last.
pub const SEALED_CHUNK_BYTES: usize = CHUNK_BYTES + TAG_BYTES;

/// Bytes of a stored value that tell its form.
pub const SIGN_BYTES: usize = MARK.len() + WHOLE.len() + 1;

/// Random bytes that a stream needs: its key, and the nonce that this is sealed with.
pub const RANDOM_BYTES: usize = KEY_BYTES + NONCE_BYTES;

/// What a sealed stream begins with.
const MARK: [u8; 4] = [0, b'C', b'E', 2];

const KEY_BYTES: usize = 32;

/// Bytes of a nonce beside the chunk's number and the flag. They are zero: no two streams have a key in common.
const PREFIX: [u8; 7] = [0; 7];

/// How a value is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As it came.
    Plain,
    /// Sealed as one, for [`Keys::read`].
    Whole,
    /// Sealed in chunks, which follow a head of so many bytes.
    Stream {
        /// For [`Opener::new`].
        head_bytes: usize,
    },
}

/// Tells the form of a stored value by its first [`SIGN_BYTES`], or all where it is shorter, and holds the flag beside it to
/// them.
///
/// # Errors
/// [`OpenError::Tampered`] when the flag calls a sealed value plain, [`OpenError::Malformed`] for a stream's head that is none.
pub fn form(sign: &[u8], is_sealed: bool) -> Result<Form, OpenError> {
    let is_stream = sign.starts_with(&MARK);
    match (is_sealed, is_stream) {
        (false, _) if is_stream || sign.starts_with(&WHOLE) => Err(OpenError::Tampered),
        (false, _) => Ok(Form::Plain),
        (true, false) => Ok(Form::Whole),
        (true, true) => {
            let id_bytes = sign.get(MARK.len()..SIGN_BYTES).and_then(|sealed| sealed.strip_prefix(&WHOLE));
            let id_bytes = id_bytes.and_then(<[u8]>::first).ok_or(OpenError::Malformed)?;
            let head_bytes = SIGN_BYTES + usize::from(*id_bytes) + NONCE_BYTES + KEY_BYTES + TAG_BYTES;
            Ok(Form::Stream { head_bytes })
        }
    }
}

/// The id of the key that a stream with this head was sealed with; `None` for other bytes.
#[must_use]
pub fn key_id(head: &[u8]) -> Option<&str> {
    let (id_bytes, rest) = head.strip_prefix(&MARK)?.strip_prefix(&WHOLE)?.split_first()?;
    std::str::from_utf8(rest.get(..usize::from(*id_bytes))?).ok()
}

/// Where a stream's key is sealed for: no value of another kind opens as one.
fn key_context(context: &str) -> String {
    format!("stream-key/{context}")
}

/// Bytes of all chunks of a value of `bytes`, without the head.
fn sealed_bytes(bytes: u64) -> u64 {
    let chunks = bytes.div_ceil(CHUNK_BYTES as u64).max(1);
    bytes + chunks * TAG_BYTES as u64
}

/// Bytes of a value whose chunks have `sealed` bytes together; `None` when no value has.
#[must_use]
pub fn opened_bytes(sealed: u64) -> Option<u64> {
    let chunks = sealed.div_ceil(SEALED_CHUNK_BYTES as u64);
    let bytes = sealed.checked_sub(chunks * TAG_BYTES as u64)?;
    (sealed_bytes(bytes) == sealed).then_some(bytes)
}

/// Seals one value.
pub struct Sealer {
    head: Vec<u8>,
    stream: EncryptorBE32<Aes256Gcm>,
    context: String,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealer").field("context", &self.context).finish_non_exhaustive()
    }
}

impl Sealer {
    /// Seals for the place that `context` names: it opens only there. `None` without a key. `random` must be new.
    #[must_use]
    pub fn new(keys: &Keys, context: &str, random: &[u8; RANDOM_BYTES]) -> Option<Self> {
        let (key, nonce) = random.split_first_chunk::<KEY_BYTES>().expect("they are longer");
        let nonce = nonce.try_into().expect("a nonce is what is left");
        let sealed_key = keys.seal(key, &key_context(context), nonce)?;
        let stream = EncryptorBE32::new(&Key::<Aes256Gcm>::from(*key), &PREFIX.into());
        Some(Self { head: [&MARK[..], &sealed_key].concat(), stream, context: context.to_owned() })
    }

    /// What goes before the chunks.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Bytes of head and chunks of a value of `bytes`.
    #[must_use]
    pub fn length(&self, bytes: u64) -> u64 {
        self.head.len() as u64 + sealed_bytes(bytes)
    }

    /// Seals a chunk in its place that is not the last: [`CHUNK_BYTES`] become [`SEALED_CHUNK_BYTES`].
    ///
    /// # Panics
    /// When the chunk has another length.
    pub fn seal(&mut self, chunk: &mut Vec<u8>) {
        assert_eq!(chunk.len(), CHUNK_BYTES, "a chunk that is not the last is full");
        let sealed = self.stream.encrypt_next_in_place(self.context.as_bytes(), chunk);
        sealed.expect("AES-GCM seals 2^32 chunks");
    }

    /// Seals the last chunk in its place.
    ///
    /// # Panics
    /// When it has more than [`CHUNK_BYTES`].
    pub fn seal_last(self, chunk: &mut Vec<u8>) {
        assert!(chunk.len() <= CHUNK_BYTES, "no chunk has more");
        let sealed = self.stream.encrypt_last_in_place(self.context.as_bytes(), chunk);
        sealed.expect("AES-GCM seals a chunk");
    }
}

/// Opens one value.
pub struct Opener {
    stream: DecryptorBE32<Aes256Gcm>,
    context: String,
}

impl std::fmt::Debug for Opener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opener").field("context", &self.context).finish_non_exhaustive()
    }
}

impl Opener {
    /// Reads the head, of the length that [`form`] told.
    ///
    /// # Errors
    /// [`OpenError`] when it is malformed, of another place or changed, or its key is gone.
    pub fn new(keys: &Keys, head: &[u8], context: &str) -> Result<Self, OpenError> {
        let mut sealed_key = head.strip_prefix(&MARK).ok_or(OpenError::Malformed)?.to_vec();
        let key = keys.read(&mut sealed_key, true, &key_context(context))?;
        let key: [u8; KEY_BYTES] = key.try_into().map_err(|_| OpenError::Malformed)?;
        let stream = DecryptorBE32::new(&Key::<Aes256Gcm>::from(key), &PREFIX.into());
        Ok(Self { stream, context: context.to_owned() })
    }

    /// Opens the next chunk in its place, which is not the last.
    ///
    /// # Errors
    /// [`OpenError::Tampered`] when it was changed, is another, or is the last.
    pub fn open(&mut self, chunk: &mut Vec<u8>) -> Result<(), OpenError> {
        let opened = self.stream.decrypt_next_in_place(self.context.as_bytes(), chunk);
        opened.map_err(|_| OpenError::Tampered)
    }

    /// Opens the last chunk in its place.
    ///
    /// # Errors
    /// [`OpenError::Tampered`] when it was changed, or others were to follow.
    pub fn open_last(self, chunk: &mut Vec<u8>) -> Result<(), OpenError> {
        let opened = self.stream.decrypt_last_in_place(self.context.as_bytes(), chunk);
        opened.map_err(|_| OpenError::Tampered)
    }
}

#[cfg(test)]
mod tests;
