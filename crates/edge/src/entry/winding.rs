//! The clock of a local run, read before anything asks for the time.

use wasm_bindgen::prelude::*;
use worker::Env;

use crate::{config, platform::clock, stores::kv};

/// Whether there is a clock that may have been moved.
#[wasm_bindgen]
pub fn has_clock(env: &Env) -> bool {
    config::is_local(env)
}

/// Puts the clock of a local run where it was moved to.
#[wasm_bindgen]
pub async fn wind(env: Env) {
    if let Ok(ahead) = kv::clock(&env).await {
        clock::put_ahead(ahead);
    }
}
