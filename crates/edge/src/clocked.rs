//! Instances that do something without a pull: by the clock, or by hand.

use std::collections::BTreeSet;

use canopy::config::Config;
use worker::Env;

use crate::{
    objects::calls::InstanceClient,
    platform::{self, Thrown},
    stores::{instances, runs},
};

/// Has all of them look at what is due. One that cannot be woken holds up no other.
pub async fn wake(env: &Env, config: &Config) -> Result<(), Thrown> {
    let known = instances::all(env, config, platform::now()).await?;
    let clocked = known.all.iter().filter(|deployed| deployed.group.is_of_agency());
    let mut ids: BTreeSet<String> = clocked.map(|deployed| deployed.instance.id.clone()).collect();
    ids.extend(runs::instances_under_way(env).await?);
    let mut failed = None;
    for id in ids {
        let woken = async { InstanceClient::of(env, &id)?.settle(&id).await };
        failed = woken.await.err().or(failed);
    }
    failed.map_or(Ok(()), Err)
}
