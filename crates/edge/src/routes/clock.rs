//! The clock of a local run.

use std::collections::{BTreeMap, BTreeSet};

use canopy::{
    config::Config,
    id::PullId,
    problem::{Code, Problem},
    time::UnixMillis,
    timeline::Move,
};
use http::{HeaderName, HeaderValue, header};
use serde_json::json;
use url::Url;
use worker::Env;

use crate::{
    clocked,
    http::{Incoming, JSON, Reply, internal},
    objects::{calls::PullClient, coming},
    platform::{self, Thrown, clock},
    stores::{d1, kv},
};

/// Largest body taken, in bytes.
const MAX_BODY_BYTES: usize = 4 * 1024;

/// Pulls woken at a time.
const PAGE: u32 = 100;

/// Tells a clock that another is moved, which need not be told in turn.
const TOLD: HeaderName = HeaderName::from_static("canopy-clock");

/// How long the sandbox may take to move its own, in milliseconds.
const SANDBOX_MILLIS: u32 = 5_000;

/// An alarm so soon after a move is waited for, in milliseconds: a day.
const SOON_MILLIS: u64 = 24 * 60 * 60 * 1_000;

/// `GET /api/v1/clock`
pub async fn show(incoming: &Incoming, config: &Config) -> Result<Reply, Problem> {
    check(config)?;
    shown(&incoming.env).await
}

/// `POST /api/v1/clock`: what falls due on the way has come when this is answered.
pub async fn set(incoming: &Incoming, config: &Config) -> Result<Reply, Problem> {
    check(config)?;
    let body = incoming.body(MAX_BODY_BYTES).await?.to_vec();
    let is_told = incoming.header(TOLD.as_str()).is_some();
    // The clock that tells may be a moment behind.
    let from = if is_told { UnixMillis(0) } else { platform::now() };
    let target = match Move::read(&body, from)? {
        Move::To(moment) => moment.max(platform::now()),
        Move::NextDue => {
            let next = next_due(&incoming.env).await.map_err(d1::problem("reading what is due"))?;
            let nothing = || Problem::new(Code::StateConflict, "nothing is due");
            next.ok_or_else(nothing)?.1.max(platform::now())
        }
    };
    let ahead = target.0 - clock::machine().0;
    kv::keep_clock(&incoming.env, ahead)
        .await
        .map_err(|()| Problem::new(Code::Internal, "keeping the clock failed: try again"))?;
    clock::put_ahead(ahead);
    // What is due soon after it has its alarm set anew, too.
    wake(&incoming.env, target.plus(SOON_MILLIS)).await.map_err(internal("waking what is due"))?;
    clocked::wake(&incoming.env, config).await.map_err(internal("waking what is due"))?;
    if !is_told {
        tell(config, target).await;
    }
    shown(&incoming.env).await
}

fn check(config: &Config) -> Result<(), Problem> {
    let detail = "the clock can be moved where CANOPY_API_BASE_URL is an address of this machine";
    config.is_local.then_some(()).ok_or_else(|| Problem::new(Code::LocalRunsOnly, detail))
}

async fn shown(env: &Env) -> Result<Reply, Problem> {
    let next = next_due(env).await.map_err(d1::problem("reading what is due"))?;
    let next = next.map(|(pull_id, at)| json!({ "pull_id": pull_id, "at": at.rfc3339() }));
    let (now, machine) = (platform::now().rfc3339(), clock::machine().rfc3339());
    Ok(Reply::json(200, &json!({ "now": now, "machine": machine, "next_due": next })))
}

/// What is due next, as this isolate knows, or the list.
async fn next_due(env: &Env) -> Result<Option<(PullId, UnixMillis)>, Thrown> {
    let known = due(env, UnixMillis::LAST, 1).await?;
    Ok(known.into_iter().min_by_key(|(_, at)| *at))
}

async fn due(env: &Env, until: UnixMillis, most: u32) -> Result<BTreeMap<PullId, UnixMillis>, Thrown> {
    // What the list says lags: what this isolate knows of a pull is newer.
    let mut due: BTreeMap<_, _> = d1::due(env, until, most).await?.into_iter().collect();
    due.retain(|pull_id, _| !coming::knows(pull_id));
    due.extend(coming::by(until));
    Ok(due)
}

/// Has every pull of which something is due by `until` write that down, in the order in which it is due.
async fn wake(env: &Env, until: UnixMillis) -> Result<(), Thrown> {
    let mut woken = BTreeSet::new();
    loop {
        let mut due: Vec<_> = due(env, until, PAGE + woken.len() as u32).await?.into_iter().collect();
        due.retain(|(pull_id, _)| woken.insert(pull_id.clone()));
        if due.is_empty() {
            return Ok(());
        }
        due.sort_by_key(|(_, at)| *at);
        for (pull_id, _) in due {
            PullClient::of(env, &pull_id)?.wake().await?;
        }
    }
}

/// Has the sandbox's clock moved, too. What is no sandbox has none.
async fn tell(config: &Config, target: UnixMillis) {
    let Ok(mut url) = Url::parse(&config.api_base_url) else { return };
    url.set_path("/sandbox/clock");
    let headers = [(header::CONTENT_TYPE, JSON), (TOLD, HeaderValue::from_static("told"))];
    let body = json!({ "now": target.rfc3339() }).to_string();
    let told = platform::forwarded("POST", url.as_str(), &headers, &body.into(), SANDBOX_MILLIS).await;
    if let Ok(answer) = told {
        let _ = platform::received(answer.as_ref(), MAX_BODY_BYTES, SANDBOX_MILLIS).await;
    }
}
