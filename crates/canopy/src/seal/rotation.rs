//! Rotation: a value that lies under another key than the first, or in the clear, is sealed with the first.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::keys::{Keys, NONCE_BYTES, OpenError};

impl Keys {
    /// Whether a value that begins with `start` lies as it would be written: under the first key, or in the clear where there
    /// is none.
    #[must_use]
    pub fn is_current(&self, start: &[u8], is_sealed: bool) -> bool {
        match self.head() {
            Some(head) => is_sealed && start.starts_with(&head),
            None => !is_sealed,
        }
    }

    /// The same value under the first key, for the same place; `None` without a key. `nonce` must be random and new.
    ///
    /// # Errors
    /// As of [`Keys::read`].
    pub fn reseal(
        &self,
        stored: &mut [u8],
        is_sealed: bool,
        context: &str,
        nonce: [u8; NONCE_BYTES],
    ) -> Result<Option<Vec<u8>>, OpenError> {
        let plain = self.read(stored, is_sealed, context)?;
        Ok(self.seal(plain, context, nonce))
    }
}

/// What of a pull could not be brought under the first key: it lies as it lay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Left {
    /// Ids of keys that are not configured.
    pub keys: BTreeSet<String>,
    /// How many values were changed since they were sealed, or are no stored values.
    changed: u32,
}

impl Left {
    /// Notes that a value did not open.
    pub fn note(&mut self, error: &OpenError) {
        match error {
            OpenError::UnknownKey(id) => _ = self.keys.insert(id.clone()),
            OpenError::Malformed | OpenError::Tampered => self.changed += 1,
        }
    }

    /// Adds what was left elsewhere.
    pub fn append(&mut self, other: Self) {
        self.keys.extend(other.keys);
        self.changed += other.changed;
    }

    /// Why something was left, for the operator; `None` when nothing was.
    #[must_use]
    pub fn why(&self) -> Option<String> {
        let mut reasons = Vec::new();
        if !self.keys.is_empty() {
            let ids: Vec<&str> = self.keys.iter().map(String::as_str).collect();
            reasons.push(format!("EDGE_SNAPSHOT_KEY lacks {}", ids.join(", ")));
        }
        if self.changed > 0 {
            reasons.push(format!("values changed since they were sealed: {}", self.changed));
        }
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    const NEW: &str = "new:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
    const OLD: &str = "old:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    fn keys(value: &str) -> Keys {
        Keys::parse(&Secret::new(value)).unwrap()
    }

    #[test]
    fn what_was_plain_or_under_another_key_ends_under_the_first() {
        let (old, both) = (keys(OLD), keys(&format!("{NEW},{OLD}")));
        let sealed = old.seal(b"policy", "p/1", [7; 12]).unwrap();
        for (mut stored, is_sealed) in [(sealed.clone(), true), (b"policy".to_vec(), false)] {
            assert!(!both.is_current(&stored, is_sealed));
            let mut again = both.reseal(&mut stored, is_sealed, "p/1", [8; 12]).unwrap().unwrap();
            assert!(both.is_current(&again[..8], true) && !both.is_current(&again, false));
            assert_eq!(keys(NEW).read(&mut again, true, "p/1"), Ok(&b"policy"[..]));
        }
        assert!(old.is_current(&sealed, true));
        assert!(both.reseal(&mut sealed.clone(), true, "p/2", [8; 12]).is_err(), "another's place");
        assert!(!keys("ne:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=").is_current(&sealed, true));
    }

    #[test]
    fn without_a_key_what_is_plain_stays() {
        let none = Keys::default();
        assert!(none.is_current(b"policy", false) && !none.is_current(b"policy", true));
        assert_eq!(none.reseal(&mut b"policy".to_vec(), false, "p/1", [8; 12]), Ok(None));
    }

    #[test]
    fn what_is_left_says_why() {
        let mut left = Left::default();
        assert_eq!(left.why(), None);
        left.note(&OpenError::UnknownKey("k1".to_owned()));
        left.note(&OpenError::UnknownKey("k1".to_owned()));
        assert_eq!(left.why().as_deref(), Some("EDGE_SNAPSHOT_KEY lacks k1"));
        left.note(&OpenError::Tampered);
        let whole = "EDGE_SNAPSHOT_KEY lacks k1; values changed since they were sealed: 1";
        assert_eq!(left.why().as_deref(), Some(whole));
        let stored = serde_json::to_string(&left).unwrap();
        assert_eq!(serde_json::from_str::<Left>(&stored).unwrap(), left);
    }
}
