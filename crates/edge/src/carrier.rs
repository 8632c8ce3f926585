//! Carries a call to Canopy: adds the base URL and the credentials, bounds time and size.

use base64::{Engine, engine::general_purpose::STANDARD};
use canopy::{
    api::{Call, CallError, Credentials},
    config::Config,
    retry::{Failure, Reason},
};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast;

use crate::platform;

/// How long Canopy may take for an answer that is safe to ask for again, in milliseconds.
pub const READ_MILLIS: u32 = 20_000;

/// How long Canopy may take for a call that is not repeated, in milliseconds.
pub const WRITE_MILLIS: u32 = 30_000;

/// Largest answer to a consumer's call, in bytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// A whole answer.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The whole body.
    pub body: Vec<u8>,
    /// `Location`
    pub location: Option<String>,
    /// `Content-Type`
    pub content_type: Option<String>,
    retry_after: Option<String>,
}

impl Answer {
    /// The failure that this answer is for one who expected another status.
    pub fn failure(&self) -> Failure {
        Failure::of_status(self.status, self.retry_after.as_deref(), platform::now())
    }
}

/// Makes a call that is safe to repeat and reads at most `most` bytes of its answer.
pub async fn read(config: &Config, call: &Call, most: usize) -> Result<Answer, Failure> {
    let url = format!("{}{}", config.api_base_url, call.path);
    send(call.method.as_str(), &url, headers(config, &call.credentials), None, READ_MILLIS, most).await
}

/// Reads a signed URL, which takes no credentials.
pub async fn read_signed(url: &str, most: usize) -> Result<Answer, Failure> {
    send("GET", url, Vec::new(), None, READ_MILLIS, most).await
}

/// Makes a call once. No answer leaves open whether it took effect.
pub async fn write(config: &Config, call: &Call) -> Result<(u16, Vec<u8>), CallError> {
    let url = format!("{}{}", config.api_base_url, call.path);
    let mut headers = headers(config, &call.credentials);
    headers.extend(["content-type".to_owned(), "application/json".to_owned()]);
    let body = call.body.as_deref();
    let answer = send(call.method.as_str(), &url, headers, body, WRITE_MILLIS, MAX_ANSWER_BYTES).await;
    answer.map(|answer| (answer.status, answer.body)).map_err(|_| CallError::Unknown)
}

/// The headers that authenticate, names and values in turn. Source: contract, "Authentication".
pub fn headers(config: &Config, credentials: &Credentials) -> Vec<String> {
    match credentials {
        Credentials::None => Vec::new(),
        Credentials::Client => {
            let pair = format!("{}:{}", config.client_id, config.client_secret.expose());
            vec!["authorization".to_owned(), format!("Basic {}", STANDARD.encode(pair))]
        }
        Credentials::Pull(jwt) => vec!["pull-jwt".to_owned(), jwt.0.expose().to_owned()],
    }
}

async fn send(
    method: &str,
    url: &str,
    headers: Vec<String>,
    body: Option<&str>,
    millis: u32,
    most: usize,
) -> Result<Answer, Failure> {
    let failed = |reason| Failure::without_status(reason, platform::now());
    let answer = platform::call(method, url, headers, body, millis.into(), most as f64).await;
    // What it does not give a reason for is an answer that the platform itself could not take.
    let answer = answer.map_err(|_| failed(Reason::Malformed))?;
    if let Some(reason) = answer.as_string() {
        return Err(failed(reason_of(&reason)));
    }
    let answer: Array = answer.unchecked_into();
    let body = answer.get(1);
    if body.is_undefined() {
        return Err(failed(Reason::TooLarge));
    }
    Ok(Answer {
        status: answer.get(0).as_f64().map_or(0, |status| status as u16),
        body: body.unchecked_into::<Uint8Array>().to_vec(),
        retry_after: answer.get(2).as_string(),
        location: answer.get(3).as_string(),
        content_type: answer.get(4).as_string(),
    })
}

/// The reasons that `platform.mjs` gives.
pub fn reason_of(reason: &str) -> Reason {
    match reason {
        "TIMED_OUT" => Reason::TimedOut,
        "MALFORMED" => Reason::Malformed,
        _ => Reason::Unreachable,
    }
}
