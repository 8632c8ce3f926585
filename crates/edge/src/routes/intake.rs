//! A pull as the agency's rows.

use std::collections::HashSet;

use canopy::problem::{Code, Problem};
use intake::{
    day::Day,
    gaps::Thresholds,
    model::Model,
    redact::Redact,
    view::{Asked, Intake},
};

use crate::{
    http::{Body, Incoming, JSON, Reply, internal},
    objects::calls::{KeptModel, ModelFound, PullClient},
    platform,
    room::{self, Reservation},
};

/// `GET /api/v1/pulls/{pull_id}/intake`
pub async fn intake(_incoming: &Incoming, client: &PullClient) -> Result<Reply, Problem> {
    let kept = kept(client, 0).await?;
    let _room = room_of(kept.bytes.length() as usize).await?;
    let text = text(&kept)?;
    let stored: HashSet<String> = kept.stored.into_iter().collect();
    let asked = Asked {
        version: kept.version,
        day: Day::of(platform::now()),
        stored: &stored,
        redact: Redact::Nothing,
        thresholds: &Thresholds::default(),
    };
    let intake = Intake::of(model(&text)?, &asked);
    let text = serde_json::to_string(&intake).expect("an intake is plain data");
    Ok(Reply::with_type(200, JSON, Body::Bytes(text.into_bytes())))
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

fn mapping_changed() -> Problem {
    Problem::new(Code::Internal, "the mapping has just changed: try again")
}

fn model(text: &str) -> Result<Model<'_>, Problem> {
    Model::of_stored(text).ok_or_else(mapping_changed)
}

/// Room for an answer that is made from so many bytes.
async fn room_of(bytes: usize) -> Result<Reservation, Problem> {
    Reservation::wait(room::of_model(bytes)).await.ok_or_else(no_room)
}

fn no_room() -> Problem {
    Problem::new(Code::TooManyRequests, "other large bodies are under way: try again in a moment")
}
