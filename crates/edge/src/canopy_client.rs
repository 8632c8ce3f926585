//! Carries a call to Canopy: adds the base URL and the credentials, bounds time and size.

use base64::{Engine, engine::general_purpose::STANDARD};
use canopy::{
    api::{Call, CallError, Credentials},
    config::Config,
    retry::{Failure, Reason},
};
use http::{HeaderName, HeaderValue, header};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Response;

use crate::{
    http::{Headers, header_value},
    platform::{self, form::Written},
};

/// How long Canopy may take for an answer that is safe to ask for again, in milliseconds.
pub const READ_MILLIS: u32 = 20_000;

/// How long Canopy may take for a call that is not repeated, in milliseconds.
pub const WRITE_MILLIS: u32 = 30_000;

/// How long Canopy may take for an upload and its answer, in milliseconds.
const UPLOAD_MILLIS: u32 = 60_000;

/// Largest answer to a consumer's call, in bytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// A whole answer.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The whole body.
    pub body: Vec<u8>,
}

/// A whole answer whose body is still JavaScript's.
pub struct Carried {
    /// HTTP status.
    pub status: u16,
    /// The whole body.
    pub body: Uint8Array,
    retry_after: Option<String>,
}

impl Carried {
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

/// Asks for something that is safe to ask for again, and gives the answer with its body unread; `millis` are for that, too.
pub async fn ask(url: &str, headers: Headers, millis: u32) -> Result<Response, Failure> {
    let answer = platform::asked("GET", url, &headers, millis.into()).await;
    answer.map_err(|reason| Failure::without_status(reason, platform::now()))
}

/// A header of an answer.
pub fn header(answer: &Response, name: &str) -> Option<String> {
    answer.headers().get(name).ok().flatten()
}

/// Bytes of an answer's body, where it says so: of one that is encoded it says another number.
pub fn length(answer: &Response) -> Option<u64> {
    let is_encoded = header(answer, "content-encoding").is_some();
    header(answer, "content-length").filter(|_| !is_encoded)?.parse().ok()
}

/// The failure that an answer is for one who expected another status.
pub fn failure_of(answer: &Response) -> Failure {
    Failure::of_status(answer.status(), header(answer, "retry-after").as_deref(), platform::now())
}

/// Ends an answer that nobody reads.
pub fn discard(answer: &Response) {
    if let Some(body) = answer.body() {
        let _ = body.cancel();
    }
}

/// Makes a call once. No answer leaves open whether it took effect.
pub async fn write(config: &Config, call: &Call) -> Result<(u16, Vec<u8>), CallError> {
    let url = format!("{}{}", config.api_base_url, call.path);
    let mut headers = headers(config, &call.credentials);
    headers.push((header::CONTENT_TYPE, HeaderValue::from_static("application/json")));
    let body = call.body.as_deref();
    let answer = send(call.method.as_str(), &url, headers, body, WRITE_MILLIS, MAX_ANSWER_BYTES).await;
    answer.map(|answer| (answer.status, answer.body)).map_err(|_| CallError::Unknown)
}

/// Sends a form once, its files streamed. No answer leaves open whether it took effect.
pub async fn upload(config: &Config, call: &Call, form: &Written) -> Result<(u16, Vec<u8>), CallError> {
    let url = format!("{}{}", config.api_base_url, call.path);
    let mut headers = headers(config, &call.credentials);
    headers.extend(header_value(&form.media).map(|media| (header::CONTENT_TYPE, media)));
    let answer =
        platform::forwarded(call.method.as_str(), &url, &headers, form.body.as_ref(), UPLOAD_MILLIS).await;
    let answer = answer.map_err(|_| CallError::Unknown)?;
    let body = platform::received(answer.as_ref(), MAX_ANSWER_BYTES, READ_MILLIS).await;
    body.map(|body| (answer.status(), body.to_vec())).map_err(|_| CallError::Unknown)
}

/// The headers that authenticate. Source: contract, "Authentication".
pub fn headers(config: &Config, credentials: &Credentials) -> Headers {
    let (name, secret) = match credentials {
        Credentials::None => return Vec::new(),
        Credentials::Client => {
            let pair = format!("{}:{}", config.client_id, config.client_secret.expose());
            (header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(pair)))
        }
        Credentials::Pull(jwt) => (HeaderName::from_static("pull-jwt"), jwt.0.expose().to_owned()),
    };
    let sensitive = |mut value: HeaderValue| {
        value.set_sensitive(true);
        (name, value)
    };
    header_value(&secret).map(sensitive).into_iter().collect()
}

async fn send(
    method: &str,
    url: &str,
    headers: Headers,
    body: Option<&str>,
    millis: u32,
    most: usize,
) -> Result<Answer, Failure> {
    let carried = carry(method, url, headers, body, millis, most, &JsValue::UNDEFINED).await?;
    let carried = carried.ok_or_else(|| Failure::without_status(Reason::TooLarge, platform::now()))?;
    Ok(Answer { status: carried.status, body: carried.body.to_vec() })
}

/// Carries one call; `None` when its answer is larger than `most` bytes, or than `hold` has room for: a function of
/// JavaScript's that is asked before bytes are read, with how many there are so far.
pub async fn carry(
    method: &str,
    url: &str,
    headers: Headers,
    body: Option<&str>,
    millis: u32,
    most: usize,
    hold: &JsValue,
) -> Result<Option<Carried>, Failure> {
    let answer = platform::called(method, url, &headers, body, millis.into(), most as f64, hold).await;
    // What it does not give a reason for is an answer that the platform itself could not take.
    let answer = answer.map_err(|_| Failure::without_status(Reason::Malformed, platform::now()))?;
    if let Some(reason) = answer.as_string() {
        return Err(Failure::without_status(platform::reason_of(&reason), platform::now()));
    }
    let answer: Array = answer.unchecked_into();
    let body = answer.get(1);
    Ok((!body.is_undefined()).then(|| Carried {
        status: answer.get(0).as_f64().map_or(0, |status| status as u16),
        body: body.unchecked_into(),
        retry_after: answer.get(2).as_string(),
    }))
}
