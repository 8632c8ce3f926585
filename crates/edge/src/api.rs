//! The back office's own API below `/api/v1/`.

use canopy::{
    id::{DocumentId, PullId},
    problem::{Code, Problem},
    pull::{disposition, served_type},
    routes::{Endpoint, Found},
};
use serde_json::{Value, json};
use wasm_bindgen::JsValue;

use crate::{
    config, copies,
    gateway::Trace,
    http::{Incoming, Reply, internal},
    platform::{self, BucketObject, PullStub},
    pull::document_key,
    room::Reservation,
};

const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 100;

/// Longest cursor taken: the store's own are far shorter.
const MAX_CURSOR_LENGTH: usize = 4096;

/// Answers a route of the back office.
pub async fn answer(
    incoming: &Incoming,
    endpoint: Endpoint,
    found: &Found<'_>,
    trace: &mut Trace,
) -> Result<Reply, Problem> {
    if endpoint == Endpoint::Pulls {
        return list(incoming).await;
    }
    let id = PullId::parse(found.segment("pull_id"));
    let id = id.map_err(|error| Problem::new(Code::InputInvalid, error.to_string()))?;
    trace.pull_id = Some(id.to_string());
    let stub = platform::pull_stub(&incoming.env, id.as_str()).map_err(internal("reaching the pull"))?;
    match endpoint {
        Endpoint::Events => events(incoming, &stub).await,
        Endpoint::Snapshot => snapshot(&stub, found.segment("version")).await,
        Endpoint::Document => document(incoming, &stub, &id, found.segment("document_id")).await,
        Endpoint::Retry => retry(&stub).await,
        _ => pull(incoming, &stub, &id).await,
    }
}

fn unknown_pull() -> Problem {
    Problem::new(Code::NotFound, "expected a pull that a webhook has told of")
}

/// A parameter that is a whole number.
fn number(
    incoming: &Incoming,
    name: &str,
    default: i64,
    range: std::ops::RangeInclusive<i64>,
) -> Result<i64, Problem> {
    let Some(text) = incoming.parameter(name) else { return Ok(default) };
    text.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
        let (least, most) = (range.start(), range.end());
        Problem::new(Code::InputInvalid, format!("{name}: expected a whole number from {least} to {most}"))
    })
}

fn limit(incoming: &Incoming) -> Result<u32, Problem> {
    let limit = number(incoming, "limit", DEFAULT_LIMIT.into(), 1..=MAX_LIMIT.into())?;
    Ok(u32::try_from(limit).unwrap_or(DEFAULT_LIMIT))
}

async fn list(incoming: &Incoming) -> Result<Reply, Problem> {
    let cursor = incoming.parameter("cursor");
    let not_a_cursor = || Problem::new(Code::InputInvalid, "cursor: expected the cursor of the page before");
    let is_cursor = |cursor: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_=.~:".contains(&byte);
        cursor.len() <= MAX_CURSOR_LENGTH && cursor.bytes().all(allowed)
    };
    if !cursor.as_deref().is_none_or(is_cursor) {
        return Err(not_a_cursor());
    }
    let (status, limit) = (incoming.parameter("status"), u64::from(limit(incoming)?));
    let is_first = cursor.is_none();
    let page = copies::list(&incoming.env, status.as_deref(), limit, cursor).await;
    let (pulls, cursor) = page.map_err(|()| match is_first {
        true => Problem::new(Code::Internal, "reading the list failed: try again"),
        // The store says no more of a cursor that it did not give.
        false => not_a_cursor(),
    })?;
    Ok(Reply::json(200, &json!({ "pulls": pulls, "cursor": cursor })))
}

/// The newest from the object; with `?read=copy` the copy in KV, which lags by about a second.
async fn pull(incoming: &Incoming, stub: &PullStub, id: &PullId) -> Result<Reply, Problem> {
    let document = match incoming.parameter("read").as_deref() {
        None | Some("newest") => stub.read().await.map_err(internal("reading the pull"))?.as_string(),
        Some("copy") => {
            let copy = copies::read(&incoming.env, id.as_str()).await;
            copy.map_err(|()| Problem::new(Code::Internal, "reading the copy failed: try again"))?
        }
        Some(_) => return Err(Problem::new(Code::InputInvalid, "read: expected newest or copy")),
    };
    document.map(|document| Reply::json_text(200, &document)).ok_or_else(unknown_pull)
}

async fn events(incoming: &Incoming, stub: &PullStub) -> Result<Reply, Problem> {
    let after = number(incoming, "after", 0, 0..=i64::from(u32::MAX))?;
    let page = stub.events(after as f64, limit(incoming)?).await.map_err(internal("reading the log"))?;
    page.as_string().map(|page| Reply::json_text(200, &page)).ok_or_else(unknown_pull)
}

async fn snapshot(stub: &PullStub, version: &str) -> Result<Reply, Problem> {
    let number = match version {
        "latest" => Some(0),
        version => version.parse::<u32>().ok().filter(|number| *number > 0),
    };
    let number = number.ok_or_else(|| Problem::new(Code::InputInvalid, "expected a version or latest"))?;
    let failed = internal("reading the snapshot");
    let found = stub.snapshot(number.into()).await.map_err(&failed)?;
    if found.is_undefined() {
        return Err(Problem::new(Code::NotFound, "expected a version that was fetched"));
    }
    let body = platform::of_length(&found).map_err(&failed)?;
    Ok(Reply::with_type(200, "application/json", body))
}

async fn document(incoming: &Incoming, stub: &PullStub, pull: &PullId, id: &str) -> Result<Reply, Problem> {
    let id = DocumentId::parse(id).map_err(|error| Problem::new(Code::InputInvalid, error.to_string()))?;
    let missing = || Problem::new(Code::NotFound, "expected a document that is stored");
    let known = stub.document(id.as_str()).await.map_err(internal("reading the document"))?;
    let known: Value =
        known.as_string().and_then(|text| serde_json::from_str(&text).ok()).ok_or_else(missing)?;
    let key = document_key(pull.as_str(), id.as_str());
    let failed = internal("reading the document");
    let object = copies::document(&incoming.env, &key).await.map_err(&failed)?.ok_or_else(missing)?;
    let body = if known["sealed"] == true { opened(incoming, &object, &key).await? } else { object.body() };
    let content_type = served_type(known["content_type"].as_str());
    let name = disposition(known["title"].as_str(), &id, &content_type);
    Ok(Reply::with_type(200, &content_type, body).with_header("content-disposition", &name))
}

/// What is sealed is opened whole, or its tag is worth nothing: in room of its own.
async fn opened(incoming: &Incoming, object: &BucketObject, key: &str) -> Result<JsValue, Problem> {
    let _room = Reservation::wait(object.size() as usize).await.ok_or_else(|| {
        Problem::new(Code::TooManyRequests, "other large documents are under way: try again in a moment")
    })?;
    let bytes = object.array_buffer().await.map_err(internal("reading the document"))?;
    let mut bytes = platform::from_js(&bytes);
    let plain = config::required(&incoming.env)?.keys.read(&mut bytes, true, key).map(platform::to_js);
    plain.map_err(|error| Problem::new(Code::Internal, error.to_string()))
}

async fn retry(stub: &PullStub) -> Result<Reply, Problem> {
    let count = stub.retry(platform::now().0 as f64).await.map_err(internal("retrying"))?;
    let count = count.as_f64().ok_or_else(unknown_pull)?;
    Ok(Reply::json(202, &json!({ "retried": count as u64 })))
}
