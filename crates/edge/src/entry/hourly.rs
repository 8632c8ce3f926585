//! What is done each hour by itself.

use canopy::{
    sync::{HOURLY_GRACE_MILLIS, HOURLY_SINCE_MILLIS},
    time::UnixMillis,
};
use serde_json::json;
use wasm_bindgen::prelude::*;
use worker::Env;

use crate::{config, objects::calls::SyncClient, platform, platform::Thrown, stores::audit};

/// Name of the caller in what is done by itself.
const CALLER: &str = "schedule";

/// Compares with Canopy's list, and lets go of what the audit log is not to keep. One that fails holds up no other.
#[wasm_bindgen]
pub async fn hourly(env: Env) {
    let Ok(config) = config::read(&env) else { return };
    let now = platform::now();
    let ended =
        [("sync", sync(&env, now).await), ("audit", audit::let_go(&env, config.audit_days, now).await)];
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
