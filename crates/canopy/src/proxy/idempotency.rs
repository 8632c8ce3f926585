//! Calls that are made once, however often they are asked for: by a key of the client's.
//!
//! Canopy takes no such key, so the edge keeps what became of the call, a day long. Source: IETF,
//! draft-ietf-httpapi-idempotency-key-header; design, "The proxy".

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    contract::Operation,
    id::PullId,
    problem::{Code, Problem},
    secret::Secret,
};

/// The header that brings the key.
pub const HEADER: &str = "idempotency-key";

/// How long an answer is kept, in milliseconds: a day.
pub const KEPT_MILLIS: u64 = 24 * 60 * 60 * 1_000;

/// Longest key, in characters.
const MAX_KEY_LENGTH: usize = 255;

/// Reads the header: a text, in quotes or without.
///
/// # Errors
/// [`Code::InputInvalid`]
pub fn read_key(header: &str) -> Result<&str, Problem> {
    let text = header.trim();
    let key = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    let is_key = (1..=MAX_KEY_LENGTH).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    let invalid =
        || Problem::new(Code::InputInvalid, "Idempotency-Key: expected 1 to 255 visible ASCII characters");
    is_key.then_some(key).ok_or_else(invalid)
}

/// Name of the object that keeps a caller's key: no two callers share one, and no two pulls whose token came alone, which
/// `pull_id` then names.
#[must_use]
pub fn object_name(caller: &str, pull_id: Option<&PullId>, key: &str) -> String {
    let parts = [caller, pull_id.map_or("", PullId::as_str), key].map(|part| format!("{part}\0"));
    hex::encode(Sha256::digest(parts.concat()))
}

/// What a call is known again by: the operation, whom it is for, and what it sends. Keyed: what is sent may be a code of six
/// digits, which a plain hash gives away. It begins with what tells session keys apart, and a point.
#[must_use]
pub fn fingerprint(session_key: &Secret, operation: Operation, path: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(session_key.expose().as_bytes());
    let mac = mac.expect("HMAC takes a key of any length").chain_update(b"canopy-edge call v1\0");
    let key_id = hex::encode(&mac.clone().finalize().into_bytes()[..KEY_ID_BYTES]);
    let parts = [operation.row().id, path];
    let mac = parts.into_iter().fold(mac, |mac, part| mac.chain_update(part).chain_update([0]));
    format!("{key_id}.{}", hex::encode(mac.chain_update(body).finalize().into_bytes()))
}

/// Bytes that tell session keys apart.
const KEY_ID_BYTES: usize = 4;

/// Whether two fingerprints were made with one session key: else they say nothing of their calls.
fn are_comparable(one: &str, other: &str) -> bool {
    let key_id = |fingerprint: &str| fingerprint.split_once('.').map(|(key_id, _)| key_id.to_owned());
    key_id(one).is_some() && key_id(one) == key_id(other)
}

/// How a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Canopy was asked, or is about to be.
    Begun,
    /// Its answer is kept.
    Answered,
    /// There was no answer.
    Unknown,
}

/// What is to be done for one who asks.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Make the call.
    Begin,
    /// Give the kept answer.
    Give,
    /// Look for what became of it, and make no call. Source: [`super::outcome`].
    Look,
    /// Give this, and make no call.
    Refuse(Problem),
}

/// Decides by what is kept: the fingerprint and the standing of the key's call, and whether this instance is making it.
/// What another instance began and did not end was cut short.
#[must_use]
pub fn judge(kept: Option<(&str, Standing)>, fingerprint: &str, is_running: bool) -> Verdict {
    let Some((known, standing)) = kept else { return Verdict::Begin };
    if !are_comparable(known, fingerprint) {
        return Verdict::Refuse(Problem::new(
            Code::OutcomeUnknown,
            "this Idempotency-Key was used before EDGE_SESSION_KEY was changed, and what became of its call can be told no more. It is not sent again: look at the pulls, monitorings or servicing actions before asking anew",
        ));
    }
    if known != fingerprint {
        return Verdict::Refuse(Problem::new(
            Code::IdempotencyKeyReused,
            "Idempotency-Key: expected a new key for another call: this one was used with another operation, path or body",
        ));
    }
    match standing {
        Standing::Answered => Verdict::Give,
        Standing::Begun if is_running => Verdict::Refuse(Problem::new(
            Code::IdempotencyKeyInUse,
            "the call of this Idempotency-Key is under way: ask again in a moment",
        )),
        Standing::Begun | Standing::Unknown => Verdict::Look,
    }
}

