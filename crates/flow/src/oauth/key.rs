//! What the value of a secret is: a private key, or a client's id and secret.

use base64::{Engine, prelude::BASE64_STANDARD};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject};
use serde::Deserialize;

/// Why a secret's value is none that signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// It is no key.
    #[error(
        "expected a private key in base64: of a PKCS #8 key (DER or PEM), or of a service account's JSON key"
    )]
    Key,
    /// It is one for RSA alone.
    #[error(
        "expected a PKCS #8 key, and this is a PKCS #1 one (BEGIN RSA PRIVATE KEY): \
         openssl pkcs8 -topk8 -nocrypt -in key.pem -outform der | base64 | tr -d '\\n' converts it"
    )]
    Pkcs1,
    /// It is locked by a password.
    #[error(
        "expected a key without a password: \
         openssl pkcs8 -topk8 -nocrypt -in key.pem -outform der | base64 | tr -d '\\n' converts it"
    )]
    Encrypted,
    /// It is no pair.
    #[error("expected a client's id and its secret, with a colon between")]
    Client,
}

/// A service account's key as Google gives it: of its members the one that signs.
#[derive(Deserialize)]
struct KeyFile {
    private_key: String,
}

/// The private key that a secret's value is in base64: PKCS #8 as DER, as PEM, or in a service account's JSON file. Where that file says
/// that tokens are asked for is not read.
pub(super) fn private_key(value: &str) -> Result<PrivatePkcs8KeyDer<'static>, SecretError> {
    let bytes = BASE64_STANDARD.decode(value).map_err(|_| SecretError::Key)?;
    let key = match serde_json::from_slice::<KeyFile>(&bytes) {
        Ok(file) => of_pem(file.private_key.as_bytes())?,
        Err(_) if bytes.starts_with(b"-----BEGIN ") => of_pem(&bytes)?,
        Err(_) => PrivateKeyDer::try_from(bytes).map_err(|_| SecretError::Key)?,
    };
    match key {
        PrivateKeyDer::Pkcs8(key) => Ok(key),
        PrivateKeyDer::Pkcs1(_) => Err(SecretError::Pkcs1),
        _ => Err(SecretError::Key),
    }
}

fn of_pem(pem: &[u8]) -> Result<PrivateKeyDer<'static>, SecretError> {
    let is_locked = pem.starts_with(b"-----BEGIN ENCRYPTED PRIVATE KEY-----");
    let missing = if is_locked { SecretError::Encrypted } else { SecretError::Key };
    PrivateKeyDer::from_pem_slice(pem).map_err(|_| missing)
}

/// The id and the secret of a client, which may have colons itself.
pub(super) fn client(value: &str) -> Result<(&str, &str), SecretError> {
    let (id, secret) = value.split_once(':').ok_or(SecretError::Client)?;
    if id.is_empty() || secret.is_empty() { Err(SecretError::Client) } else { Ok((id, secret)) }
}
