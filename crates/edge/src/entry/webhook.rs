//! The way of almost every request: what `index.mjs` calls before and after its two waits, for a webhook's body and for
//! the pull's object.

use canopy::{time::UnixMillis, webhook::MAX_BODY_BYTES};
use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::Response;
use worker::Env;

use super::{access_log::Trace, answer::respond};
use crate::{
    http::{Reply, internal},
    platform,
    routes::webhook::{self, Body, Incoming, Opened},
};

/// Largest body to read, in bytes.
#[wasm_bindgen]
pub fn webhook_limit() -> u32 {
    u32::try_from(MAX_BODY_BYTES).expect("the limit is a megabyte")
}

/// For a body whose hashes the platform computes faster: `[timestamp, secret, …]`, or `undefined` when the header
/// will be refused anyhow.
#[wasm_bindgen]
pub fn plan_hashes(env: Env, signature: Option<String>, started: f64) -> Option<Vec<String>> {
    webhook::to_mac(&env, signature.as_deref(), UnixMillis(started as i64))
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
    signature: Option<String>,
    encoding: Option<String>,
    body: JsValue,
    hashes: Option<Vec<u8>>,
) -> JsValue {
    let started = UnixMillis(started as i64);
    let opened = webhook::open(
        &env,
        Incoming {
            method: &method,
            started,
            signature: signature.as_deref(),
            encoding: encoding.as_deref(),
            body: if body.is_undefined() {
                Body::TooLarge
            } else if body.is_null() {
                Body::Broken
            } else {
                Body::Whole(platform::from_js(&body))
            },
            hashes: hashes.as_deref(),
        },
    );
    match opened {
        Ok(Opened { envelope, digest, event }) => {
            let (pull_id, event_type) = (envelope.pull_id.as_str().into(), envelope.event_type.into());
            Array::of4(&pull_id, &platform::to_js(&digest), &event_type, &event.into()).into()
        }
        Err(problem) => {
            let trace = Trace::new(request_id, method, started, webhook::ROUTE);
            respond(&trace, Err(problem), Vec::new()).into()
        }
    }
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
    let started = UnixMillis(started as i64);
    let mut trace = Trace::new(request_id, "POST".to_owned(), started, webhook::ROUTE);
    trace.pull_id = Some(pull_id);
    trace.event_type = Some(event_type);
    trace.outcome = outcome.as_string();
    let result = match &trace.outcome {
        Some(_) => Ok(Reply::json_text(200, r#"{"received":true}"#)),
        None => Err(internal("storing the webhook")(outcome.into())),
    };
    respond(&trace, result, Vec::new())
}
