//! The back office's own API below `/api/v1/`.

use canopy::{
    config::{ApiToken, Config},
    id::PullId,
    listing::PullQuery,
    paging::{DEFAULT_LIMIT, MAX_LIMIT},
    problem::{Code, Problem},
    routes::{Endpoint, Found},
    schedule::When,
    security::audit::is_audited_here,
    timeline::Moment,
};
use serde_json::json;

use super::{
    accounts,
    audit::{self, asked, audited},
    clock, deletion, documents, dry_runs, export, flows, funnel,
    history::{self, unknown_pull},
    instances, intake, invitations, keys, policies, runs, sessions, subscriptions, sync, tasks,
};

use crate::{
    entry::access_log::Trace,
    http::{Body, Incoming, JSON, Reply, internal},
    objects::calls::PullClient,
    platform,
    stores::{d1, kv},
};

/// Longest cursor of KV's taken: its own are far shorter.
const MAX_CURSOR_LENGTH: usize = 4096;

/// Answers a route of the back office.
pub async fn answer(
    incoming: &Incoming,
    config: &Config,
    caller: &ApiToken,
    endpoint: Endpoint,
    found: &Found<'_>,
    trace: &mut Trace,
) -> Result<Reply, Problem> {
    let id = found.segment("pull_id");
    let id = (!id.is_empty()).then(|| PullId::parse(id)).transpose();
    let id = id.map_err(|error| Problem::new(Code::InputInvalid, error.to_string()))?;
    trace.pull_id = id.as_ref().map(ToString::to_string);
    let trace = &*trace;
    let ask = async {
        match id {
            Some(id) => of_pull(incoming, config, caller, endpoint, found, &id, trace).await,
            None => of_all(incoming, config, caller, endpoint, found).await,
        }
    };
    let is_audited = is_audited_here(endpoint, &incoming.method);
    if is_audited { audited(incoming, &asked(trace), ask).await } else { ask.await }
}

async fn of_all(
    incoming: &Incoming,
    config: &Config,
    caller: &ApiToken,
    endpoint: Endpoint,
    found: &Found<'_>,
) -> Result<Reply, Problem> {
    match endpoint {
        Endpoint::Rebuild => rebuild(incoming).await,
        Endpoint::Audit => audit::page(incoming).await,
        Endpoint::StartSync => sync::begin(incoming, &caller.name).await,
        Endpoint::SessionForPage => sessions::for_page(incoming, config, caller).await,
        Endpoint::Policies => policies::page(incoming, config).await,
        Endpoint::Tasks => tasks::page(incoming, config).await,
        Endpoint::Account => accounts::account(incoming, config, found.segment("account_identifier")).await,
        Endpoint::Sync => sync::view(incoming).await,
        Endpoint::Clock => clock::show(incoming, config).await,
        Endpoint::MoveClock => clock::set(incoming, config).await,
        Endpoint::DeletePulls => deletion::of_metadata(incoming, config).await,
        Endpoint::DeleteAccount => {
            deletion::of_account(incoming, config, found.segment("account_identifier")).await
        }
        Endpoint::Subscriptions => subscriptions::page(incoming, config).await,
        Endpoint::Subscribe => subscriptions::make(incoming, config, &caller.name).await,
        Endpoint::Subscription
        | Endpoint::ChangeSubscription
        | Endpoint::Unsubscribe
        | Endpoint::Deliveries
        | Endpoint::Replay
        | Endpoint::TestSubscription => {
            subscriptions::of_one(incoming, config, &caller.name, endpoint, found.segment("subscription_id"))
                .await
        }
        Endpoint::Invitations => invitations::page(incoming, config).await,
        Endpoint::Invite => invitations::make(incoming, config, &caller.name).await,
        Endpoint::Invitation | Endpoint::RevokeInvitation => {
            invitations::of_one(incoming, config, caller, endpoint, found.segment("invitation_id")).await
        }
        Endpoint::Funnel => funnel::page(incoming, config).await,
        Endpoint::Connectors => Ok(flows::connectors()),
        Endpoint::Flows => flows::page(incoming, config).await,
        Endpoint::Flow => flows::find(incoming, config, found.segment("group")).await,
        Endpoint::PutFlow => flows::put(incoming, config, &caller.name, found.segment("group")).await,
        Endpoint::Templates => flows::templates(),
        Endpoint::DryRunFlow => dry_runs::of_group(incoming, config, found.segment("group")).await,
        Endpoint::DryRunInstance => dry_runs::of_instance(incoming, config, found.segment("instance")).await,
        Endpoint::Instances => instances::list(incoming, config).await,
        Endpoint::Instance
        | Endpoint::PutInstance
        | Endpoint::PatchInstance
        | Endpoint::DeleteInstance
        | Endpoint::StartRun => {
            instances::of_one(incoming, config, &caller.name, endpoint, found.segment("instance")).await
        }
        Endpoint::Runs => runs::page(incoming).await,
        Endpoint::Run | Endpoint::RetryRun | Endpoint::CancelRun | Endpoint::DecideRun => {
            runs::of_one(incoming, endpoint, &caller.name, found.segment("run")).await
        }
        Endpoint::Keys => keys::show(incoming, config).await,
        Endpoint::RotateKeys => keys::rotate(incoming, config, &caller.name).await,
        _ => list(incoming, config).await,
    }
}

