//! The keys: sealing, opening, and what a sealed value says of its key.

use aes_gcm::{
    Aes256Gcm, Key, KeyInit,
    aead::{AeadInOut, Tag},
};
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::secret::Secret;

/// Bytes of a nonce: random, never used twice with a key.
pub const NONCE_BYTES: usize = 12;

/// Bytes of AES-GCM's tag.
pub(super) const TAG_BYTES: usize = 16;

/// What a sealed value begins with. No JSON, PDF or picture does, nor did the first form: its key ids were not empty.
pub(super) const MARK: [u8; 4] = [0, b'C', b'E', 1];

/// Longest id of a key, in bytes.
const MAX_ID_BYTES: usize = 32;

/// How the message of a missing key begins.
const KEY_EXPECTED: &str = "expected EDGE_SNAPSHOT_KEY to hold the key ";

/// What stands for the id of a key of the first form: bytes that are taken for it may be a consumer's.
const UNNAMED: &str = "of the first form";

/// A value of `EDGE_SNAPSHOT_KEY` that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected <key id>:<32 bytes in base64>, several separated by commas, each id of 1 to 32 characters once"
)]
pub struct InvalidKeys;

/// A stored value that cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Not in a form that this version writes.
    #[error("expected a stored value, found other bytes")]
    Malformed,
    /// Its key is no longer configured: the key's id, as [`key_id`] reads it.
    #[error("{KEY_EXPECTED}{0}, which this was sealed with")]
    UnknownKey(String),
    /// Changed since it was sealed, or put in another's place.
    #[error("expected a value as it was sealed, found a changed one")]
    Tampered,
}

impl OpenError {
    /// What a failure's message says of a missing key, if it does: errors of objects cross as text.
    #[must_use]
    pub fn key_missing_in(message: &str) -> Option<&str> {
        message.find(KEY_EXPECTED).map(|start| &message[start..])
    }
}

/// The id of the key that a sealed value is under, as far as it may be shown.
#[must_use]
pub fn key_id(sealed: &[u8]) -> String {
    let id = sealed.strip_prefix(&MARK).and_then(|rest| rest.split_first());
    let id = id.and_then(|(length, rest)| rest.get(..usize::from(*length)));
    let shown = id.filter(|id| id.len() <= MAX_ID_BYTES).and_then(|id| str::from_utf8(id).ok());
    shown.unwrap_or(UNNAMED).to_owned()
}

/// The keys at rest; without any, values are stored plain.
#[derive(Clone, Default)]
pub struct Keys(pub(super) Vec<(String, Aes256Gcm)>);

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(id, _)| id)).finish()
    }
}

impl Keys {
    /// Reads `EDGE_SNAPSHOT_KEY`: `id:base64`, several separated by commas, the first seals.
    ///
    /// # Errors
    /// [`InvalidKeys`] when one is of another form.
    pub fn parse(value: &Secret) -> Result<Self, InvalidKeys> {
        let mut keys = Vec::<(String, Aes256Gcm)>::new();
        for entry in value.expose().split(',') {
            let (id, key) = entry.trim().split_once(':').ok_or(InvalidKeys)?;
            let key = STANDARD.decode(key).map_err(|_| InvalidKeys)?;
            let key: [u8; 32] = key.try_into().map_err(|_| InvalidKeys)?;
            if id.is_empty() || id.len() > MAX_ID_BYTES || keys.iter().any(|(known, _)| known == id) {
                return Err(InvalidKeys);
            }
            keys.push((id.to_owned(), Aes256Gcm::new(&Key::<Aes256Gcm>::from(key))));
        }
        Ok(Self(keys))
    }

    /// One key alone, of an id of 1 to 32 characters.
    #[must_use]
    pub fn single(id: &str, key: [u8; 32]) -> Self {
        Self(vec![(id.to_owned(), Aes256Gcm::new(&Key::<Aes256Gcm>::from(key)))])
    }

    /// Whether values are to be sealed.
    #[must_use]
    pub fn is_set(&self) -> bool {
        !self.0.is_empty()
    }

    /// Seals `plain` for the place that `context` names: it opens only there. `None` without a key.
    /// `nonce` must be random and new.
    #[must_use]
    pub fn seal(&self, plain: &[u8], context: &str, nonce: [u8; NONCE_BYTES]) -> Option<Vec<u8>> {
        self.seal_filled(plain.len(), |room| room.copy_from_slice(plain), context, nonce)
    }

