//! The webhooks that a log has: a repeated one is known by the SHA-256 of its body.
//!
//! An index of the log costs a row with each webhook, and most logs are short. So a short one is known by heart, read
//! where its object wakes, and only a longer one has the index.

use std::collections::BTreeMap;

use super::Position;

/// Most webhooks that are known by heart. Reading as many costs less than a third of a row written.
/// Source: Cloudflare, "Durable Objects: pricing", rows read and written.
pub const MOST_BY_HEART: usize = 256;

/// See above.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// All of them, and where each stands.
    ByHeart(BTreeMap<[u8; 32], Position>),
    /// They are looked up in the log.
    Indexed,
}

impl Default for Seen {
    fn default() -> Self {
        Self::ByHeart(BTreeMap::new())
    }
}

impl Seen {
    /// Where the webhook stands whose body has this digest, as far as that is known by heart.
    #[must_use]
    pub fn position(&self, digest: &[u8; 32]) -> Option<Position> {
        match self {
            Self::ByHeart(known) => known.get(digest).copied(),
            Self::Indexed => None,
        }
    }

    /// Whether the log needs an index before it takes another.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, Self::ByHeart(known) if !known.is_empty() && known.len() % MOST_BY_HEART == 0)
    }

    /// Notes one.
    pub fn note(&mut self, digest: [u8; 32], position: Position) {
        if let Self::ByHeart(known) = self {
            known.entry(digest).or_insert(position);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_log_is_known_by_heart_and_a_long_one_by_its_index() {
        let mut seen = Seen::default();
        for number in 0..MOST_BY_HEART {
            assert!(!seen.is_full());
            let digest = [number as u8; 32];
            assert_eq!(seen.position(&digest), None);
            seen.note(digest, number as Position + 1);
            seen.note(digest, 999);
            assert_eq!(seen.position(&digest), Some(number as Position + 1), "the first stays");
        }
        assert!(seen.is_full());
        seen = Seen::Indexed;
        seen.note([0; 32], 1);
        assert_eq!((seen.position(&[0; 32]), seen.is_full()), (None, false));
    }
}
