//! D1: the pulls of one monitoring.

use js_sys::Array;
use wasm_bindgen::JsCast;
use worker::Env;

use super::d1::AGENCY;
use crate::platform::{self, Row, Thrown};

/// Ids of the pulls of a monitoring, the oldest first, `most` at the most.
pub async fn pulls(env: &Env, monitoring_id: &str, most: u32) -> Result<Vec<String>, Thrown> {
    let query = "SELECT pull_id FROM pulls WHERE monitoring_id = ?1 ORDER BY created_at, pull_id LIMIT ?2";
    let bindings = Array::of2(&monitoring_id.into(), &most.into());
    let rows: Array =
        platform::select(&platform::binding(env, AGENCY)?, query, bindings).await?.unchecked_into();
    Ok(rows.iter().filter_map(|row| Row::of(row.unchecked_into()).text(0)).collect())
}
