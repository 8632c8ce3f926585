//! Webhook signatures: header `canopy-signature: t=<unix seconds>,s=<hex>`, where
//! `s = HMAC-SHA256(signing secret as given, t + "." + raw body)`.
//! Source: contract, "Webhooks", "Signature".

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{secret::Secret, time::UnixSeconds};

/// Name of the header that carries the signature.
pub const HEADER: &str = "canopy-signature";

/// Longest header read. Canopy's has 79 characters; the room is for elements added later.
pub const MAX_HEADER_LENGTH: usize = 1024;

/// How many `s` elements one header may carry.
const MAX_SIGNATURES: usize = 8;

/// Why a webhook is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// No `canopy-signature` header.
    #[error("expected a {HEADER} header")]
    Missing,
    /// The header is not of the form `t=<unix seconds>,s=<64 hex digits>`.
    #[error("expected {HEADER}: t=<unix seconds>,s=<64 hex digits>")]
    Malformed,
    /// The timestamp lies further from now than the tolerance, in either direction.
    #[error("expected a timestamp within {tolerance} s of now, found one {distance} s away")]
    Expired {
        /// Seconds between the timestamp and now.
        distance: u64,
        /// Seconds allowed.
        tolerance: u32,
    },
    /// No configured secret gives this signature for this body.
    #[error("expected a signature by one of the configured signing secrets over this body")]
    Mismatch,
}

/// The signing secrets that are valid now: more than one during rotation, or with several webhooks.
#[derive(Debug, Clone)]
pub struct SigningSecrets(Vec<Keyed>);

/// A secret, and HMAC with its key schedule already worked out.
#[derive(Clone)]
struct Keyed {
    secret: Secret,
    mac: Hmac<Sha256>,
}

impl std::fmt::Debug for Keyed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.secret.fmt(f)
    }
}

impl SigningSecrets {
    /// Takes the secrets as Canopy gave them: nothing is decoded.
    #[must_use]
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let keyed = |secret: &Secret| Keyed { secret: secret.clone(), mac: keyed(secret) };
        Self(secrets.into_iter().map(keyed).collect())
    }

    /// Verifies that `body` was signed by one of the secrets at most `tolerance` seconds from `now`.
    ///
    /// # Errors
    /// One [`SignatureError`] a reason; the time is checked before any cryptography.
    pub fn verify(
        &self,
        header: Option<&str>,
        body: &[u8],
        now: UnixSeconds,
        tolerance: u32,
    ) -> Result<(), SignatureError> {
        let header = Header::read(header, now, tolerance)?;
        let genuine = self.0.iter().any(|secret| {
            let mac = message(&secret.mac, header.timestamp, body);
            header.signatures().any(|signature| mac.clone().verify_slice(&signature).is_ok())
        });
        if genuine { Ok(()) } else { Err(SignatureError::Mismatch) }
    }

    /// What a platform with a faster HMAC needs for [`SigningSecrets::verify_macs`]: the timestamp, and the secrets
    /// to key `HMAC-SHA256(secret, timestamp + "." + raw body)` with. `None` for a header that will be refused.
    #[must_use]
    pub fn to_mac<'a>(
        &self,
        header: Option<&'a str>,
        now: UnixSeconds,
        tolerance: u32,
    ) -> Option<(&'a str, impl Iterator<Item = &Secret>)> {
        let header = Header::read(header, now, tolerance).ok()?;
        Some((header.timestamp, self.0.iter().map(|keyed| &keyed.secret)))
    }

    /// [`SigningSecrets::verify`] with the MACs that the platform computed, one a secret. They are compared in
    /// constant time.
    ///
    /// # Errors
    /// As [`SigningSecrets::verify`].
    pub fn verify_macs(
        header: Option<&str>,
        macs: &[[u8; 32]],
        now: UnixSeconds,
        tolerance: u32,
    ) -> Result<(), SignatureError> {
        let header = Header::read(header, now, tolerance)?;
        let matches = |signature: [u8; 32]| macs.iter().any(|mac| bool::from(mac.ct_eq(&signature)));
        if header.signatures().any(matches) { Ok(()) } else { Err(SignatureError::Mismatch) }
    }
}

/// The header of a webhook sent at `now`: what Canopy's sender does.
#[must_use]
pub fn sign(secret: &Secret, body: &[u8], now: UnixSeconds) -> String {
    let timestamp = now.0.to_string();
    let mac = message(&keyed(secret), &timestamp, body).finalize();
    format!("t={timestamp},s={}", hex::encode(mac.into_bytes()))
}