async fn of_pull(
    incoming: &Incoming,
    config: &Config,
    caller: &ApiToken,
    endpoint: Endpoint,
    found: &Found<'_>,
    id: &PullId,
    trace: &Trace,
) -> Result<Reply, Problem> {
    let client = PullClient::of(&incoming.env, id).map_err(internal("reaching the pull"))?;
    match endpoint {
        Endpoint::Events => events(incoming, &client).await,
        Endpoint::Intake => intake::intake(incoming, &client).await,
        Endpoint::Changes => intake::changes(incoming, &client, id, trace).await,
        Endpoint::Snapshot => snapshot(&client, found.segment("version")).await,
        Endpoint::Document => documents::document(incoming, &client, id, found.segment("document_id")).await,
        Endpoint::Export => export::export(incoming, client, id).await,
        Endpoint::Retry => retry(&client).await,
        Endpoint::DeletePull => deletion::of_one(&client).await,
        Endpoint::Happen => history::happen(incoming, &client, caller, When::Now).await,
        Endpoint::ScheduleEvent => history::happen(incoming, &client, caller, When::Later).await,
        Endpoint::Timeline => history::timeline(incoming, &client).await,
        Endpoint::Simulate => history::simulate(incoming, &client).await,
        Endpoint::Schedule => history::schedule(incoming, &client).await,
        Endpoint::CancelScheduled => history::cancel(&client, caller, found.segment("schedule_id")).await,
        _ => pull(incoming, config, &client, id).await,
    }
}

/// A parameter that is a whole number.
fn number(
    incoming: &Incoming,
    name: &str,
    default: i64,
    range: std::ops::RangeInclusive<i64>,
) -> Result<i64, Problem> {
    let Some(text) = incoming.parameter(name) else { return Ok(default) };
    text.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
        let (least, most) = (range.start(), range.end());
        Problem::new(Code::InputInvalid, format!("{name}: expected a whole number from {least} to {most}"))
    })
}

fn limit(incoming: &Incoming) -> Result<u32, Problem> {
    let limit = number(incoming, "limit", DEFAULT_LIMIT.into(), 1..=MAX_LIMIT.into())?;
    Ok(u32::try_from(limit).unwrap_or(DEFAULT_LIMIT))
}

async fn list(incoming: &Incoming, config: &Config) -> Result<Reply, Problem> {
    let query = PullQuery::read(incoming.parameters())?;
    let pulls = d1::pulls(&incoming.env, &query, &config.list_key).await;
    let (pulls, cursor) = d1::page_of(pulls.map_err(d1::problem("reading the list"))?, query.limit);
    Ok(Reply::json(200, &json!({ "pulls": pulls, "cursor": cursor })))
}

