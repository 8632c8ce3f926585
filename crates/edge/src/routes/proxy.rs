//! Canopy's own API below `/canopy/api/v1.0.0`, with the edge's credentials.

use canopy::{
    api::Credentials,
    config::Config,
    contract::{Method, Operation, Repeat},
    problem::{Code, Problem},
    proxy::{self, MAX_BODY_BYTES, REQUEST_HEADERS},
    retry::Reason,
};
use web_sys::Response;

use crate::{
    canopy_client,
    entry::access_log::Trace,
    http::{Headers, Incoming, Reply, header_value},
    platform::{self, Bytes},
};

/// Passes one call on, if it is one of the operations that are served.
pub async fn answer(
    incoming: &Incoming,
    config: &Config,
    path: &str,
    trace: &mut Trace,
) -> Result<Reply, Problem> {
    let forward = proxy::forward(&incoming.method, path, incoming.query(), &config.team_id)?;
    let row = forward.operation.row();
    trace.route = row.id;
    let body = match row.method {
        Method::Get => None,
        _ => Some(incoming.raw_body(MAX_BODY_BYTES).await?),
    };
    let mut headers = canopy_client::headers(config, &Credentials::Client);
    headers.extend(REQUEST_HEADERS.iter().filter_map(|name| {
        let value = incoming.header(name.as_str())?;
        Some((name.clone(), header_value(&value)?))
    }));
    let url = format!("{}{}", config.api_base_url, forward.path);
    let response = send(forward.operation, &url, headers, body.as_ref()).await?;
    proxy::check_answer(response.status()).inspect_err(|_| discard(&response))?;
    Ok(Reply::Relayed(response))
}

/// Ends an answer that nobody reads.
fn discard(response: &Response) {
    if let Some(body) = response.body() {
        let _ = body.cancel();
    }
}

/// Sends a write once, and a GET again while Canopy is busy, within the bounds.
async fn send(
    operation: Operation,
    url: &str,
    headers: Headers,
    body: Option<&Bytes>,
) -> Result<Response, Problem> {
    let row = operation.row();
    let mut attempt = 1;
    loop {
        let millis =
            if row.repeat == Repeat::Safe { canopy_client::READ_MILLIS } else { canopy_client::WRITE_MILLIS };
        let answer = platform::forwarded(row.method.as_str(), url, &headers, body, millis).await;
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
            (None, None, reason) => return Err(unanswered(row.repeat, reason)),
            (Some(wait), response, _) => {
                response.iter().for_each(discard);
                platform::sleep(wait).await;
                attempt += 1;
            }
        }
    }
}

fn unanswered(repeat: Repeat, reason: Option<Reason>) -> Problem {
    let code = if reason == Some(Reason::TimedOut) { Code::CanopyTimedOut } else { Code::CanopyFailed };
    let detail = if repeat == Repeat::Safe {
        "Canopy did not answer: try again"
    } else {
        "Canopy did not answer: what was asked may have taken effect, look before asking again"
    };
    Problem::new(code, detail)
}
