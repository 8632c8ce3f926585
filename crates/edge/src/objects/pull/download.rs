//! Bodies from Canopy on their way into storage: followed, judged, and held in the room that there is.

use canopy::{
    api::Call,
    config::Config,
    id::{DocumentId, PullId},
    pull::{
        DocumentForm, HEAD_BYTES, MAX_DOCUMENT_BYTES, MAX_REDIRECTS, MAX_SNAPSHOT_BYTES, is_redirect, judge,
        signed_url,
    },
    retry::{Failure, Reason},
    room::of_stream,
    seal::stream::CHUNK_BYTES,
};
use js_sys::Uint8Array;
use web_sys::Response;

use crate::{
    canopy_client,
    platform::{self, Thrown, stream::Chunks},
    room::Reservation,
};

/// Why there is no body.
pub enum Miss {
    /// The attempt failed.
    Failed(Failure),
    /// Others hold the room: it was not attempted.
    NoRoom,
}

impl From<Failure> for Miss {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Reads the pull; its room is let go of with the second.
pub async fn pull(config: &Config, pull: &PullId) -> Result<(Vec<u8>, Reservation), Miss> {
    let call = Call::pull(&config.team_id, pull, config.property_data);
    let reservation = Reservation::new();
    let url = format!("{}{}", config.api_base_url, call.path);
    let headers = canopy_client::headers(config, &call.credentials);
    let hold = reservation.asked_from_javascript();
    let millis = canopy_client::READ_MILLIS;
    let answer =
        canopy_client::carry("GET", &url, headers, None, millis, MAX_SNAPSHOT_BYTES, hold.as_ref()).await?;
    let answer = answer.ok_or_else(|| match reservation.was_refused() {
        true => Miss::NoRoom,
        false => failed(Reason::TooLarge),
    })?;
    if answer.status != 200 {
        return Err(answer.failure().into());
    }
    Ok((platform::moved(&answer.body), reservation))
}

/// A document that is coming, its type known by its first bytes.
pub struct Download {
    /// What it is.
    pub content_type: String,
    /// How many bytes it will have, where its answer says so.
    pub length: Option<u64>,
    body: Body,
    first: Option<Uint8Array>,
}

impl Download {
    /// The next chunk of at most [`CHUNK_BYTES`], of fewer at the end; `None` after it. Good until the next is asked for.
    pub async fn next(&mut self) -> Result<Option<Uint8Array>, Miss> {
        match self.first.take() {
            Some(first) => Ok(Some(first)),
            None => self.body.next().await,
        }
    }
}

/// Downloads in the form whose turn it is after `failed` attempts. Where its answer is no document, the other form is
/// asked for at once: a wait would not make it one.
pub async fn document(
    config: &Config,
    pull: &PullId,
    id: &DocumentId,
    declared: Option<&str>,
    failed: u32,
) -> Result<Download, Miss> {
    let form = DocumentForm::after(failed);
    let wrong = match in_form(config, pull, id, declared, form).await {
        Err(Miss::Failed(failure)) if failure.reason == Reason::Malformed => failure,
        done => return done,
    };
    match in_form(config, pull, id, declared, form.other()).await {
        Err(Miss::Failed(_)) => Err(wrong.into()),
        done => done,
    }
}

async fn in_form(
    config: &Config,
    pull: &PullId,
    id: &DocumentId,
    declared: Option<&str>,
    form: DocumentForm,
) -> Result<Download, Miss> {
    let call = Call::document(&config.team_id, pull, id, form);
    let answer = follow(config, &call).await?;
    if answer.status() != 200 {
        canopy_client::discard(&answer);
        return Err(canopy_client::failure_of(&answer).into());
    }
    let content_type = canopy_client::header(&answer, "content-type");
    let mut body = Body::of(&answer)?;
    let first = body.next().await?.ok_or_else(|| failed(Reason::Malformed))?;
    let head = first.subarray(0, HEAD_BYTES as u32).to_vec();
    let content_type = judge(declared, content_type.as_deref(), &head);
    let content_type = content_type.ok_or_else(|| failed(Reason::Malformed))?;
    Ok(Download { content_type, length: body.length, body, first: Some(first) })
}

/// Follows redirects, with credentials for the API's own answer alone.
async fn follow(config: &Config, call: &Call) -> Result<Response, Miss> {
    let mut url = format!("{}{}", config.api_base_url, call.path);
    let mut headers = canopy_client::headers(config, &call.credentials);
    for _ in 0..=MAX_REDIRECTS {
        let answer =
            canopy_client::ask(&url, std::mem::take(&mut headers), canopy_client::READ_MILLIS).await?;
        if !is_redirect(answer.status()) {
            return Ok(answer);
        }
        canopy_client::discard(&answer);
        let location = canopy_client::header(&answer, "location");
        let next = location.and_then(|location| signed_url(&location, &url, &config.api_base_url));
        url = next.ok_or_else(|| failed(Reason::Malformed))?;
    }
    Err(failed(Reason::Malformed))
}

/// An answer's body, in chunks, for which there is room.
struct Body {
    chunks: Chunks,
    length: Option<u64>,
    read: usize,
    room: Reservation,
}

impl Body {
    fn of(answer: &Response) -> Result<Self, Miss> {
        let room = Reservation::new();
        let length = canopy_client::length(answer);
        let admitted = match length {
            Some(length) if length > MAX_DOCUMENT_BYTES as u64 => Err(failed(Reason::TooLarge)),
            Some(length) if !room.hold(of_stream(length as usize)) => Err(Miss::NoRoom),
            _ => Ok(()),
        };
        admitted.inspect_err(|_| canopy_client::discard(answer))?;
        let most = length.map_or(CHUNK_BYTES, |length| CHUNK_BYTES.min(length as usize));
        let chunks = Chunks::of(&answer.body().into(), most).map_err(|_| failed(Reason::Malformed))?;
        Ok(Self { chunks, length, read: 0, room })
    }

    async fn next(&mut self) -> Result<Option<Uint8Array>, Miss> {
        // Of one whose length nobody knows more is to come than there was so far.
        if self.length.is_none() && !self.room.hold(of_stream(self.read + 1)) {
            return Err(Miss::NoRoom);
        }
        let most = self.length.map_or(CHUNK_BYTES, |length| CHUNK_BYTES.min(length as usize));
        let chunk = self.chunks.next(most).await.map_err(broken)?;
        self.read += chunk.length() as usize;
        if self.read > MAX_DOCUMENT_BYTES {
            return Err(failed(Reason::TooLarge));
        }
        Ok((chunk.length() > 0).then_some(chunk))
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        self.chunks.cancel();
    }
}

fn broken(thrown: Thrown) -> Miss {
    failed(if thrown.is_timeout() { Reason::TimedOut } else { Reason::Malformed })
}

fn failed(reason: Reason) -> Miss {
    Failure::without_status(reason, platform::now()).into()
}
