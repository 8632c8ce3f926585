//! The comparison with Canopy's list, begun and looked at.

use canopy::{
    json,
    problem::{Code, Problem},
    time::UnixMillis,
};

use crate::{
    http::{Incoming, Reply, internal},
    objects::calls::SyncClient,
    platform,
};

/// Largest body taken, in bytes.
const MAX_BODY_BYTES: usize = 4 * 1024;

/// `POST /api/v1/sync`
pub async fn begin(incoming: &Incoming, caller: &str) -> Result<Reply, Problem> {
    let since = since(&incoming.body(MAX_BODY_BYTES).await?.to_vec())?;
    let failed = internal("beginning the comparison");
    let client = SyncClient::of(&incoming.env).map_err(&failed)?;
    let begun = client.begin(caller, since, None, platform::now()).await.map_err(failed)?;
    let running = || Problem::new(Code::SyncRunning, "look at GET /api/v1/sync until it is done");
    Ok(Reply::json_text(202, begun.ok_or_else(running)?))
}

/// `GET /api/v1/sync`
pub async fn view(incoming: &Incoming) -> Result<Reply, Problem> {
    let failed = internal("reading the comparison");
    let view = SyncClient::of(&incoming.env).map_err(&failed)?.view().await.map_err(failed)?;
    Ok(Reply::json_text(200, view))
}

/// `{"since": "…"}`, `{}` or nothing: then all pulls.
fn since(body: &[u8]) -> Result<Option<UnixMillis>, Problem> {
    if body.is_empty() {
        return Ok(None);
    }
    let text = json::body(body);
    let [since] = json::members(&text, ["since"]).ok_or_else(|| {
        Problem::new(Code::BodyMalformed, "expected {\"since\": \"<RFC 3339>\"}, {} or nothing")
    })?;
    let Some(since) = since.filter(|since| since.get() != "null") else { return Ok(None) };
    let moment = json::text(Some(since)).and_then(|text| UnixMillis::parse(&text));
    moment.map(Some).ok_or_else(|| Problem::new(Code::InputInvalid, "since: expected an RFC 3339 time"))
}
