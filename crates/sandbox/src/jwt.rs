//! `pull-jwt`, the consumer's credential.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::ids;

/// A real JWT, for the eyes of those who debug; the sandbox compares it as a whole.
#[must_use]
pub fn of_pull(secret: &str, pull_id: &str, now_ms: u64) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!(
        "{}.{}",
        part(json!({"alg": "HS256", "typ": "JWT"})),
        part(json!({"pull_id": pull_id, "iat": now_ms / 1000}))
    );
    let mac = hex::decode(ids::keyed_digest(secret, &[signed.as_bytes()])).expect("a digest is hexadecimal");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac))
}
