//! Session tokens and the tickets for their sockets:
//! `base64url(claims).base64url(HMAC-SHA256(key, purpose + base64url(claims)))`, short-lived and bound to the page's
//! origin. A ticket stands in a header that logs may keep, so it opens a socket and nothing else.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::{id::SessionId, secret::Secret, time::UnixSeconds};

/// How long a session's page may act, in seconds.
pub const LIFETIME_SECONDS: u32 = 60 * 60;

/// How long a socket may be opened with a ticket, in seconds.
pub const TICKET_SECONDS: u32 = 30;

/// Longest token read.
const MAX_TOKEN_LENGTH: usize = 1024;

/// What a token is for: one of the other purpose, made with the same key, is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Everything that a session's page may ask.
    Page,
    /// The session's live socket.
    Socket,
}

impl Purpose {
    fn prefix(self) -> &'static [u8] {
        match self {
            Self::Page => b"canopy-edge session v1.",
            Self::Socket => b"canopy-edge socket v1.",
        }
    }
}

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
    pub fn sign(&self, purpose: Purpose, key: &Secret) -> Secret {
        let claims = serde_json::to_vec(self).expect("claims are plain data");
        let claims = URL_SAFE_NO_PAD.encode(claims);
        let mac = mac(purpose, key, &claims).finalize().into_bytes();
        Secret::new(format!("{claims}.{}", URL_SAFE_NO_PAD.encode(mac)))
    }

    /// Reads a token for the session it is presented for.
    ///
    /// # Errors
    /// [`TokenError`]; the MAC is checked in constant time before anything is parsed.
    pub fn verify(
        token: &str,
        purpose: Purpose,
        session_id: &SessionId,
        key: &Secret,
        now: UnixSeconds,
    ) -> Result<Self, TokenError> {
        let (claims, signature) = token.split_once('.').ok_or(TokenError::Invalid)?;
        if token.len() > MAX_TOKEN_LENGTH {
            return Err(TokenError::Invalid);
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| TokenError::Invalid)?;
        mac(purpose, key, claims).verify_slice(&signature).map_err(|_| TokenError::Invalid)?;
        let claims = URL_SAFE_NO_PAD.decode(claims).map_err(|_| TokenError::Invalid)?;
        let claims: Self = serde_json::from_slice(&claims).map_err(|_| TokenError::Invalid)?;
        if claims.session_id != *session_id {
            return Err(TokenError::Invalid);
        }
        if claims.expires_at <= now.0 {
            return Err(TokenError::Expired);
        }
        Ok(claims)
    }
}

fn mac(purpose: Purpose, key: &Secret, claims: &str) -> Hmac<Sha256> {
    let mac = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes());
    mac.expect("HMAC takes a key of any length")
        .chain_update(purpose.prefix())
        .chain_update(claims.as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(text: &str) -> SessionId {
        SessionId::parse(text).unwrap()
    }

    fn claims() -> Claims {
        Claims { session_id: id("s-1"), origin: "https://a.example".to_owned(), expires_at: 100 }
    }

    #[test]
    fn a_token_opens_its_own_session_until_it_expires() {
        let key = Secret::new("0123456789abcdef");
        let token = claims().sign(Purpose::Page, &key);
        let verify = |session: &str, key: &Secret, now| {
            Claims::verify(token.expose(), Purpose::Page, &id(session), key, UnixSeconds(now))
        };
        assert_eq!(verify("s-1", &key, 99), Ok(claims()));
        assert_eq!(verify("s-1", &key, 100), Err(TokenError::Expired));
        assert_eq!(verify("s-2", &key, 99), Err(TokenError::Invalid));
        assert_eq!(verify("s-1", &Secret::new("0123456789abcdeg"), 99), Err(TokenError::Invalid));
    }

    #[test]
    fn a_token_is_for_its_own_purpose_alone() {
        let key = Secret::new("0123456789abcdef");
        for (made, asked) in [(Purpose::Page, Purpose::Socket), (Purpose::Socket, Purpose::Page)] {
            let token = claims().sign(made, &key);
            let verify = |purpose| Claims::verify(token.expose(), purpose, &id("s-1"), &key, UnixSeconds(99));
            assert_eq!(verify(made), Ok(claims()));
            assert_eq!(verify(asked), Err(TokenError::Invalid));
        }
    }

    #[test]
    fn a_changed_token_is_refused() {
        let key = Secret::new("0123456789abcdef");
        let token = claims().sign(Purpose::Page, &key);
        for at in 0..token.expose().len() {
            let mut changed = token.expose().as_bytes().to_vec();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(
                Claims::verify(&changed, Purpose::Page, &id("s-1"), &key, UnixSeconds(99)),
                Err(TokenError::Invalid),
                "{at}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_whatever_is_a_token(token in ".{0,100}") {
            let key = Secret::new("0123456789abcdef");
            prop_assert!(Claims::verify(&token, Purpose::Page, &id("s-1"), &key, UnixSeconds(0)).is_err());
        }
    }
}
