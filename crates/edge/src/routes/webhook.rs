//! `POST /webhooks/canopy`: verified over the raw bytes, durable in the pull's object, then answered.
//!
//! The way of almost every request. Its two waits, for the body and for the object, are `index.mjs`'s; the two
//! functions here are what is decided before and after the second one.

use canopy::{
    problem::{Code, Problem},
    signature::{self, SigningSecrets},
    time::UnixMillis,
    webhook::{Envelope, Event, MAX_BODY_BYTES},
};
use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::Response;
use worker::Env;

use crate::{
    config,
    entry::{access_log::Trace, answer::respond},
    http::{Reply, check_encoding, internal},
    platform,
};

const ROUTE: &str = "/webhooks/canopy";

/// Largest body to read, in bytes.
#[wasm_bindgen]
pub fn webhook_limit() -> u32 {
    u32::try_from(MAX_BODY_BYTES).expect("the limit is a megabyte")
}

/// For a body whose hashes the platform computes faster: `[timestamp, secret, …]`, or `undefined` when the header
/// will be refused anyhow.
#[wasm_bindgen]
pub fn plan_hashes(env: Env, header: Option<String>, started: f64) -> Option<Vec<String>> {
    let config = config::required(&env).ok()?;
    let now = UnixMillis(started as i64).seconds();
    let (timestamp, secrets) =
        config.signing_secrets.to_mac(header.as_deref(), now, config.tolerance_seconds)?;
    let secrets = secrets.map(|secret| secret.expose().to_owned());
    Some(std::iter::once(timestamp.to_owned()).chain(secrets).collect())
}

/// Verifies and parses. Gives `[pull id, digest, event type, event]` for the pull's object and [`close_webhook`], or the
/// answer that refuses.
///
/// `body` is the whole one, `undefined` when it is too large, `null` when it broke off. `hashes` are the body's
/// SHA-256 and one MAC a secret, 32 bytes each in a row, where the platform computed them. Of a body so large the event goes
/// over as JSON, too, so that nobody looks through it again; it is `undefined` for others.
#[wasm_bindgen]
#[expect(clippy::too_many_arguments, reason = "all that is needed crosses once")]
pub fn open_webhook(
    env: Env,
    request_id: String,
    started: f64,
    method: String,
    header: Option<String>,
    encoding: Option<String>,
    body: JsValue,
    hashes: Option<Vec<u8>>,
) -> JsValue {
    let trace = Trace::new(request_id, method, UnixMillis(started as i64), ROUTE);
    let opened = check_encoding(encoding.as_deref())
        .and_then(|()| open(&env, &trace, header.as_deref(), &body, hashes.as_deref()));
    match opened {
        Ok(Opened { envelope, digest, event }) => {
            let (pull_id, event_type) = (envelope.pull_id.as_str().into(), envelope.event_type.into());
            Array::of4(&pull_id, &platform::to_js(&digest), &event_type, &event.into()).into()
        }
        Err(problem) => respond(&trace, Err(problem), Vec::new()).into(),
    }
}

/// A webhook that Canopy has sent.
struct Opened {
    envelope: Envelope,
    digest: [u8; 32],
    /// As JSON.
    event: Option<String>,
}

fn open(
    env: &Env,
    trace: &Trace,
    header: Option<&str>,
    body: &JsValue,
    hashes: Option<&[u8]>,
) -> Result<Opened, Problem> {
    let config = config::required(env)?;
    if trace.method != "POST" {
        return Err(Problem::method_not_allowed(&["POST"]));
    }
    if body.is_undefined() {
        let detail = format!("expected a body of at most {MAX_BODY_BYTES} bytes");
        return Err(Problem::new(Code::BodyTooLarge, detail));
    }
    if body.is_null() {
        return Err(Problem::new(Code::BodyMalformed, "expected a whole body: the connection broke"));
    }
    let body = platform::from_js(body);
    let (now, tolerance) = (trace.started.seconds(), config.tolerance_seconds);
    if let Some((digest, macs)) = hashes.and_then(|hashes| hashes.as_chunks::<32>().0.split_first()) {
        SigningSecrets::verify_macs(header, macs, now, tolerance)?;
        let event = Event::parse(&body)?;
        let text = serde_json::to_string(&event).expect("an event is plain data");
        return Ok(Opened { envelope: event.into(), digest: *digest, event: Some(text) });
    }
    config.signing_secrets.verify(header, &body, now, tolerance)?;
    Ok(Opened { envelope: Envelope::parse(&body)?, digest: signature::digest(&body), event: None })
}

/// Answers a webhook that its pull's object has taken: `outcome` is what the object gave, or what it threw.
#[wasm_bindgen]
pub fn close_webhook(
    request_id: String,
    started: f64,
    pull_id: String,
    event_type: String,
    outcome: JsValue,
) -> Response {
    let mut trace = Trace::new(request_id, "POST".to_owned(), UnixMillis(started as i64), ROUTE);
    trace.pull_id = Some(pull_id);
    trace.event_type = Some(event_type);
    trace.outcome = outcome.as_string();
    let result = match &trace.outcome {
        Some(_) => Ok(Reply::json_text(200, r#"{"received":true}"#)),
        None => Err(internal("storing the webhook")(outcome.into())),
    };
    respond(&trace, result, Vec::new())
}