/// How a call stands by its answer; `None` where that says that it was not taken, which leaves the key free. A fault says
/// nothing of what became of it.
#[must_use]
pub fn standing(status: u16) -> Option<Standing> {
    match status {
        429 => None,
        408 | 500.. => Some(Standing::Unknown),
        _ => Some(Standing::Answered),
    }
}

/// Whether a problem says that the call was not taken: Canopy did not let the edge in.
#[must_use]
pub fn was_not_taken(problem: &Problem) -> bool {
    problem.code == Code::CanopyFailed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::{answer::check_answer, unanswered};

    #[test]
    fn a_key_is_a_text_in_quotes_or_without() {
        for header in ["\"abc\"", "abc", " abc "] {
            assert_eq!(read_key(header), Ok("abc"));
        }
        for header in ["", "\"\"", "a b", "é", &"x".repeat(256)] {
            assert_eq!(read_key(header).unwrap_err().code, Code::InputInvalid, "{header}");
        }
    }

    #[test]
    fn callers_do_not_share_keys() {
        let pull = PullId::parse("b").unwrap();
        let names = [("a", None, "bc"), ("ab", None, "c"), ("a", None, "b"), ("a", Some(&pull), "c")]
            .map(|(caller, pull_id, key)| object_name(caller, pull_id, key));
        assert!((1..4).all(|at| !names[..at].contains(&names[at])));
        assert_eq!(object_name("a", None, "bc"), names[0]);
    }

    #[test]
    fn a_call_is_known_by_operation_path_and_body() {
        let key = Secret::new("0123456789abcdef");
        let of = |operation, path: &str, body: &str| fingerprint(&key, operation, path, body.as_bytes());
        let known = of(Operation::CreateServicings, "/p", "{}");
        assert_eq!(of(Operation::CreateServicings, "/p", "{}"), known);
        for other in [
            of(Operation::SearchPolicy, "/p", "{}"),
            of(Operation::CreateServicings, "/q", "{}"),
            of(Operation::CreateServicings, "/p", "{ }"),
        ] {
            assert_ne!(other, known);
        }
    }

    #[test]
    fn a_call_is_begun_once_and_never_again() {
        let operation = Operation::CreateServicings;
        let code = |kept, is_running| match judge(kept, "k.f", is_running) {
            Verdict::Refuse(problem) => Err(problem.code),
            verdict => Ok(verdict),
        };
        assert_eq!(code(None, false), Ok(Verdict::Begin));
        assert_eq!(code(Some(("k.f", Standing::Answered)), false), Ok(Verdict::Give));
        assert_eq!(code(Some(("k.f", Standing::Begun)), true), Err(Code::IdempotencyKeyInUse));
        assert_eq!(code(Some(("k.f", Standing::Begun)), false), Ok(Verdict::Look));
        assert_eq!(code(Some(("k.f", Standing::Unknown)), false), Ok(Verdict::Look));
        for standing in [Standing::Begun, Standing::Answered, Standing::Unknown] {
            for is_running in [true, false] {
                assert_eq!(code(Some(("k.g", standing)), is_running), Err(Code::IdempotencyKeyReused));
            }
        }
        for of_another_key in ["l.f", "f", ""] {
            assert_eq!(code(Some((of_another_key, Standing::Unknown)), false), Err(Code::OutcomeUnknown));
        }
        let made_with = |key: &str| fingerprint(&Secret::new(key), operation, "/p", b"{}");
        assert!(
            are_comparable(&made_with("a"), &made_with("a"))
                && !are_comparable(&made_with("a"), &made_with("b"))
        );
        assert_eq!([200, 400, 403].map(standing), [Some(Standing::Answered); 3]);
        assert_eq!([408, 500, 502, 504].map(standing), [Some(Standing::Unknown); 4]);
        assert_eq!(standing(429), None);
        assert!(was_not_taken(&check_answer(operation, 401).unwrap_err()));
        assert!(!was_not_taken(&check_answer(operation, 999).unwrap_err()));
        assert!(!was_not_taken(&unanswered(operation, None)));
    }
}
