//! Canopy's own API below `/canopy/api/v1.0.0`, with the edge's credentials.

use canopy::{
    config::Config,
    contract::{Body, Method, Operation, Repeat, Row},
    problem::{Code, Problem},
    proxy::{
        self, Admitted, Asking, MAX_BODY_BYTES, MAX_UPLOAD_BYTES, REQUEST_HEADERS, Target, idempotency,
        outcome,
    },
    security::audit::is_audited,
};
use http::{HeaderName, HeaderValue};
use web_sys::Response;

use super::{
    audit::{asked, audited},
    authority,
    touch::leave,
};
use crate::{
    entry::access_log::Trace,
    forward::{Forward, Sent},
    http::{Headers, Incoming, Reply, check_encoding, internal},
    objects::calls::IdempotencyClient,
    platform::{self, Bytes},
};

/// Largest upload that is read whole, in bytes: one that is made once by a key, or does not say how long it is.
const MAX_WHOLE_UPLOAD_BYTES: usize = 8 * 1024 * 1024;

/// Passes one call on.
pub async fn answer(
    incoming: &Incoming,
    config: &Config,
    path: &str,
    trace: &mut Trace,
) -> Result<Reply, Problem> {
    let target = Target::of(&incoming.method, path)?;
    let row = target.operation.row();
    trace.route = row.id;
    let admitted = admit(incoming, config, &target)?;
    trace.caller = Some(admitted.caller.clone());
    trace.pull_id = admitted.pull_id.as_ref().map(ToString::to_string);
    let path = target.path(incoming.query(), &config.team_id)?;
    check_encoding(incoming.header("content-encoding").as_deref())?;
    let key = incoming.header(idempotency::HEADER).filter(|_| row.repeat == Repeat::Once);
    let key = key.as_deref().map(idempotency::read_key).transpose()?;
    let body = body(incoming, row, key.is_some()).await?;
    let looked_into = body.as_ref().filter(|_| proxy::looks_into_body(target.operation));
    let text = looked_into.map(Bytes::to_vec).unwrap_or_default();
    let said = proxy::read_body(target.operation, &admitted, &text)?;
    if let Some(pull_id) = said.pull_id {
        trace.pull_id = Some(pull_id.to_string());
    }
    let headers = REQUEST_HEADERS.iter().filter_map(|name| {
        let value = proxy::crossing_header(name, incoming.header(name.as_str())?, row.body);
        Some((name.as_str().to_owned(), value))
    });
    let forward = Forward::new(
        target.operation,
        path,
        headers.collect(),
        admitted,
        said.confirms,
        trace.request_id.clone(),
    );
    let trace = &*trace;
    let answers = said.servicing_action_id;
    let ask = async {
        let (response, own) = match key {
            Some(key) => {
                let answer = once(incoming, config, trace, &forward, target.operation, key, body.as_ref());
                let answer = answer.await?;
                let own = found(&answer);
                (answer, own)
            }
            None => (forward.answer(config, sent(incoming, row, body.as_ref())).await?, Vec::new()),
        };
        leave(incoming, config, trace, &target, answers, &response).await;
        Ok(Reply::Relayed(response, own))
    };
    if is_audited(target.operation) { audited(incoming, &asked(trace), ask).await } else { ask.await }
}

/// Says of an answer that it was put together from what was found.
fn found(answer: &Response) -> Headers {
    let (name, value) = outcome::HEADER;
    let is_found = answer.headers().get(name).is_ok_and(|said| said.as_deref() == Some(value));
    let header = (HeaderName::from_static(name), HeaderValue::from_static(value));
    is_found.then_some(header).into_iter().collect()
}

/// What goes to Canopy: the body that was read, or the request's own.
fn sent<'b>(incoming: &Incoming, row: &Row, body: Option<&'b Bytes>) -> Sent<'b> {
    match body {
        Some(body) => Sent::Whole(body),
        None if row.method == Method::Get => Sent::Nothing,
        None => incoming.request.body().map_or(Sent::Nothing, Sent::Streamed),
    }
}

/// The answer of the call that the caller's `key` stands for, which is made if it was not.
async fn once(
    incoming: &Incoming,
    config: &Config,
    trace: &Trace,
    forward: &Forward,
    operation: Operation,
    key: &str,
    body: Option<&Bytes>,
) -> Result<Response, Problem> {
    let sent = match body {
        // Its boundary is another each time that it is made.
        Some(body) if operation.row().body == Body::Multipart => {
            let media = incoming.header("content-type").unwrap_or_default();
            platform::form_digest(body, &media).await.unwrap_or_else(|_| body.to_vec())
        }
        body => body.map(Bytes::to_vec).unwrap_or_default(),
    };
    let path = format!("{} {}", trace.pull_id.as_deref().unwrap_or_default(), forward.path());
    let fingerprint = idempotency::fingerprint(&config.session_key, operation, &path, &sent);
    let lost = |thrown| {
        internal("reaching the call's object")(thrown);
        proxy::unanswered(operation, None)
    };
    let caller = trace.caller.as_deref().unwrap_or_default();
    let name = idempotency::object_name(caller, forward.consumers_pull(), key);
    let client = IdempotencyClient::of(&incoming.env, &name).map_err(lost)?;
    client.answer(forward, &fingerprint, body).await.map_err(lost)?
}

fn admit(incoming: &Incoming, config: &Config, target: &Target<'_>) -> Result<Admitted, Problem> {
    let brought = authority::brought(incoming);
    let pull_jwt = incoming.header("pull-jwt");
    let asking = Asking {
        token: brought.iter().find_map(|token| config.token(token)),
        brings_token: !brought.is_empty(),
        pull_jwt: pull_jwt.as_deref(),
    };
    let now = platform::now().seconds();
    proxy::admit(target.operation, target.pull_id(), asking, &config.pull_token_key, now)
}

/// The body, read whole; `None` for one that there is none of, or that goes as it comes: an upload that says how long it
/// is. One that does not could break off unseen.
async fn body(incoming: &Incoming, row: &Row, is_keyed: bool) -> Result<Option<Bytes>, Problem> {
    if row.method == Method::Get {
        return Ok(None);
    }
    if row.body != Body::Multipart {
        return incoming.raw_body(MAX_BODY_BYTES).await.map(Some);
    }
    let length = incoming.header("content-length").and_then(|length| length.parse::<usize>().ok());
    match length {
        Some(length) if length > MAX_UPLOAD_BYTES => {
            let detail = format!("expected a body of at most {MAX_UPLOAD_BYTES} bytes");
            Err(Problem::new(Code::BodyTooLarge, detail))
        }
        Some(_) if !is_keyed => Ok(None),
        _ => incoming.raw_body(MAX_WHOLE_UPLOAD_BYTES).await.map(Some),
    }
}
