//! The signature in the link of an approval: who has the link may decide, and nobody makes one.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::secret::Secret;

/// What is signed before what is asked.
const LABEL: &[u8] = b"canopy-edge approval v1\0";

/// Bytes of a signature.
const LENGTH: usize = 16;

fn mac(session_key: &Secret, subject: &str) -> Hmac<Sha256> {
    let mac = Hmac::<Sha256>::new_from_slice(session_key.expose().as_bytes());
    mac.expect("HMAC takes a key of any length").chain_update(LABEL).chain_update(subject)
}

/// Signs what is asked; in letters, digits, `-` and `_`.
#[must_use]
pub fn sign(session_key: &Secret, subject: &str) -> String {
    URL_SAFE_NO_PAD.encode(&mac(session_key, subject).finalize().into_bytes()[..LENGTH])
}

/// Whether this edge signed it.
#[must_use]
pub fn is_signed(session_key: &Secret, subject: &str, signature: &str) -> bool {
    let signature = URL_SAFE_NO_PAD.decode(signature).ok().filter(|bytes| bytes.len() == LENGTH);
    signature.is_some_and(|bytes| mac(session_key, subject).verify_truncated_left(&bytes).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_good_for_what_was_signed_alone() {
        let key = Secret::new("0123456789abcdef".to_owned());
        let signature = sign(&key, "p-1-1.0");
        assert_eq!(signature.len(), 22);
        assert!(is_signed(&key, "p-1-1.0", &signature));
        assert!(!is_signed(&key, "p-1-1.1", &signature));
        assert!(!is_signed(&Secret::new("another".to_owned()), "p-1-1.0", &signature));
        for wrong in ["", "unsigned", &signature[..20], &format!("{signature}AA")] {
            assert!(!is_signed(&key, "p-1-1.0", wrong), "{wrong}");
        }
    }
}
