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
};
use js_sys::Uint8Array;

use crate::{
    canopy_client::{self, Carried},
    http::Headers,
    platform,
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

/// A document, held.
pub struct Download {
    /// In JavaScript's memory.
    pub bytes: Uint8Array,
    /// What it is.
    pub content_type: String,
    /// Its room.
    pub reservation: Reservation,
}

/// Reads the pull; its room is let go of with the second.
pub async fn pull(config: &Config, pull: &PullId) -> Result<(Vec<u8>, Reservation), Miss> {
    let call = Call::pull(&config.team_id, pull, config.property_data);
    let reservation = Reservation::new();
    let url = format!("{}{}", config.api_base_url, call.path);
    let headers = canopy_client::headers(config, &call.credentials);
    let answer = read(&url, headers, MAX_SNAPSHOT_BYTES, &reservation).await?;
    if answer.status != 200 {
        return Err(answer.failure().into());
    }
    Ok((platform::moved(&answer.body), reservation))
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
    let reservation = Reservation::new();
    let answer = follow(config, &call, &reservation).await?;
    if answer.status != 200 {
        return Err(answer.failure().into());
    }
    let head = answer.body.subarray(0, HEAD_BYTES as u32).to_vec();
    let content_type = judge(declared, answer.content_type.as_deref(), &head).ok_or_else(malformed)?;
    Ok(Download { bytes: answer.body, content_type, reservation })
}

fn malformed() -> Failure {
    Failure::without_status(Reason::Malformed, platform::now())
}

/// Follows redirects, with credentials for the API's own answer alone.
async fn follow(config: &Config, call: &Call, reservation: &Reservation) -> Result<Carried, Miss> {
    let mut url = format!("{}{}", config.api_base_url, call.path);
    let mut headers = canopy_client::headers(config, &call.credentials);
    for _ in 0..=MAX_REDIRECTS {
        let answer = read(&url, std::mem::take(&mut headers), MAX_DOCUMENT_BYTES, reservation).await?;
        if !is_redirect(answer.status) {
            return Ok(answer);
        }
        let location = answer.location.as_deref();
        let next = location.and_then(|location| signed_url(location, &url, &config.api_base_url));
        url = next.ok_or_else(malformed)?;
    }
    Err(malformed().into())
}

async fn read(url: &str, headers: Headers, most: usize, reservation: &Reservation) -> Result<Carried, Miss> {
    let hold = reservation.asked_from_javascript();
    let millis = canopy_client::READ_MILLIS;
    let answer = canopy_client::carry("GET", url, headers, None, millis, most, hold.as_ref()).await?;
    answer.ok_or_else(|| {
        if reservation.was_refused() {
            return Miss::NoRoom;
        }
        Failure::without_status(Reason::TooLarge, platform::now()).into()
    })
}
