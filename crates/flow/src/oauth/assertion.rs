//! A statement of who asks, as a JSON Web Token. Source: RFC 7515, RFC 7519, RFC 7523 section 3.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use canopy::time::UnixSeconds;
use serde_json::{Map, Value as Json};

use crate::request::Statement;

/// How long a statement is good for, in seconds: it is shown at once. Google takes an hour at most, NetSuite less than one.
const SECONDS: i64 = 300;

/// Header and claims, as they are signed.
pub(super) fn unsigned(statement: &Statement, now: UnixSeconds) -> String {
    let texts = |texts: &BTreeMap<String, String>| -> Map<String, Json> {
        texts.iter().map(|(name, text)| (name.clone(), text.clone().into())).collect()
    };
    let (mut header, mut claims) = (texts(&statement.header), texts(&statement.claims));
    header.insert("alg".to_owned(), statement.algorithm.as_str().into());
    header.insert("typ".to_owned(), "JWT".into());
    claims.insert("iat".to_owned(), now.0.into());
    claims.insert("exp".to_owned(), now.0.saturating_add(SECONDS).into());
    format!("{}.{}", part(Json::from(header).to_string()), part(Json::from(claims).to_string()))
}

/// The token: what was signed, with its signature.
pub(super) fn signed(unsigned: &str, signature: &[u8]) -> String {
    format!("{unsigned}.{}", part(signature))
}

fn part(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
