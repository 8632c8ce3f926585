//! What is answered to one who asks for a token. Source: RFC 6749, sections 5.1 and 5.2.

use canopy::{
    retry::{Failure, Reason},
    secret::Secret,
    time::UnixMillis,
};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::blank::blanked;

/// How long a token is good for where its service does not say, in seconds: Salesforce says nothing, and ends a session after 15 minutes at
/// the soonest.
const UNSAID_SECONDS: u64 = 600;

/// Longest that a token is taken to be good for, in seconds: a day.
const MAX_SECONDS: u64 = 86_400;

/// How long a token may be, in bytes: as secrets at least, and no longer than a header that is sent.
const LENGTHS: std::ops::RangeInclusive<usize> = 8..=8_192;

/// Most characters of a service's words.
const MAX_WORDS: usize = 300;

/// A token that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The token.
    pub token: Secret,
    /// How long it is good for, in seconds.
    pub seconds: u64,
}

/// Why none was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ungiven {
    /// It may be at another time.
    Passing(Reason),
    /// It was refused, in these words.
    Refused(String),
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default)]
    expires_in: Json,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
    #[serde(default)]
    error_description: Option<String>,
}

/// Reads the answer, whose body is absent where it broke off. What of `secrets` stands in a refusal's words is blanked out.
///
/// # Errors
/// Why there is no token.
pub fn read(status: u16, body: Option<&[u8]>, secrets: &[&str]) -> Result<Given, Ungiven> {
    match status {
        200..300 => given(body.unwrap_or_default()).ok_or(Ungiven::Passing(Reason::Malformed)),
        408 | 429 | 500.. => {
            Err(Ungiven::Passing(Failure::of_status(status, None, UnixMillis::default()).reason))
        }
        425 => Err(Ungiven::Passing(Reason::ServerError)),
        _ => Err(Ungiven::Refused(refusal(status, body.unwrap_or_default(), secrets))),
    }
}

fn given(body: &[u8]) -> Option<Given> {
    let Answer { access_token, token_type, expires_in } = serde_json::from_slice(body).ok()?;
    let is_bearer = token_type.is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
    let is_token =
        LENGTHS.contains(&access_token.len()) && access_token.bytes().all(|byte| byte.is_ascii_graphic());
    // NetSuite writes the number as a text.
    let said = match &expires_in {
        Json::String(text) => text.parse().ok(),
        other => other.as_u64(),
    };
    let seconds = said.unwrap_or(UNSAID_SECONDS).min(MAX_SECONDS);
    (is_bearer && is_token).then(|| Given { token: Secret::new(access_token), seconds })
}

fn refusal(status: u16, body: &[u8], secrets: &[&str]) -> String {
    let Ok(Refusal { error, error_description }) = serde_json::from_slice(body) else {
        return format!("the service answered {status}");
    };
    let words = [Some(error), error_description].into_iter().flatten().collect::<Vec<_>>().join(": ");
    // Before it is cut: a part of a secret is not found any more.
    let words = blanked(&words, secrets).unwrap_or(words);
    words.chars().filter(|character| !character.is_control()).take(MAX_WORDS).collect()
}
