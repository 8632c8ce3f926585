//! A pull as the agency's rows, and what changed in them.

use std::collections::HashSet;

use canopy::{
    id::PullId,
    problem::{Code, Problem},
};
use http::{
    HeaderValue,
    header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY},
};
use intake::{
    changes::{self, Change, ChangesQuery, From},
    day::Day,
    forms::{self, Form, STYLE_HASH},
    model::Model,
    query::IntakeQuery,
    redact::Redact,
    view::{Asked, Intake},
};
use serde::Serialize;

use crate::{
    config,
    http::{Body, Incoming, JSON, Reply, header_value, internal},
    objects::calls::{KeptModel, ModelFound, PullClient},
    platform,
    room::{self, Reservation},
};

/// `GET /api/v1/pulls/{pull_id}/intake`
pub async fn intake(incoming: &Incoming, client: &PullClient) -> Result<Reply, Problem> {
    let query = IntakeQuery::read(incoming.parameters())?;
    let kept = kept(client, query.version).await?;
    let before = match query.form {
        // What changed is said to people.
        Form::Text | Form::Html if kept.version > 1 => {
            self::kept(client, (kept.version - 1) as u32).await.ok()
        }
        _ => None,
    };
    let bytes = [Some(&kept), before.as_ref()].into_iter().flatten().map(|kept| kept.bytes.length() as usize);
    let _room = room_of(bytes.sum()).await?;
    let text = text(&kept)?;
    let sentences = match before.map(|before| self::text(&before)).transpose()? {
        Some(before) => changes::between(&model(&before)?, &model(&text)?, query.redact).changes,
        None => Vec::new(),
    };
    let sentences: Vec<String> = sentences.into_iter().map(|change| change.sentence).collect();
    let stored: HashSet<String> = kept.stored.into_iter().collect();
    let asked = Asked {
        version: kept.version,
        day: query.day.unwrap_or_else(|| Day::of(platform::now())),
        stored: &stored,
        redact: query.redact,
        thresholds: &config::thresholds(&incoming.env),
    };
    let file = forms::file(query.form, &Intake::of(model(&text)?, &asked), &sentences, query.table);
    let mut reply =
        Reply::with_type(200, HeaderValue::from_static(file.content_type), Body::Bytes(file.body));
    if query.form == Form::Html {
        let policy =
            format!("default-src 'none'; style-src '{STYLE_HASH}'; base-uri 'none'; form-action 'none'");
        let policy = header_value(&policy).expect("a policy is plain text");
        reply = reply.with_header(CONTENT_SECURITY_POLICY, policy);
    }
    if let Some(name) = file.name {
        let named =
            header_value(&format!("attachment; filename=\"{name}\"")).expect("a name of ids is plain text");
        reply = reply.with_header(CONTENT_DISPOSITION, named);
    }
    Ok(reply)
}

/// One side of a comparison.
#[derive(Serialize)]
struct End<'i> {
    pull_id: &'i PullId,
    version: i64,
}

#[derive(Serialize)]
struct ChangePage<'i> {
    from: Option<End<'i>>,
    to: End<'i>,
    changes: Vec<Change>,
    changes_more: usize,
}

/// `GET /api/v1/pulls/{pull_id}/changes`
pub async fn changes(incoming: &Incoming, client: &PullClient, id: &PullId) -> Result<Reply, Problem> {
    let query = ChangesQuery::read(incoming.parameters())?;
    let after = kept(client, query.to.unwrap_or_default()).await?;
    let (from, before) = match query.from {
        From::Before if after.version == 1 => (id.clone(), None),
        From::Before => (id.clone(), Some(kept(client, (after.version - 1) as u32).await?)),
        From::Version(version) => (id.clone(), Some(kept(client, version).await?)),
        From::Pull(pull, version) => {
            let client = PullClient::of(&incoming.env, &pull).map_err(internal("reaching the pull"))?;
            let before = kept(&client, version.unwrap_or_default()).await?;
            (pull, Some(before))
        }
    };
    let bytes = after.bytes.length() + before.as_ref().map_or(0, |before| before.bytes.length());
    let _room = room_of(bytes as usize).await?;
    let to = End { pull_id: id, version: after.version };
    let page = match before {
        None => ChangePage { from: None, to, changes: Vec::new(), changes_more: 0 },
        Some(before) => {
            let version = before.version;
            let found = compared(&before, &after, query.redact)?;
            let from = Some(End { pull_id: &from, version });
            ChangePage { from, to, changes: found.changes, changes_more: found.changes_more }
        }
    };
    let bytes = serde_json::to_vec(&page).expect("changes are plain data");
    Ok(Reply::with_type(200, JSON, Body::Bytes(bytes)))
}

fn compared(before: &KeptModel, after: &KeptModel, redact: Redact) -> Result<changes::Changes, Problem> {
    let (before, after) = (text(before)?, text(after)?);
    Ok(changes::between(&model(&before)?, &model(&after)?, redact))
}

/// The model of a version as the pull's object keeps it, the latest for 0.
async fn kept(client: &PullClient, version: u32) -> Result<KeptModel, Problem> {
    match client.model(version).await.map_err(internal("mapping the pull"))? {
        ModelFound::Model(kept) => Ok(kept),
        ModelFound::Refused(expected) => Err(Problem::new(Code::PullNotMapped, expected)),
        ModelFound::Missing => Err(Problem::new(Code::NotFound, "expected a version that was fetched")),
        ModelFound::NoRoom => Err(no_room()),
    }
}

fn text(kept: &KeptModel) -> Result<String, Problem> {
    String::from_utf8(platform::moved(&kept.bytes)).map_err(|_| mapping_changed())
}

fn model(text: &str) -> Result<Model<'_>, Problem> {
    Model::of_stored(text).ok_or_else(mapping_changed)
}

fn mapping_changed() -> Problem {
    Problem::new(Code::Internal, "the mapping has just changed: try again")
}

/// Room for an answer that is made from so many bytes.
async fn room_of(bytes: usize) -> Result<Reservation, Problem> {
    Reservation::wait(room::of_model(bytes)).await.ok_or_else(no_room)
}

fn no_room() -> Problem {
    Problem::new(Code::TooManyRequests, "other large bodies are under way: try again in a moment")
}
