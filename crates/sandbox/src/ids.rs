//! Identifiers and secrets: random ones, and ones derived from what they belong to.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the platform has a source of randomness");
    bytes
}

fn as_uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let text = hex::encode(bytes);
    format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..])
}

/// A random UUID, version 4.
#[must_use]
pub fn random_uuid() -> String {
    as_uuid(random())
}

/// A UUID that is always the same for the same parts, so that tests can know it beforehand.
#[must_use]
pub fn derived_uuid(parts: &[&str]) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest(parts)[..16]);
    as_uuid(bytes)
}

/// A number below `limit`, always the same for the same parts.
#[must_use]
pub fn derived_number(parts: &[&str], limit: u64) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest(parts)[..8]);
    u64::from_be_bytes(bytes) % limit
}

fn digest(parts: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().into()
}

/// A signing secret in the form of Canopy's: 48 random bytes in base64.
#[must_use]
pub fn signing_secret() -> String {
    STANDARD.encode(random::<48>())
}

/// An integer up to and including `limit`.
#[must_use]
pub fn random_up_to(limit: u64) -> u64 {
    u64::from_be_bytes(random()) % (limit + 1)
}

/// HMAC-SHA256 in lower-case hexadecimal: signs webhooks and short-lived URLs.
#[must_use]
pub fn keyed_digest(key: &str, message: &[&[u8]]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    for part in message {
        mac.update(part);
    }
    hex::encode(mac.finalize().into_bytes())
}

/// Whether `text` has the form of a UUID.
#[must_use]
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_uuids_repeat_and_differ_by_part() {
        assert_eq!(derived_uuid(&["a", "b"]), derived_uuid(&["a", "b"]));
        assert_ne!(derived_uuid(&["a", "b"]), derived_uuid(&["ab", ""]));
        assert!(is_uuid(&derived_uuid(&["a"])));
        assert!(is_uuid(&random_uuid()));
        assert!(!is_uuid("user_good"));
    }

    #[test]
    fn the_keyed_digest_is_hmac_sha256() {
        // RFC 4231, test case 2.
        assert_eq!(
            keyed_digest("Jefe", &[b"what do ya want ", b"for nothing?"]),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
