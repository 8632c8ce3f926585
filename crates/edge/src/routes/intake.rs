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
    changes::{self, Changes, ChangesQuery, From},
    day::Day,
    forms::{self, Form, STYLE_HASH},
    model::Model,
    query::IntakeQuery,
    redact::Redact,
    view::{Asked, Intake},
};
use serde::Serialize;
use worker::Env;

use super::audit::{asked_of_another, audited};
use crate::{
    config,
    entry::access_log::Trace,
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
            match found(client, (kept.version - 1) as u32).await? {
                ModelFound::NoRoom => return Err(no_room()),
                found => found.model(),
            }
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
    let stored: HashSet<String> = kept.stored.iter().cloned().collect();
    let asked = Asked {
        version: kept.version,
        day: query.day.unwrap_or_else(|| Day::of(platform::now())),
        initial_pull_id: kept.initial_pull_id.as_deref(),
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

/// The rows of a version as JSON, for the day that it is; `None` where it is not mapped.
pub async fn rows(env: &Env, client: &PullClient, version: u32) -> Result<Option<Vec<u8>>, Problem> {
    let kept = match kept(client, version).await {
        Err(problem) if problem.code == Code::PullNotMapped => return Ok(None),
        kept => kept?,
    };
    let _room = room_of(kept.bytes.length() as usize).await?;
    let text = text(&kept)?;
    let stored: HashSet<String> = kept.stored.iter().cloned().collect();
    let asked = Asked {
        version: kept.version,
        day: Day::of(platform::now()),
        initial_pull_id: kept.initial_pull_id.as_deref(),
        stored: &stored,
        redact: Redact::default(),
        thresholds: &config::thresholds(env),
    };
    Ok(Some(forms::file(Form::Json, &Intake::of(model(&text)?, &asked), &[], None).body))
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
    #[serde(flatten)]
    changes: Changes,
}

/// `GET /api/v1/pulls/{pull_id}/changes`
pub async fn changes(
    incoming: &Incoming,
    client: &PullClient,
    id: &PullId,
    trace: &Trace,
) -> Result<Reply, Problem> {
    let query = ChangesQuery::read(incoming.parameters())?;
    let From::Pull(other, version) = &query.from else {
        let after = kept(client, query.to.unwrap_or_default()).await?;
        let before = match query.from {
            From::Version(version) => Some(kept(client, version).await?),
            _ if after.version == 1 => None,
            _ => Some(kept(client, (after.version - 1) as u32).await?),
        };
        return compared(before.as_ref().map(|before| (id, before)), (id, &after), query.redact).await;
    };
    let other_client = PullClient::of(&incoming.env, other).map_err(internal("reaching the pull"))?;
    let compare = async {
        let after = kept(client, query.to.unwrap_or_default()).await?;
        let before = kept(&other_client, version.unwrap_or_default()).await?;
        compared(Some((other, &before)), (id, &after), query.redact).await
    };
    audited(incoming, &asked_of_another(trace, other), compare).await
}

async fn compared(
    before: Option<(&PullId, &KeptModel)>,
    (id, after): (&PullId, &KeptModel),
    redact: Redact,
) -> Result<Reply, Problem> {
    let bytes = after.bytes.length() + before.map_or(0, |(_, before)| before.bytes.length());
    let _room = room_of(bytes as usize).await?;
    let changes = match before {
        None => Changes::default(),
        Some((from, before)) => {
            let texts = (text(before)?, text(after)?);
            let models = (model(&texts.0)?, model(&texts.1)?);
            if !pull(from, before, &models.0).is_of_the_account_of(&pull(id, after, &models.1)) {
                let expected = "from_pull: expected a pull of the same account";
                return Err(Problem::new(Code::InputInvalid, expected));
            }
            changes::between(&models.0, &models.1, redact)
        }
    };
    let from = before.map(|(pull_id, before)| End { pull_id, version: before.version });
    let page = ChangePage { from, to: End { pull_id: id, version: after.version }, changes };
    let bytes = serde_json::to_vec(&page).expect("changes are plain data");
    Ok(Reply::with_type(200, JSON, Body::Bytes(bytes)))
}

fn pull<'k>(pull_id: &'k PullId, kept: &'k KeptModel, model: &'k Model<'k>) -> changes::Pull<'k> {
    let (initial_pull_id, account) = (kept.initial_pull_id.as_deref(), kept.account.as_deref());
    changes::Pull { pull_id: pull_id.as_str(), initial_pull_id, account, model }
}

/// What the pull's object has of a version, the latest for 0, once it has room.
async fn found(client: &PullClient, version: u32) -> Result<ModelFound, Problem> {
    let look = async || match client.model(version).await {
        Ok(ModelFound::NoRoom) => None,
        found => Some(found),
    };
    let found = room::patiently(look).await.unwrap_or(Ok(ModelFound::NoRoom));
    found.map_err(internal("mapping the pull"))
}

/// The model of a version, the latest for 0.
async fn kept(client: &PullClient, version: u32) -> Result<KeptModel, Problem> {
    match found(client, version).await? {
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
