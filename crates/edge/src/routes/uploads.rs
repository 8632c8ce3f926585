//! Documents that a visitor sends in the place of a login: looked at here, passed on as a form of the edge's own, kept nowhere.
//!
//! They are read whole before anything is sent. So every file is looked at before Canopy hears of one, a telephone that loses its
//! network in the middle of it changes nothing, and the time in which an answer can be lost is as short as it can be. That is what
//! their size is bounded for: this isolate's memory is that of all its requests. Their room is lent: webhooks and snapshots never wait for
//! a visitor's line.

use canopy::{
    api::{FORM_PACE, MAX_FORM_BYTES, Upload, form_millis},
    config::Config,
    id::SessionId,
    problem::{Code, Problem},
    retry::Reason,
};

use super::limits;
use crate::{
    http::{Incoming, check_encoding, internal},
    objects::calls::SessionClient,
    platform::form::Form,
    room::Reservation,
};

/// Sends the form of a request to Canopy for this session, once. Gives the session's answer as [`SessionClient::ask`] does.
pub async fn send(incoming: &Incoming, config: &Config, session_id: &SessionId) -> Result<String, Problem> {
    if !config.uploads {
        return Err(Problem::new(Code::UploadsOff, "expected EDGE_UPLOADS to be true"));
    }
    limits::check(incoming, limits::CALLS).await?;
    check_encoding(incoming.header("content-encoding").as_deref())?;
    let sent = internal("passing the documents on");
    let client = SessionClient::of(&incoming.env, session_id).map_err(&sent)?;
    let metadata = client.may_upload().await.map_err(&sent)?;
    let metadata =
        metadata.ok_or_else(|| Problem::new(Code::NotFound, "expected a session that is still kept"))??;
    let length = incoming.header("content-length").and_then(|length| length.parse().ok());
    let length = length.unwrap_or(MAX_FORM_BYTES).min(MAX_FORM_BYTES);
    let (millis, room) = (form_millis(length), Reservation::wait_lent(length).await.ok_or_else(no_room)?);
    let form = Form::read(&incoming.request, MAX_FORM_BYTES, millis, &room).await;
    let form = form.map_err(|reason| if room.was_refused() { no_room() } else { unread(reason, millis) })?;
    let upload = Upload::read(&form.parts)?;
    let fields = upload.fields(&incoming.address(), &config.public_alias, &metadata);
    let written = form.write(fields, upload.kinds()).map_err(&sent)?;
    client.upload(&written).await.map_err(&sent)
}

fn unread(reason: Reason, millis: u32) -> Problem {
    match reason {
        Reason::TooLarge => {
            Problem::new(Code::BodyTooLarge, format!("expected a form of at most {MAX_FORM_BYTES} bytes"))
        }
        Reason::TimedOut => {
            let (seconds, (least, window)) = (millis / 1_000, FORM_PACE);
            let window = window / 1_000;
            let detail = format!(
                "expected the whole form within {seconds} seconds, and {least} bytes of it in each {window} seconds"
            );
            Problem::new(Code::BodyTimedOut, detail)
        }
        _ => Problem::new(
            Code::BodyMalformed,
            "expected a whole form, multipart/form-data, of few parts with short names and texts",
        ),
    }
}

fn no_room() -> Problem {
    Problem::new(Code::TooManyRequests, "other large bodies are under way: try again in a moment")
}