/// SHA-256 of a raw body: what a repetition of a webhook is recognised by.
#[must_use]
pub fn digest(body: &[u8]) -> [u8; 32] {
    Sha256::digest(body).into()
}

fn keyed(secret: &Secret) -> Hmac<Sha256> {
    Hmac::new_from_slice(secret.expose().as_bytes()).expect("HMAC takes a key of any length")
}

fn message(keyed: &Hmac<Sha256>, timestamp: &str, body: &[u8]) -> Hmac<Sha256> {
    let mut mac = keyed.clone();
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac
}

/// The elements of one header, still in the header's text.
struct Header<'a> {
    text: &'a str,
    timestamp: &'a str,
    seconds: i64,
}

impl<'a> Header<'a> {
    /// Reads a header whose timestamp lies within the tolerance.
    fn read(header: Option<&'a str>, now: UnixSeconds, tolerance: u32) -> Result<Self, SignatureError> {
        let header = Self::parse(header.ok_or(SignatureError::Missing)?)?;
        let distance = header.seconds.abs_diff(now.0);
        if distance > u64::from(tolerance) {
            return Err(SignatureError::Expired { distance, tolerance });
        }
        Ok(header)
    }

    fn parse(text: &'a str) -> Result<Self, SignatureError> {
        if text.len() > MAX_HEADER_LENGTH {
            return Err(SignatureError::Malformed);
        }
        let timestamp = timestamp(text).ok_or(SignatureError::Malformed)?;
        let seconds = timestamp.parse().map_err(|_| SignatureError::Malformed)?;
        let header = Self { text, timestamp, seconds };
        if header.signatures().next().is_none() {
            return Err(SignatureError::Malformed);
        }
        Ok(header)
    }

    fn signatures(&self) -> impl Iterator<Item = [u8; 32]> + use<'a> {
        elements(self.text, "s").take(MAX_SIGNATURES).filter_map(|value| {
            let mut signature = [0; 32];
            hex::decode_to_slice(value, &mut signature).ok().map(|()| signature)
        })
    }
}

/// The one timestamp. A header that came in two lines, each with its signature, says it twice.
fn timestamp(header: &str) -> Option<&str> {
    let (mut timestamp, mut is_signed) = (None, false);
    for (key, value) in pairs(header) {
        match key {
            "t" if timestamp.is_some_and(|first| first != value || !is_signed) => return None,
            "t" => (timestamp, is_signed) = (Some(value), false),
            "s" => is_signed = true,
            _ => {}
        }
    }
    let is_digits = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    timestamp.filter(is_digits)
}

fn elements<'a>(header: &'a str, name: &'static str) -> impl Iterator<Item = &'a str> {
    pairs(header).filter_map(move |(key, value)| (key == name).then_some(value))
}

