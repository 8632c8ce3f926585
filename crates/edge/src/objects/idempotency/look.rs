//! Looks for what became of a call whose answer was lost: reads Canopy's lists and the edge's own, and sends nothing.

use canopy::{
    api::Call,
    config::Config,
    id::PullId,
    listing::{Facet, PullQuery},
    problem::Problem,
    proxy::outcome::{self, Asked, MAX_READ_BYTES, MAX_READS, Search, Sent, Unshown},
};
use worker::Env;

use crate::{
    canopy_client,
    http::internal,
    platform,
    room::Reservation,
    stores::{audit, d1},
};

/// The body of the answer that the call had, or the problem that it stays unknown. `is_own` knows the requests that asked for
/// this very call.
pub async fn look(
    env: &Env,
    config: &Config,
    asked: Asked<'_>,
    sent: Sent<'_>,
    is_own: impl Fn(&str) -> bool,
) -> Result<String, Problem> {
    let mut search = Search::begin(asked, sent).map_err(|why| outcome::unknown("", why))?;
    let found = found(env, config, &mut search).await;
    let unknown = |why| outcome::unknown(&search.looked_at(), why);
    let found = found.map_err(unknown)?;
    let Some(others) = search.others(platform::now()) else { return Ok(found) };
    let others = audit::taken(env, &others).await.map_err(|thrown| {
        internal("reading the audit log")(thrown);
        unknown(Unshown::Unread)
    })?;
    if others.iter().all(|request_id| is_own(request_id)) { Ok(found) } else { Err(unknown(Unshown::Others)) }
}

async fn found(env: &Env, config: &Config, search: &mut Search<'_>) -> Result<String, Unshown> {
    // Its webhooks may have told of it already.
    if let Some(pull_id) = told(env, config, search).await
        && let Some(end) = search.told(pull_id)
    {
        return end;
    }
    for _ in 0..MAX_READS {
        let body = read(config, &search.next()).await.ok_or(Unshown::Unread)?;
        if let Some(end) = search.take(&body) {
            return end;
        }
    }
    Err(Unshown::TooMuch)
}

/// The one pull of the edge's list that has the call's mark. Where the list cannot be read, Canopy's has it.
async fn told(env: &Env, config: &Config, search: &Search<'_>) -> Option<PullId> {
    let facets = vec![Facet::of_call(search.marker()?)?];
    let [since, before] = search.begun().map(Some);
    let query = PullQuery { status: None, needs: None, facets, since, before, limit: 1, after: None };
    let pulls = d1::pulls(env, &query, &config.list_key).await;
    match &pulls.map_err(internal("reading the list")).ok()?[..] {
        [pull] if !pull.is_refresh() => PullId::parse(&pull.pull_id).ok(),
        _ => None,
    }
}

/// What Canopy gives; `None` for anything but the whole of it.
pub async fn read(config: &Config, call: &Call) -> Option<Vec<u8>> {
    let _room = Reservation::wait(MAX_READ_BYTES).await?;
    let answer = canopy_client::read(config, call, MAX_READ_BYTES).await.ok()?;
    (answer.status == 200).then_some(answer.body)
}
