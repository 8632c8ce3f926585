//! Other pulls of a monitored account.

use std::collections::BTreeSet;

use canopy::id::PullId;
use worker::Env;

use super::seen::Seen;
use crate::{platform::Thrown, stores::monitoring};

/// Most of them that are listed.
const MOST: u32 = 1_000;

/// Their ids: those that the pull names, and those of its monitoring in the list.
pub async fn of(env: &Env, pull: &PullId, seen: &Seen) -> Result<Vec<String>, Thrown> {
    let named = seen.refreshed_pulls.iter().chain(&seen.initial_pull_id).map(ToString::to_string);
    let mut others: BTreeSet<String> = named.collect();
    if let Some(monitoring_id) = &seen.monitoring_id {
        others.extend(monitoring::pulls(env, monitoring_id, MOST).await?);
    }
    others.remove(pull.as_str());
    Ok(others.into_iter().collect())
}
