//! The calls that the sandbox makes itself: webhooks to their receivers, and to the edge's clock.

use std::time::Duration;

use futures_util::future::{Either, select};
use wasm_bindgen::JsValue;
use worker::{
    AbortController, AbortSignal, Delay, Error, Fetch, Headers, Method, Request, RequestInit, Result,
};

use crate::{
    delivery::{self, Outgoing},
    edge::{self, EdgeClock, TOLD},
    message::Message,
};

/// Sends a webhook; the status answered within Canopy's limit, or why there is none.
pub(crate) async fn deliver(outgoing: &Outgoing) -> std::result::Result<u16, String> {
    within(delivery::ANSWER_WITHIN_MS, |signal| send(outgoing, signal)).await
}

/// The edge's clock as it answers to `message`, or why it does not.
pub(crate) async fn tell(message: &Message) -> std::result::Result<EdgeClock, String> {
    within(edge::ANSWER_WITHIN_MS, |signal| clock(message, signal)).await
}

async fn within<T, F: Future<Output = Result<T>>>(
    limit_ms: u64,
    call: impl FnOnce(AbortSignal) -> F,
) -> std::result::Result<T, String> {
    let abort = AbortController::default();
    let answered = std::pin::pin!(call(abort.signal()));
    let limit = std::pin::pin!(Delay::from(Duration::from_millis(limit_ms)));
    match select(answered, limit).await {
        Either::Left((result, _)) => result.map_err(|error| error.to_string()),
        Either::Right(_) => {
            abort.abort();
            Err(format!("no answer within {} s", limit_ms / 1000))
        }
    }
}

async fn send(outgoing: &Outgoing, signal: AbortSignal) -> Result<u16> {
    let headers = Headers::new();
    for (name, value) in &outgoing.headers {
        headers.set(name, value)?;
    }
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_headers(headers).with_body(Some(JsValue::from_str(&outgoing.body)));
    init.redirect = worker::RequestRedirect::Manual;
    let request = Request::new_with_init(&outgoing.url, &init)?;
    let mut response = Fetch::Request(request).send_with_signal(&signal).await?;
    let status = response.status_code();
    // Read to the end, so that the connection can be used again.
    let _ = response.bytes().await;
    Ok(status)
}

async fn clock(message: &Message, signal: AbortSignal) -> Result<EdgeClock> {
    let headers = Headers::new();
    headers.set(TOLD.0, TOLD.1)?;
    if let Some(token) = &message.token {
        headers.set("authorization", &format!("Bearer {}", token.expose()))?;
    }
    let mut init = RequestInit::new();
    if let Some(body) = &message.body {
        headers.set("content-type", "application/json")?;
        init.with_method(Method::Post).with_body(Some(JsValue::from_str(&body.to_string())));
    }
    init.with_headers(headers);
    init.redirect = worker::RequestRedirect::Manual;
    let request = Request::new_with_init(&message.url, &init)?;
    let mut response = Fetch::Request(request).send_with_signal(&signal).await?;
    let (status, answer) = (response.status_code(), response.text().await?);
    if status != 200 {
        return Err(Error::RustError(format!("{status} {answer}")));
    }
    Ok(serde_json::from_str(&answer)?)
}
