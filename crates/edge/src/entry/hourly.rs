//! What is done each hour by itself.

use canopy::{
    config::Config,
    sync::{HOURLY_GRACE_MILLIS, HOURLY_SINCE_MILLIS},
    time::UnixMillis,
};
use serde_json::json;
use wasm_bindgen::prelude::*;
use worker::Env;

use crate::{
    clocked, config, custody,
    objects::calls::{PullClient, SyncClient},
    platform::{self, Thrown},
    stores::{audit, d1, funnel, invitations},
};

/// Name of the caller in what is done by itself.
const CALLER: &str = "schedule";

/// How long something is due whose alarm is taken for lost, in milliseconds.
const OVERDUE_MILLIS: i64 = 10 * 60 * 1_000;

/// Most pulls woken at a time.
const MOST_WOKEN: u32 = 500;

/// Compares with Canopy's list, wakes what is overdue, lets go of what the audit log is not to keep, and warns. One that fails holds up no other.
#[wasm_bindgen]
pub async fn hourly(env: Env) {
    let Ok(config) = config::read(&env) else { return };
    let now = platform::now();
    let ended = [
        ("sync", sync(&env, now).await),
        ("audit", audit::let_go(&env, config.audit_days, now).await),
        ("invitations", invitations::let_go(&env, config.audit_days, now).await),
        ("retention", erase_invitations(&env, &config, now).await),
        ("funnel", funnel(&env, &config, now).await),
        ("overdue", overdue(&env, now).await),
        ("workflows", clocked::wake(&env, &config).await),
        ("keys", keys(&env, &config).await),
    ];
    for (what, ended) in ended {
        let error = ended.err().and_then(|thrown| thrown.message());
        let line = json!({ "route": "hourly", "what": what, "error": error });
        if error.is_some() { worker::console_error!("{line}") } else { worker::console_log!("{line}") }
    }
}

async fn sync(env: &Env, now: UnixMillis) -> Result<(), Thrown> {
    let [since, before] = [HOURLY_SINCE_MILLIS, HOURLY_GRACE_MILLIS].map(|ago| UnixMillis(now.0 - ago));
    SyncClient::of(env)?.begin(CALLER, Some(since), Some(before), now).await.map(drop)
}

async fn erase_invitations(env: &Env, config: &Config, now: UnixMillis) -> Result<(), Thrown> {
    match config.plan.retention_days {
        Some(days) => invitations::erase_old(env, days, now).await,
        None => Ok(()),
    }
}

async fn funnel(env: &Env, config: &Config, now: UnixMillis) -> Result<(), Thrown> {
    let kept = u16::try_from(config.audit_days).unwrap_or(u16::MAX);
    match config.plan.zone.day_at(now).before(kept) {
        Some(first) => funnel::let_go(env, first).await,
        None => Ok(()),
    }
}

/// Says what the operator is to be warned of.
async fn keys(env: &Env, config: &Config) -> Result<(), Thrown> {
    for warning in custody::warnings(env, config).await {
        worker::console_error!("{}", json!({ "route": "hourly", "what": "keys", "warning": warning }));
    }
    Ok(())
}

/// Wakes the pulls of which something has been due for a while: their alarms are lost. One that cannot be woken holds up no other.
async fn overdue(env: &Env, now: UnixMillis) -> Result<(), Thrown> {
    let mut failed = None;
    for (pull_id, _) in d1::due(env, UnixMillis(now.0 - OVERDUE_MILLIS), MOST_WOKEN).await? {
        let woken = async { PullClient::of(env, &pull_id)?.wake().await };
        failed = woken.await.err().or(failed);
    }
    failed.map_or(Ok(()), Err)
}
