//! What is kept of one pull, as one zip: made while it is read, never held.

mod others;
mod parts;
mod runs;
mod seen;
mod sink;

use canopy::{
    export::Readme,
    id::PullId,
    problem::{Code, Problem},
    room::READ_BYTES,
};
use http::{HeaderValue, header::CONTENT_DISPOSITION};
use wasm_bindgen_futures::spawn_local;

use self::{
    parts::Export,
    seen::Seen,
    sink::{Sink, Stop},
};
use super::history::unknown_pull;
use crate::{
    config,
    http::{Body, Incoming, Reply, header_value, internal, note},
    objects::calls::PullClient,
    platform,
    room::Reservation,
};

const EXPORTING: &str = "exporting the pull";

/// `GET /api/v1/pulls/{pull_id}/export`
pub async fn export(incoming: &Incoming, client: PullClient, id: &PullId) -> Result<Reply, Problem> {
    let failed = internal(EXPORTING);
    let view = client.view().await.map_err(&failed)?.ok_or_else(unknown_pull)?;
    let name = format!("attachment; filename=\"pull-{id}.zip\"");
    let name = header_value(&name).expect("an id is plain text");
    let reply = |body| {
        let zip = HeaderValue::from_static("application/zip");
        Reply::with_type(200, zip, body).with_header(CONTENT_DISPOSITION, name)
    };
    if incoming.method == "HEAD" {
        return Ok(reply(Body::Empty));
    }
    let room = Reservation::wait(READ_BYTES).await.ok_or_else(|| {
        Problem::new(Code::TooManyRequests, "many documents are being read: try again in a moment")
    })?;
    let (sink, stream) = Sink::new(platform::now(), room).map_err(failed)?;
    let config = config::required(&incoming.env)?;
    let export = Export::new(incoming.env.clone(), config, client, id.clone(), sink);
    spawn_local(async move {
        if let Err(stop) = write(export, &view).await {
            stop.report(EXPORTING);
        }
    });
    Ok(reply(Body::Stream(stream)))
}

/// Writes the files, and what they are last: by then it is known what is lacking.
async fn write(mut export: Export, view: &str) -> Result<(), Stop> {
    let seen = Seen::read(view);
    export.sink.file("pull.json", view.as_bytes()).await?;
    export.log().await?;
    for version in seen.versions() {
        export.snapshot(version).await?;
    }
    for version in seen.versions() {
        export.intake(version).await?;
    }
    export.documents(&seen.documents).await?;
    export.runs().await?;
    export.audit().await?;
    let others = others::of(&export.env, &export.pull, &seen).await;
    let others = others.unwrap_or_else(|thrown| {
        note("listing the account's pulls", &thrown);
        export.troubles.add("README.txt", "the other pulls of the account", "reading the list failed");
        Vec::new()
    });
    if !export.troubles.list().is_empty() {
        let errors = export.troubles.json();
        export.sink.file("errors.json", &errors).await?;
    }
    let (pull_id, troubles) = (&export.pull, &export.troubles);
    let readme = Readme { pull_id, at: platform::now(), others: &others, troubles }.text();
    export.sink.file("README.txt", readme.as_bytes()).await?;
    export.sink.end().await
}