/// Has a page of all pulls written into the list anew, from their own objects: those that have a copy in KV.
async fn rebuild(incoming: &Incoming) -> Result<Reply, Problem> {
    let invalid = || Problem::new(Code::InputInvalid, "cursor: expected what the page before gave");
    let cursor = incoming.parameter("cursor");
    if cursor.as_ref().is_some_and(|cursor| cursor.len() > MAX_CURSOR_LENGTH) {
        return Err(invalid());
    }
    let failed = || Problem::new(Code::Internal, "reading the copies failed: try again");
    let is_first = cursor.is_none();
    let page = kv::pull_ids(&incoming.env, cursor).await;
    let (ids, next) = page.map_err(|()| if is_first { failed() } else { invalid() })?;
    for id in ids.iter().filter_map(|id| PullId::parse(id).ok()) {
        let client = PullClient::of(&incoming.env, &id).map_err(internal("reaching the pull"))?;
        client.relist(platform::now()).await.map_err(internal("reaching the pull"))?;
    }
    kv::delete_former_list(&incoming.env).await.map_err(|()| failed())?;
    Ok(Reply::json(202, &json!({ "pulls": ids.len(), "cursor": next })))
}

/// The newest from the object, or how it stood at a moment; with `?read=copy` the copy in KV, which lags by about a second.
async fn pull(
    incoming: &Incoming,
    config: &Config,
    client: &PullClient,
    id: &PullId,
) -> Result<Reply, Problem> {
    if let Some(moment) = Moment::read(incoming.parameters())? {
        if incoming.parameter("read").is_some_and(|read| read != "newest") {
            return Err(Problem::new(Code::InputInvalid, "read: expected newest with position or at"));
        }
        return history::at(client, &moment).await;
    }
    let view = match incoming.parameter("read").as_deref() {
        None | Some("newest") => client.view().await.map_err(internal("reading the pull"))?,
        Some("copy") => {
            let copy = kv::pull(&incoming.env, &config.keys, id.as_str()).await;
            copy.map_err(|unread| match unread {
                kv::Unread::Store => Problem::new(Code::Internal, "reading the copy failed: try again"),
                kv::Unread::Sealed(error) => Problem::new(Code::Internal, error.to_string()),
            })?
        }
        Some(_) => return Err(Problem::new(Code::InputInvalid, "read: expected newest or copy")),
    };
    view.map(|view| Reply::json_text(200, view)).ok_or_else(unknown_pull)
}

async fn events(incoming: &Incoming, client: &PullClient) -> Result<Reply, Problem> {
    let after = number(incoming, "after", 0, 0..=i64::from(u32::MAX))?;
    let page = client.events(after, limit(incoming)?).await.map_err(internal("reading the log"))?;
    page.map(|page| Reply::json_text(200, page)).ok_or_else(unknown_pull)
}

async fn snapshot(client: &PullClient, version: &str) -> Result<Reply, Problem> {
    let number = match version {
        "latest" => Some(0),
        version => version.parse::<u32>().ok().filter(|number| *number > 0),
    };
    let number = number.ok_or_else(|| Problem::new(Code::InputInvalid, "expected a version or latest"))?;
    let found = client.snapshot(number).await.map_err(internal("reading the snapshot"))?;
    let missing = || Problem::new(Code::NotFound, "expected a version that was fetched");
    Ok(Reply::with_type(200, JSON, Body::Stream(found.ok_or_else(missing)?)))
}

async fn retry(client: &PullClient) -> Result<Reply, Problem> {
    let count = client.retry(platform::now()).await.map_err(internal("retrying"))?;
    Ok(Reply::json(202, &json!({ "retried": count.ok_or_else(unknown_pull)? })))
}
