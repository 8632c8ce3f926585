//! Carries a call of the proxy's to Canopy, and the answer back as it may cross.

use canopy::{
    config::Config,
    contract::{Operation, Repeat},
    id::PullId,
    problem::{Code, Problem},
    proxy::{self, Admitted, BYTES_HEADERS, MAX_ANSWER_BYTES, PARTIAL_HEADERS, outcome::Asked},
    retry::Reason,
};
use js_sys::Uint8Array;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use web_sys::{ReadableStream, Response};

use crate::{
    canopy_client::{self, READ_MILLIS, WRITE_MILLIS},
    http::{Headers, header_value},
    platform::{self, Bytes},
};

/// How long an upload may take, its bytes coming from the client, in milliseconds.
const UPLOAD_MILLIS: u32 = 120_000;

/// Status of a part of an answer. Source: RFC 9110, section 15.3.7.
const PARTIAL: u16 = 206;

/// A call that was let in.
#[derive(Serialize, Deserialize)]
pub struct Forward {
    /// `operationId`
    operation: String,
    /// Path and query below Canopy's base URL.
    path: String,
    /// Of the client's request, names and values.
    headers: Vec<(String, String)>,
    admitted: Admitted,
    /// Whether a pull's token that the answer brings may confirm a servicing action.
    confirms: bool,
    /// The request that asks.
    #[serde(default)]
    request_id: String,
}

/// Says by which request a kept answer was asked for first; for the edge itself.
pub const ASKED_BY: &str = "x-edge-asked-by";

/// What is sent.
pub enum Sent<'a> {
    /// Nothing.
    Nothing,
    /// Bytes that are here.
    Whole(&'a Bytes),
    /// A body of a known length, as it comes: one that breaks off ends short of it, and is no call.
    Streamed(ReadableStream),
}

impl Forward {
    pub fn new(
        operation: Operation,
        path: String,
        headers: Vec<(String, String)>,
        admitted: Admitted,
        confirms: bool,
        request_id: String,
    ) -> Self {
        let is_whole = proxy::is_looked_into(operation, &admitted);
        let mut headers = headers;
        headers
            .retain(|(name, _)| !is_whole || !PARTIAL_HEADERS.iter().any(|partial| partial.as_str() == name));
        let operation = operation.row().id.to_owned();
        Self { operation, path, headers, admitted, confirms, request_id }
    }

    /// What is asked. One that another version of the edge knows is none of this one's.
    pub fn operation(&self) -> Result<Operation, Problem> {
        let known = || Problem::new(Code::Internal, "expected an operation of this version: try again");
        Operation::of_id(&self.operation).ok_or_else(known)
    }

    /// Path and query below Canopy's base URL.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The pull whose token came alone.
    pub fn consumers_pull(&self) -> Option<&PullId> {
        self.admitted.pull_id.as_ref().filter(|_| self.admitted.scopes.is_none())
    }

    /// The request that asks.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// As it is asked for, with `body`.
    pub fn asked<'a>(&'a self, config: &'a Config, operation: Operation, body: &'a [u8]) -> Asked<'a> {
        let (team, path, pull_id) = (&config.team_id, self.path(), self.admitted.pull_id.as_ref());
        Asked { operation, team, path, pull_id, body }
    }

    /// Asks Canopy, and gives the answer as it crosses: streamed, or looked into and whole.
    pub async fn answer(&self, config: &Config, body: Sent<'_>) -> Result<Response, Problem> {
        let operation = self.operation()?;
        let response = self.send(config, operation, body).await?;
        proxy::check_answer(operation, response.status())
            .inspect_err(|_| canopy_client::discard(&response))?;
        if !proxy::is_looked_into(operation, &self.admitted) {
            return Ok(response);
        }
        if response.status() == PARTIAL {
            canopy_client::discard(&response);
            return Err(proxy::unanswered(operation, None));
        }
        let body = read(&response, operation, MAX_ANSWER_BYTES).await?;
        let key = &config.pull_token_key;
        let (now, nonce) = (platform::now().seconds(), platform::random);
        let body = proxy::crossing(operation, &self.admitted, self.confirms, body.to_vec(), key, now, nonce)?;
        let body = platform::to_js(&body);
        let response =
            platform::with_body(&response, &body).map_err(|_| proxy::unanswered(operation, None))?;
        for name in &BYTES_HEADERS {
            let _ = response.headers().delete(name.as_str());
        }
        Ok(response)
    }

    /// Sends a write once, and a GET again while Canopy is busy, within the bounds.
    async fn send(&self, config: &Config, operation: Operation, body: Sent<'_>) -> Result<Response, Problem> {
        let url = format!("{}{}", config.api_base_url, self.path);
        let mut headers = canopy_client::headers(config, &self.admitted.credentials);
        headers.extend(
            self.headers.iter().filter_map(|(name, value)| Some((name.parse().ok()?, header_value(value)?))),
        );
        let mut attempt = 1;
        loop {
            let answer = call(operation, &url, &headers, &body).await;
            let (response, reason) = match answer {
                Ok(response) => (Some(response), None),
                Err(reason) => (None, Some(reason)),
            };
            let wait = proxy::wait_before_next(
                operation,
                attempt,
                response.as_ref().map(Response::status),
                response
                    .as_ref()
                    .and_then(|response| response.headers().get("retry-after").ok().flatten())
                    .as_deref(),
                platform::now(),
                u32::from_ne_bytes(platform::random()),
            );
            match (wait, response, reason) {
                (None, Some(response), _) => return Ok(response),
                (None, None, reason) => return Err(proxy::unanswered(operation, reason)),
                (Some(wait), response, _) => {
                    response.iter().for_each(canopy_client::discard);
                    platform::sleep(wait).await;
                    attempt += 1;
                }
            }
        }
    }
}

async fn call(
    operation: Operation,
    url: &str,
    headers: &Headers,
    body: &Sent<'_>,
) -> Result<Response, Reason> {
    let row = operation.row();
    let method = row.method.as_str();
    let millis = if row.repeat == Repeat::Safe { READ_MILLIS } else { WRITE_MILLIS };
    match body {
        Sent::Nothing => platform::forwarded(method, url, headers, &JsValue::UNDEFINED, millis).await,
        Sent::Whole(bytes) => platform::forwarded(method, url, headers, bytes.as_ref(), millis).await,
        Sent::Streamed(stream) => {
            platform::forwarded(method, url, headers, stream.as_ref(), UPLOAD_MILLIS).await
        }
    }
}

/// The whole body of an answer, of at most `most` bytes. A longer one was not looked into, and a later one never came.
pub async fn read(response: &Response, operation: Operation, most: usize) -> Result<Uint8Array, Problem> {
    let body = platform::received(response.as_ref(), most, READ_MILLIS).await;
    body.map(|body| Uint8Array::new(body.as_ref()))
        .map_err(|reason| proxy::unanswered(operation, Some(reason)))
}
