//! What a client of the edge has in the place of Canopy's `pull_jwt`, which never leaves.
//!
//! `base64url(sealed {pull, purpose, caller, expiry, pull_jwt})`, sealed with AES-256-GCM under a key of its own that is
//! derived from `EDGE_SESSION_KEY`. The client brings it as `pull-jwt` and learns nothing from it; it is taken for its own
//! pull alone, until it expires. Source: design, "The proxy".

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::{
    id::PullId,
    seal::{Keys, NONCE_BYTES},
    secret::Secret,
    time::UnixSeconds,
};

/// How long a token is taken, in seconds: a day, as long as an answer that holds one is kept.
pub const PULL_TOKEN_SECONDS: i64 = 24 * 60 * 60;

/// Longest token read, in bytes. Canopy's own take up to 8 KiB of it.
const MAX_LENGTH: usize = 16 * 1024;

/// What the seal is for: nothing that is sealed for another place is taken.
const CONTEXT: &str = "canopy-edge pull-jwt v1";

/// What the key is derived with.
const KEY_LABEL: &[u8] = b"canopy-edge pull-jwt key v1";

/// Seals pull tokens, and opens them.
#[derive(Debug, Clone)]
pub struct PullTokenKey(Keys);

impl PullTokenKey {
    /// Derives it from `EDGE_SESSION_KEY`.
    #[must_use]
    pub fn derive(session_key: &Secret) -> Self {
        Self(derived_keys(session_key, KEY_LABEL))
    }
}

/// One key of its own for what `label` names, derived from `EDGE_SESSION_KEY`.
#[must_use]
pub fn derived_keys(session_key: &Secret, label: &[u8]) -> Keys {
    let mac = Hmac::<Sha256>::new_from_slice(session_key.expose().as_bytes());
    let key = mac.expect("HMAC takes a key of any length").chain_update(label).finalize();
    Keys::single("s", key.into_bytes().into())
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullToken {
    /// The pull that it is for.
    pub pull_id: PullId,
    /// Whether it may also confirm a servicing action: it came from a call of [`crate::contract::Scope::Servicing`].
    pub confirms: bool,
    /// Name of the back-office token that asked for it: for the log.
    pub caller: String,
    /// End of its life, in seconds since the epoch.
    pub expires_at: i64,
    /// Canopy's own.
    pub pull_jwt: Secret,
}

/// As it is sealed.
#[derive(Serialize, Deserialize)]
struct Sealed {
    p: PullId,
    c: bool,
    n: String,
    e: i64,
    j: String,
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PullTokenError {
    /// Not one of this edge's, or another pull's.
    #[error("expected pull-jwt to be what the edge gave as pull_jwt for this pull")]
    Invalid,
    /// Too old.
    #[error("expected a pull-jwt that has not expired: begin the pull anew, or use a reconnect token")]
    Expired,
}

impl PullToken {
    /// The token as the client gets it. `nonce` must be random and new.
    #[must_use]
    pub fn seal(&self, key: &PullTokenKey, nonce: [u8; NONCE_BYTES]) -> String {
        let sealed = Sealed {
            p: self.pull_id.clone(),
            c: self.confirms,
            n: self.caller.clone(),
            e: self.expires_at,
            j: self.pull_jwt.expose().to_owned(),
        };
        let plain = serde_json::to_vec(&sealed).expect("a token is plain data");
        let sealed = key.0.seal(&plain, CONTEXT, nonce);
        URL_SAFE_NO_PAD.encode(sealed.expect("there is a key"))
    }

    /// Opens what a client brought for a pull; `None` where its path names none, and the token alone does.
    ///
    /// # Errors
    /// [`PullTokenError`]
    pub fn open(
        token: &str,
        pull_id: Option<&PullId>,
        key: &PullTokenKey,
        now: UnixSeconds,
    ) -> Result<Self, PullTokenError> {
        if token.len() > MAX_LENGTH {
            return Err(PullTokenError::Invalid);
        }
        let mut sealed = URL_SAFE_NO_PAD.decode(token.trim()).map_err(|_| PullTokenError::Invalid)?;
        let plain = key.0.read(&mut sealed, true, CONTEXT).map_err(|_| PullTokenError::Invalid)?;
        let Sealed { p, c, n, e, j } = serde_json::from_slice(plain).map_err(|_| PullTokenError::Invalid)?;
        if pull_id.is_some_and(|asked| *asked != p) {
            return Err(PullTokenError::Invalid);
        }
        if e <= now.0 {
            return Err(PullTokenError::Expired);
        }
        Ok(Self { pull_id: p, confirms: c, caller: n, expires_at: e, pull_jwt: Secret::new(j) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> PullTokenKey {
        PullTokenKey::derive(&Secret::new("0123456789abcdef"))
    }

    fn id(text: &str) -> PullId {
        PullId::parse(text).unwrap()
    }

    fn token() -> PullToken {
        PullToken {
            pull_id: id("p-1"),
            confirms: false,
            caller: "crm".to_owned(),
            expires_at: 100,
            pull_jwt: Secret::new("eyJ.a.b"),
        }
    }

    #[test]
    fn a_token_opens_for_its_own_pull_until_it_expires() {
        let sealed = token().seal(&key(), [7; 12]);
        let open = |pull: Option<&str>, now| {
            PullToken::open(&sealed, pull.map(id).as_ref(), &key(), UnixSeconds(now))
        };
        assert_eq!(open(Some("p-1"), 99), Ok(token()));
        assert_eq!(open(None, 99), Ok(token()));
        assert_eq!(open(Some("P-1"), 99), Ok(token()));
        assert_eq!(open(Some("p-2"), 99), Err(PullTokenError::Invalid));
        assert_eq!(open(Some("p-1"), 100), Err(PullTokenError::Expired));
        let other = PullTokenKey::derive(&Secret::new("0123456789abcdeg"));
        let opened = PullToken::open(&sealed, None, &other, UnixSeconds(99));
        assert_eq!(opened, Err(PullTokenError::Invalid));
    }

    #[test]
    fn a_token_shows_nothing_and_cannot_be_changed() {
        let sealed = token().seal(&key(), [7; 12]);
        let bytes = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
        for shown in ["eyJ", "p-1", "crm"] {
            assert!(!bytes.windows(3).any(|window| window == shown.as_bytes()), "{shown}");
        }
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let opened = PullToken::open(&URL_SAFE_NO_PAD.encode(changed), None, &key(), UnixSeconds(0));
            assert_eq!(opened, Err(PullTokenError::Invalid), "{at}");
        }
    }

    #[test]
    fn canopys_own_token_is_none_and_none_is_printed() {
        for text in ["", "eyJ.a.b", "eyJhbGciOiJIUzI1NiJ9.e30.AAAA"] {
            let opened = PullToken::open(text, None, &key(), UnixSeconds(0));
            assert_eq!(opened, Err(PullTokenError::Invalid));
        }
        assert!(!format!("{:?}", token()).contains("eyJ"));
    }

    proptest! {
        #[test]
        fn no_text_whatever_is_a_token(text in ".{0,200}") {
            prop_assert!(PullToken::open(&text, None, &key(), UnixSeconds(0)).is_err());
        }
    }
}
