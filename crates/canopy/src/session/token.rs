//! Session tokens: `base64url(claims).base64url(HMAC-SHA256(key, base64url(claims)))`, short-lived and
//! bound to the page's origin. Source: design, "The way of one pull", 1.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::{id::SessionId, secret::Secret, time::UnixSeconds};

/// How long a session's page may act, in seconds.
pub const LIFETIME_SECONDS: u32 = 60 * 60;

/// Longest token read.
const MAX_TOKEN_LENGTH: usize = 1024;

/// Tells the MAC of a session token from any other made with the same key.
const PURPOSE: &[u8] = b"canopy-edge session v1.";

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The session.
    #[serde(rename = "s")]
    pub session_id: SessionId,
    /// The origin of its page.
    #[serde(rename = "o")]
    pub origin: String,
    /// End of its life, in seconds since the epoch.
    #[serde(rename = "e")]
    pub expires_at: i64,
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a token of this edge.
    #[error("expected the session's own token")]
    Invalid,
    /// Too old.
    #[error("expected a session that has not expired: open a new one")]
    Expired,
}

impl Claims {
    /// The token that carries these claims.
    #[must_use]
    pub fn sign(&self, key: &Secret) -> Secret {
        let claims = serde_json::to_vec(self).expect("claims are plain data");
        let claims = URL_SAFE_NO_PAD.encode(claims);
        let mac = mac(key, &claims).finalize().into_bytes();
        Secret::new(format!("{claims}.{}", URL_SAFE_NO_PAD.encode(mac)))
    }

    /// Reads a token for the session it is presented for.
    ///
    /// # Errors
    /// [`TokenError`]; the MAC is checked in constant time before anything is parsed.
    pub fn verify(token: &str, session_id: &str, key: &Secret, now: UnixSeconds) -> Result<Self, TokenError> {
        let (claims, signature) = token.split_once('.').ok_or(TokenError::Invalid)?;
        if token.len() > MAX_TOKEN_LENGTH {
            return Err(TokenError::Invalid);
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| TokenError::Invalid)?;
        mac(key, claims).verify_slice(&signature).map_err(|_| TokenError::Invalid)?;
        let claims = URL_SAFE_NO_PAD.decode(claims).map_err(|_| TokenError::Invalid)?;
        let claims: Self = serde_json::from_slice(&claims).map_err(|_| TokenError::Invalid)?;
        if claims.session_id.as_str() != session_id {
            return Err(TokenError::Invalid);
        }
        if claims.expires_at <= now.0 {
            return Err(TokenError::Expired);
        }
        Ok(claims)
    }
}

fn mac(key: &Secret, claims: &str) -> Hmac<Sha256> {
    let mac = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes());
    mac.expect("HMAC takes a key of any length").chain_update(PURPOSE).chain_update(claims.as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn claims() -> Claims {
        let session_id = SessionId::parse("s-1").unwrap();
        Claims { session_id, origin: "https://a.example".to_owned(), expires_at: 100 }
    }

    #[test]
    fn a_token_opens_its_own_session_until_it_expires() {
        let key = Secret::new("0123456789abcdef");
        let token = claims().sign(&key);
        let verify =
            |session: &str, key: &Secret, now| Claims::verify(token.expose(), session, key, UnixSeconds(now));
        assert_eq!(verify("s-1", &key, 99), Ok(claims()));
        assert_eq!(verify("s-1", &key, 100), Err(TokenError::Expired));
        assert_eq!(verify("s-2", &key, 99), Err(TokenError::Invalid));
        assert_eq!(verify("s-1", &Secret::new("0123456789abcdeg"), 99), Err(TokenError::Invalid));
    }

    #[test]
    fn a_changed_token_is_refused() {
        let key = Secret::new("0123456789abcdef");
        let token = claims().sign(&key);
        for at in 0..token.expose().len() {
            let mut changed = token.expose().as_bytes().to_vec();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(
                Claims::verify(&changed, "s-1", &key, UnixSeconds(99)),
                Err(TokenError::Invalid),
                "{at}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_whatever_is_a_token(token in ".{0,100}") {
            let key = Secret::new("0123456789abcdef");
            prop_assert!(Claims::verify(&token, "s-1", &key, UnixSeconds(0)).is_err());
        }
    }
}