    /// As [`Keys::seal`], of `length` bytes that `fill` writes: the one allocation is what is given, however large.
    #[must_use]
    pub fn seal_filled(
        &self,
        length: usize,
        fill: impl FnOnce(&mut [u8]),
        context: &str,
        nonce: [u8; NONCE_BYTES],
    ) -> Option<Vec<u8>> {
        let (id, cipher) = self.0.first()?;
        let head = MARK.len() + 1 + id.len() + NONCE_BYTES;
        let mut sealed = Vec::with_capacity(head + length + TAG_BYTES);
        write_head(&mut sealed, id);
        let authenticated = [&sealed, context.as_bytes()].concat();
        sealed.extend(nonce);
        sealed.resize(head + length, 0);
        fill(&mut sealed[head..]);
        let tag = cipher
            .encrypt_inout_detached(&nonce.into(), &authenticated, (&mut sealed[head..]).into())
            .expect("AES-GCM seals up to 64 GiB");
        sealed.extend(tag);
        Some(sealed)
    }

    /// Reads a stored value with its flag: opens what [`Keys::seal`] gave for the same `context`, and gives what was
    /// stored plain as it is. The plain bytes stand where the sealed ones stood.
    ///
    /// # Errors
    /// [`OpenError`] when it is malformed, its key is gone, or value or flag were changed; then `stored` is of no more use.
    pub fn read<'a>(
        &self,
        stored: &'a mut [u8],
        is_sealed: bool,
        context: &str,
    ) -> Result<&'a [u8], OpenError> {
        match (is_sealed, stored.starts_with(&MARK)) {
            (true, _) => self.open(stored, context),
            (false, true) => Err(OpenError::Tampered),
            (false, false) => Ok(stored),
        }
    }

    /// What each value begins with that the first key seals; `None` without a key.
    #[must_use]
    pub fn head(&self) -> Option<Vec<u8>> {
        let (id, _) = self.0.first()?;
        let mut head = Vec::new();
        write_head(&mut head, id);
        Some(head)
    }

    fn open<'a>(&self, stored: &'a mut [u8], context: &str) -> Result<&'a [u8], OpenError> {
        let mark = if stored.starts_with(&MARK) { MARK.len() } else { 0 };
        let id_end = mark + 1 + usize::from(*stored.get(mark).ok_or(OpenError::Malformed)?);
        let head = stored.get(..id_end).ok_or(OpenError::Malformed)?;
        let shown_id = key_id(head);
        let authenticated = [if mark > 0 { head } else { &[] }, context.as_bytes()].concat();
        let (id, rest) = stored.split_at_mut(id_end);
        let id = &id[mark + 1..];
        let (nonce, rest) = rest.split_first_chunk_mut::<NONCE_BYTES>().ok_or(OpenError::Malformed)?;
        let (sealed, tag) = rest.split_last_chunk_mut::<TAG_BYTES>().ok_or(OpenError::Malformed)?;
        let key = self.0.iter().find(|(known, _)| known.as_bytes() == id);
        let (_, cipher) = key.ok_or(OpenError::UnknownKey(shown_id))?;
        let tag = Tag::<Aes256Gcm>::from(*tag);
        cipher
            .decrypt_inout_detached(&(*nonce).into(), &authenticated, (&mut *sealed).into(), &tag)
            .map_err(|_| OpenError::Tampered)?;
        Ok(sealed)
    }
}

