//! A stored document, read out chunk by chunk.

use canopy::{
    id::{DocumentId, PullId},
    problem::{Code, Problem},
    pull::{disposition, served_type},
};
use http::{
    HeaderValue,
    header::{CONTENT_DISPOSITION, CONTENT_LENGTH},
};
use js_sys::Uint8Array;
use wasm_bindgen_futures::spawn_local;
use web_sys::ReadableStream;

use crate::{
    config,
    http::{Body, Incoming, Reply, header_value, internal},
    objects::calls::PullClient,
    platform::{BucketObject, stream::Pipe},
    stores::r2::{self, ReadError, Reading},
};

const READING: &str = "reading the document";

/// `GET /api/v1/pulls/{pull_id}/documents/{document_id}`
pub async fn document(
    incoming: &Incoming,
    client: &PullClient,
    pull: &PullId,
    id: &str,
) -> Result<Reply, Problem> {
    let id = DocumentId::parse(id).map_err(|error| Problem::new(Code::InputInvalid, error.to_string()))?;
    let missing = || Problem::new(Code::NotFound, "expected a document that is stored");
    let failed = internal(READING);
    let known = client.document(&id).await.map_err(&failed)?.ok_or_else(missing)?;
    let key = r2::document_key(pull.as_str(), id.as_str());
    let object = r2::document(&incoming.env, &key).await.map_err(&failed)?.ok_or_else(missing)?;
    let content_type = served_type(known.content_type.as_deref());
    let name = disposition(known.title.as_deref(), &id, &content_type);
    let (Some(content_type), Some(name)) = (header_value(&content_type), header_value(&name)) else {
        return Err(Problem::new(Code::Internal, "expected a document's type and name as headers take them"));
    };
    let reply = |body| Reply::with_type(200, content_type, body).with_header(CONTENT_DISPOSITION, name);
    if incoming.method == "HEAD" {
        // A stream tells nobody its length but whoever reads it.
        let size = HeaderValue::from(known.size.unwrap_or_default());
        return Ok(reply(Body::Empty).with_header(CONTENT_LENGTH, size));
    }
    let stream = opened(incoming, &object, &key, known.is_sealed_as(object.size())).await?;
    Ok(reply(Body::Stream(stream)))
}

/// Opened as it is read. What is wrong with its beginning is answered; what is wrong later breaks it off.
async fn opened(
    incoming: &Incoming,
    object: &BucketObject,
    key: &str,
    is_sealed: bool,
) -> Result<ReadableStream, Problem> {
    let keys = &config::required(&incoming.env)?.keys;
    let mut reading = Reading::of(object, keys, key, is_sealed).await.map_err(problem)?;
    let first = reading.next().await.map_err(problem)?;
    let pipe = Pipe::of(Some(reading.size)).map_err(internal(READING))?;
    let stream = pipe.readable();
    spawn_local(async move {
        if let Err(error) = pass(&pipe, first, reading).await {
            pipe.abort("the document broke off");
            problem(error);
        }
    });
    Ok(stream)
}

/// Passes on what is read, until its reader goes away.
async fn pass(pipe: &Pipe, first: Option<Uint8Array>, mut reading: Reading) -> Result<(), ReadError> {
    let mut next = first;
    while let Some(chunk) = next {
        if pipe.write(&chunk).await.is_err() {
            return Ok(());
        }
        next = reading.next().await?;
    }
    let _ = pipe.end().await;
    Ok(())
}

/// Why a document is not read, for who asked; in the log, too, where it is a fault of ours.
fn problem(error: ReadError) -> Problem {
    match error {
        ReadError::NoRoom => {
            Problem::new(Code::TooManyRequests, "other large documents are under way: try again in a moment")
        }
        ReadError::Storage(thrown) => internal(READING)(thrown),
        ReadError::Sealed(error) => Problem::new(Code::Internal, error.to_string()),
    }
}