fn pairs(header: &str) -> impl Iterator<Item = (&str, &str)> {
    let elements = header.split(',').filter_map(|element| element.split_once('='));
    elements.map(|(key, value)| (key.trim(), value.trim()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: UnixSeconds = UnixSeconds(1_700_000_000);
    const BODY: &[u8] = br#"{"pull_id":"p"}"#;

    fn secrets(texts: &[&str]) -> SigningSecrets {
        let texts: Vec<Secret> = texts.iter().map(|text| Secret::new(*text)).collect();
        SigningSecrets::new(&texts)
    }

    fn verify(header: &str) -> Result<(), SignatureError> {
        secrets(&["demo-signing-secret"]).verify(Some(header), BODY, NOW, 300)
    }

    /// The value was computed with `openssl dgst -sha256 -hmac`, not with this code.
    #[test]
    fn a_signature_made_elsewhere_is_accepted() {
        let header = "t=1700000000,s=ff80abc16baa878f3fccf061605711e35b7a91743ee58eb914b3c246685d055d";
        assert_eq!(sign(&Secret::new("demo-signing-secret"), BODY, NOW), header);
        assert_eq!(verify(header), Ok(()));
    }

    #[test]
    fn unknown_elements_blanks_and_capitals_are_ignored() {
        let header = sign(&Secret::new("demo-signing-secret"), BODY, NOW);
        let (timestamp, signature) = header.split_once(',').unwrap();
        assert_eq!(verify(&format!("v=2, {timestamp} ,x, {signature}")), Ok(()));
        assert_eq!(verify(&format!("{timestamp},s={}", signature[2..].to_uppercase())), Ok(()));
        assert_eq!(verify(&format!("{timestamp},s={},{signature}", "0".repeat(64))), Ok(()));
        assert_eq!(verify(&format!("{timestamp},s={}, {timestamp},{signature}", "0".repeat(64))), Ok(()));
    }

    #[test]
    fn each_reason_has_its_own_error() {
        let unsigned = secrets(&["demo-signing-secret"]).verify(None, BODY, NOW, 300);
        assert_eq!(unsigned, Err(SignatureError::Missing));
        let zeros = "0".repeat(64);
        for header in [
            String::new(),
            "t=1700000000".to_owned(),
            format!("s={zeros}"),
            format!("t=,s={zeros}"),
            format!("t=-1700000000,s={zeros}"),
            format!("t=99999999999999999999,s={zeros}"),
            format!("t=1700000000,t=1700000000,s={zeros}"),
            format!("t=1700000000,s={zeros},t=1700000001,s={zeros}"),
            format!("t=1700000000,s={}", &zeros[1..]),
            format!("t=1700000000,s={}x", &zeros[1..]),
            format!("t=1700000000,s={zeros},{}", "x".repeat(MAX_HEADER_LENGTH)),
        ] {
            assert_eq!(verify(&header), Err(SignatureError::Malformed), "{header}");
        }
        assert_eq!(verify(&format!("t=1700000000,s={zeros}")), Err(SignatureError::Mismatch));
        let body = sign(&Secret::new("demo-signing-secret"), b"{}", NOW);
        assert_eq!(verify(&body), Err(SignatureError::Mismatch));
    }

    #[test]
    fn the_tolerance_holds_in_both_directions() {
        let secret = Secret::new("demo-signing-secret");
        for (distance, accepted) in [(-301, false), (-300, true), (300, true), (301, false)] {
            let header = sign(&secret, BODY, UnixSeconds(NOW.0 + distance));
            let expired = SignatureError::Expired { distance: distance.unsigned_abs(), tolerance: 300 };
            assert_eq!(verify(&header), if accepted { Ok(()) } else { Err(expired) }, "{distance}");
        }
    }

    #[test]
    fn any_of_several_secrets_is_enough() {
        let rotating = secrets(&["old", "new"]);
        for secret in ["old", "new"] {
            let header = sign(&Secret::new(secret), BODY, NOW);
            assert_eq!(rotating.verify(Some(&header), BODY, NOW, 300), Ok(()));
        }
        let header = sign(&Secret::new("other"), BODY, NOW);
        assert_eq!(rotating.verify(Some(&header), BODY, NOW, 300), Err(SignatureError::Mismatch));
    }

    /// What a platform does with [`SigningSecrets::to_mac`].
    fn verify_elsewhere(
        secrets: &SigningSecrets,
        header: Option<&str>,
        body: &[u8],
    ) -> Result<(), SignatureError> {
        let macs: Vec<[u8; 32]> =
            secrets.to_mac(header, NOW, 300).map_or(Vec::new(), |(timestamp, secrets)| {
                let mac = |secret| message(&keyed(secret), timestamp, body).finalize().into_bytes().into();
                secrets.map(mac).collect()
            });
        SigningSecrets::verify_macs(header, &macs, NOW, 300)
    }

    #[test]
    fn macs_computed_elsewhere_decide_the_same() {
        let secrets = secrets(&["old", "new"]);
        let signed = |secret: &str, at| sign(&Secret::new(secret), BODY, UnixSeconds(at));
        let now = NOW.0;
        for header in [
            None,
            Some("t=1".to_owned()),
            Some(signed("old", now)),
            Some(signed("new", now)),
            Some(signed("other", now)),
            Some(signed("new", now - 301)),
        ] {
            let header = header.as_deref();
            assert_eq!(
                verify_elsewhere(&secrets, header, BODY),
                secrets.verify(header, BODY, NOW, 300),
                "{header:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_header_whatever_makes_it_panic(header in ".{0,200}") {
            let _ = verify(&header);
        }

        #[test]
        fn a_body_changed_in_one_bit_is_refused(body in proptest::collection::vec(any::<u8>(), 1..200), at: usize, bit in 0..8u8) {
            let header = sign(&Secret::new("demo-signing-secret"), &body, NOW);
            let verifier = secrets(&["demo-signing-secret"]);
            prop_assert_eq!(verifier.verify(Some(&header), &body, NOW, 300), Ok(()));
            let mut changed = body;
            let at = at % changed.len();
            changed[at] ^= 1 << bit;
            prop_assert_eq!(verifier.verify(Some(&header), &changed, NOW, 300), Err(SignatureError::Mismatch));
        }
    }
}
