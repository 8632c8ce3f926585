//! `canopy-signature`, written out anew from the contract: a mistake in the edge must not be made here too.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub const HEADER: &str = "canopy-signature";

/// The header of `body`, signed with `secret` at this moment.
pub fn sign(secret: &str, body: &str) -> Result<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock stands before 1970")?;
    Ok(signed_at(now.as_secs(), secret, body))
}

fn signed_at(time: u64, secret: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(format!("{time}.{body}").as_bytes());
    format!("t={time},s={}", hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_has_the_form_of_the_contract() {
        // The value of `printf '1700000000.{}' | openssl dgst -sha256 -hmac secret`.
        assert_eq!(
            signed_at(1_700_000_000, "secret", "{}"),
            "t=1700000000,s=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163"
        );
    }
}
