//! Tokens that were given, until they end.

use std::collections::BTreeMap;

use canopy::{secret::Secret, signature::digest, time::UnixMillis};

use super::answer::Given;
use crate::request::Grant;

/// Most tokens that are kept.
const MAX_KEPT: usize = 64;

/// How long before its end a token is not used any more, in seconds: what is sent with it still has to be read.
const SPARE_SECONDS: u64 = 60;

/// What a token was given for: a digest of the secret's name and value and all that it was asked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenKey([u8; 32]);

/// Tokens by what they were given for.
#[derive(Debug, Default)]
pub struct Tokens(BTreeMap<TokenKey, Kept>);

#[derive(Debug)]
struct Kept {
    token: Secret,
    until: UnixMillis,
}

impl TokenKey {
    /// Of a secret by name and value. Another value is another key: who changes a secret has no token of the one before.
    #[must_use]
    pub fn of(name: &str, value: &Secret, grant: &Grant) -> Self {
        let all = serde_json::to_vec(&(name, value.expose(), grant)).expect("a grant is plain data");
        Self(digest(&all))
    }
}

impl Tokens {
    /// One that is good for a while yet.
    #[must_use]
    pub fn find(&self, key: TokenKey, now: UnixMillis) -> Option<Secret> {
        self.0.get(&key).filter(|kept| now < kept.until).map(|kept| kept.token.clone())
    }

    /// Keeps one, in the place of the one that ends first where there are too many.
    pub fn keep(&mut self, key: TokenKey, given: &Given, now: UnixMillis) {
        let until = now.plus(given.seconds.saturating_sub(SPARE_SECONDS) * 1_000);
        self.0.retain(|_, kept| now < kept.until);
        if until <= now {
            return;
        }
        self.0.insert(key, Kept { token: given.token.clone(), until });
        if self.0.len() > MAX_KEPT {
            let first = self.0.iter().min_by_key(|(_, kept)| kept.until).map(|(key, _)| *key);
            first.map(|first| self.0.remove(&first));
        }
    }

    /// Forgets one that is good for nothing, but none that was given since.
    pub fn forget(&mut self, key: TokenKey, token: &Secret) {
        if self.0.get(&key).is_some_and(|kept| kept.token == *token) {
            self.0.remove(&key);
        }
    }
}
