//! What the operator is warned of about what is stored.

use canopy::{
    config::Config,
    seal::{InUse, Warning},
};
use worker::Env;

use crate::stores::keys;

/// Each of them, as far as D1 tells: an edge that is not configured says that first.
pub async fn warnings(env: &Env, config: &Config) -> Vec<Warning> {
    let known = config.keys.ids().chain([InUse::CLEAR]);
    match keys::in_use(env, known).await {
        Ok(in_use) => warnings_of(config, &in_use),
        Err(_) => not_sealed(config).into_iter().chain([Warning::unknown()]).collect(),
    }
}

/// Each of them, where it is known which keys are in use.
pub fn warnings_of(config: &Config, in_use: &InUse) -> Vec<Warning> {
    let missing = in_use.missing(&config.keys);
    not_sealed(config).into_iter().chain(missing.iter().map(Warning::missing)).collect()
}

fn not_sealed(config: &Config) -> Option<Warning> {
    Warning::not_sealed(&config.keys, config.is_local)
}