fn write_head(head: &mut Vec<u8>, id: &str) {
    head.extend(MARK);
    head.push(u8::try_from(id.len()).expect("a key id has at most 32 characters"));
    head.extend(id.as_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys(ids: &[(&str, u8)]) -> Keys {
        let entries: Vec<String> =
            ids.iter().map(|(id, byte)| format!("{id}:{}", STANDARD.encode([*byte; 32]))).collect();
        Keys::parse(&Secret::new(entries.join(","))).unwrap()
    }

    fn open(keys: &Keys, stored: &[u8], context: &str) -> Result<Vec<u8>, OpenError> {
        keys.read(&mut stored.to_vec(), true, context).map(<[u8]>::to_vec)
    }

    #[test]
    fn the_flag_is_held_to_the_bytes() {
        let keys = keys(&[("k", 1)]);
        let read =
            |mut stored: Vec<u8>, is_sealed| keys.read(&mut stored, is_sealed, "p/1").map(<[u8]>::to_vec);
        let sealed = keys.seal(b"policy", "p/1", [7; 12]).unwrap();
        assert_eq!(read(sealed.clone(), true).as_deref(), Ok(&b"policy"[..]));
        assert_eq!(read(sealed, false), Err(OpenError::Tampered));
        assert_eq!(read(b"policy".to_vec(), false).as_deref(), Ok(&b"policy"[..]));
        assert!(read(b"policy".to_vec(), true).is_err());
    }

    /// `{"pull_id":"p"}` under the key of 32 ones, sealed for `event/p/1` by the first form.
    #[test]
    fn a_value_of_the_first_form_still_opens() {
        let nonce = [7; NONCE_BYTES];
        let keys = keys(&[("k", 1)]);
        let mut stored = [&[1, b'k'][..], &nonce, b"{\"pull_id\":\"p\"}"].concat();
        let tag = keys.0[0]
            .1
            .encrypt_inout_detached(&nonce.into(), b"event/p/1", (&mut stored[14..]).into())
            .unwrap();
        stored.extend(tag);
        assert_eq!(open(&keys, &stored, "event/p/1").as_deref(), Ok(&b"{\"pull_id\":\"p\"}"[..]));
        assert_eq!(open(&keys, &stored, "event/p/2"), Err(OpenError::Tampered));
        // A mark put before it makes none of the second form of it.
        assert_eq!(open(&keys, &[&MARK[..], &stored].concat(), "event/p/1"), Err(OpenError::Tampered));
    }

    #[test]
    fn after_rotation_old_values_still_open() {
        let stored = keys(&[("old", 1)]).seal(b"policy", "p/1", [7; 12]).unwrap();
        assert!(!stored.windows(6).any(|window| window == b"policy"));
        let rotated = keys(&[("new", 2), ("old", 1)]);
        assert_eq!(open(&rotated, &stored, "p/1").unwrap(), b"policy");
        assert_eq!(open(&keys(&[("new", 2)]), &stored, "p/1"), Err(OpenError::UnknownKey("old".to_owned())));
        assert!(rotated.seal(b"policy", "p/1", [7; 12]).unwrap()[5..].starts_with(b"new"));
    }

    #[test]
    fn a_missing_key_is_named_and_nothing_else() {
        let sealed = keys(&[("old", 1)]).seal(b"policy", "p/1", [7; 12]).unwrap();
        let error = open(&keys(&[("new", 2)]), &sealed, "p/1").unwrap_err().to_string();
        let crossed = format!("Error: {error}");
        assert_eq!(OpenError::key_missing_in(&crossed), Some(error.as_str()));
        assert!(error.contains(" old,"), "{error}");
        assert_eq!(OpenError::key_missing_in("storage is full"), None);
        // Its first byte might be a length: what follows is no id.
        let plain = open(&keys(&[("new", 2)]), b"\nAda Lovelace, 4 Main Street", "p/1").unwrap_err();
        assert!(!plain.to_string().contains("Ada"), "{plain}");
    }

    #[test]
    fn a_value_opens_only_in_its_own_place_and_unchanged() {
        let keys = keys(&[("k", 1)]);
        let stored = keys.seal(b"policy", "p/1", [7; 12]).unwrap();
        assert_eq!(open(&keys, &stored, "p/2"), Err(OpenError::Tampered));
        for at in 0..stored.len() {
            let mut changed = stored.clone();
            changed[at] ^= 1;
            assert_ne!(open(&keys, &changed, "p/1").as_deref(), Ok(&b"policy"[..]), "byte {at}");
        }
    }

    #[test]
    fn in_place_is_the_same_as_by_copy() {
        let keys = keys(&[("k", 1)]);
        for length in [0, 1, 15, 16, 17, 4096] {
            let plain = vec![3; length];
            let filled =
                keys.seal_filled(length, |room| room.copy_from_slice(&plain), "p/1", [7; 12]).unwrap();
            assert_eq!(Some(&filled), keys.seal(&plain, "p/1", [7; 12]).as_ref());
            assert_eq!(filled.len(), filled.capacity(), "one allocation of the right size");
            assert_eq!(open(&keys, &filled, "p/2"), Err(OpenError::Tampered));
            assert_eq!(open(&keys, &filled, "p/1"), Ok(plain.clone()));
        }
    }

    #[test]
    fn without_a_key_nothing_is_sealed() {
        assert_eq!(Keys::default().seal(b"policy", "p/1", [0; 12]), None);
        assert_eq!(open(&Keys::default(), b"policy", "p/1"), Err(OpenError::Malformed));
    }

    #[test]
    fn keys_of_another_form_are_refused() {
        let key = STANDARD.encode([1; 32]);
        let short = STANDARD.encode([1; 31]);
        for value in
            [String::new(), key.clone(), format!(":{key}"), format!("a:{short}"), format!("a:{key},a:{key}")]
        {
            assert!(Keys::parse(&Secret::new(value)).is_err());
        }
    }

    proptest! {
        #[test]
        fn no_bytes_whatever_make_opening_panic(stored in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = open(&keys(&[("k", 1)]), &stored, "p");
        }
    }
}
