//! The keys that seal what is stored: which are needed, and their rotation.

use std::collections::BTreeSet;

use canopy::{
    config::Config,
    problem::{Code, Problem},
    session::{LIFETIME_SECONDS, RETENTION_SECONDS},
    sweep,
    time::UnixMillis,
};
use serde_json::{Value, json};
use worker::Env;

use crate::{
    custody,
    http::{Incoming, Reply, internal},
    objects::calls::{InstanceClient, SweepClient},
    platform,
    stores::{d1, flows, instances, keys, subscriptions},
};

/// `GET /api/v1/keys`
pub async fn show(incoming: &Incoming, config: &Config) -> Result<Reply, Problem> {
    let failed = internal("reading the rotation");
    let rotation = SweepClient::of_rotation(&incoming.env).map_err(&failed)?.view().await.map_err(failed)?;
    Ok(Reply::json(200, &view(&incoming.env, config, rotation).await?))
}

/// `POST /api/v1/keys/rotate`
pub async fn rotate(incoming: &Incoming, config: &Config, caller: &str) -> Result<Reply, Problem> {
    if !config.keys.is_set() {
        let detail = "expected EDGE_SNAPSHOT_KEY to hold a key: without one nothing is sealed";
        return Err(Problem::new(Code::StateConflict, detail));
    }
    let failed = internal("beginning the rotation");
    subscriptions::reseal(&incoming.env, config).await.map_err(d1::problem("sealing the subscriptions"))?;
    flows::reseal(&incoming.env, config).await.map_err(d1::problem("sealing the workflow groups"))?;
    instances::reseal(&incoming.env, config).await.map_err(d1::problem("sealing the instances"))?;
    let mut kept = keys::instances(&incoming.env).await.map_err(d1::problem("reading the keys"))?;
    let known = instances::ids(&incoming.env).await.map_err(d1::problem("reading the instances"))?;
    kept.extend(known);
    for id in kept.into_iter().collect::<BTreeSet<_>>() {
        InstanceClient::of(&incoming.env, &id).map_err(&failed)?.rekey().await.map_err(&failed)?;
    }
    let client = SweepClient::of_rotation(&incoming.env).map_err(&failed)?;
    let to = json!(config.keys.writes_under());
    let rotation = client.begin(sweep::Kind::Rekey, &to, caller, platform::now()).await.map_err(failed)?;
    Ok(Reply::json(202, &view(&incoming.env, config, rotation).await?))
}

async fn view(env: &Env, config: &Config, rotation: Value) -> Result<Value, Problem> {
    let failed = d1::problem("reading the keys");
    let in_use = keys::in_use(env, std::iter::empty()).await.map_err(&failed)?;
    let not_looked_through = keys::not_looked_through(env).await.map_err(failed)?;
    let mut view = json!({
        "keys": in_use.lines(&config.keys),
        "in_the_clear": in_use.in_the_clear(),
        "not_looked_through": not_looked_through,
        "sessions_until": sessions_until(&rotation),
        "rotation": rotation,
    });
    let warnings = custody::warnings_of(config, &in_use);
    if !warnings.is_empty() {
        view["warnings"] = json!(warnings);
    }
    Ok(view)
}

/// Until when sessions need the keys that sealed before the rotation began: none is walked to, as each ends by itself.
fn sessions_until(rotation: &Value) -> Option<String> {
    let began = UnixMillis::parse(rotation["started_at"].as_str()?)?;
    let seconds = u64::from(LIFETIME_SECONDS) + u64::from(RETENTION_SECONDS);
    Some(began.plus(seconds * 1_000).rfc3339())
}
