//! Signing, as Standard Webhooks says. Source: Standard Webhooks, "Signature scheme", symmetric.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::secret::Secret;

/// What a secret begins with.
const PREFIX: &str = "whsec_";

/// Bytes of a new secret: of the allowed 24 to 64.
const SECRET_BYTES: usize = 32;

/// Secrets that sign side by side.
pub const MAX_SECRETS: usize = 2;

/// A subscription's secret, as the receiver has it: `whsec_` and base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningSecret(Secret);

impl SigningSecret {
    /// Of new random bytes.
    #[must_use]
    pub fn new(random: [u8; SECRET_BYTES]) -> Self {
        Self(Secret::new(format!("{PREFIX}{}", STANDARD.encode(random))))
    }

    /// To be shown once, and sealed.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    fn key(&self) -> Vec<u8> {
        let encoded = self.0.expose().strip_prefix(PREFIX).unwrap_or_default();
        STANDARD.decode(encoded).unwrap_or_default()
    }
}

impl Serialize for SigningSecret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for SigningSecret {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}

/// The header `webhook-signature` of a body: one signature for each secret. `timestamp` is in seconds.
#[must_use]
pub fn signature(secrets: &[&SigningSecret], id: &str, timestamp: i64, body: &[u8]) -> String {
    let sign = |secret: &&SigningSecret| {
        let mac = Hmac::<Sha256>::new_from_slice(&secret.key()).expect("HMAC takes a key of any length");
        let mac = mac.chain_update(id).chain_update(format!(".{timestamp}.")).chain_update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    };
    secrets.iter().map(sign).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: Standard Webhooks, libraries' common test: its secret, id, timestamp, payload and signature.
    #[test]
    fn a_signature_is_the_specifications_own() {
        let secret: SigningSecret =
            serde_json::from_str("\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"").unwrap();
        let body = br#"{"test": 2432232314}"#;
        let signed = signature(&[&secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn while_two_secrets_are_valid_both_sign() {
        let (new, old) = (SigningSecret::new([1; 32]), SigningSecret::new([2; 32]));
        let signed = signature(&[&new, &old], "p_1", 1, b"{}");
        let [first, second] = signed.split(' ').collect::<Vec<_>>().try_into().unwrap();
        assert_eq!(first, signature(&[&new], "p_1", 1, b"{}"));
        assert_eq!(second, signature(&[&old], "p_1", 1, b"{}"));
        assert_ne!(first, second);
    }

    #[test]
    fn a_secret_prints_nothing_of_itself() {
        assert_eq!(format!("{:?}", SigningSecret::new([1; 32])), "SigningSecret(Secret(…))");
    }
}
