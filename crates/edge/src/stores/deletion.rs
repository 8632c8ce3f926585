//! D1: deleting what stands of a pull.

use js_sys::Array;
use wasm_bindgen::JsValue;
use worker::Env;

use super::{book, d1::AGENCY};
use crate::platform::{self, Thrown};

/// What stands of a pull beside its line and its part in the book.
const DELETE_BESIDE: [&str; 7] = [
    "DELETE FROM postings WHERE (hash, created_at, pull_id) IN (
       SELECT value, pulls.created_at, pulls.pull_id FROM pulls, json_each(pulls.places) WHERE pulls.pull_id = ?1)",
    "DELETE FROM tasks WHERE pull_id = ?1",
    "DELETE FROM pull_keys WHERE pull_id = ?1",
    "DELETE FROM lanes WHERE pull_id = ?1",
    "DELETE FROM runs WHERE pull_id = ?1",
    "DELETE FROM invitation_pulls WHERE pull_id = ?1",
    "DELETE FROM pulls WHERE pull_id = ?1",
];

/// Deletes all that stands of a pull but for what was asked about it.
pub async fn pull(env: &Env, pull_id: &str) -> Result<(), Thrown> {
    let pull_id = JsValue::from_str(pull_id);
    let beside = DELETE_BESIDE.map(|query| Array::of2(&query.into(), &pull_id));
    let statements = book::removal(&pull_id).into_iter().chain(beside).collect();
    platform::write_all(&platform::binding(env, AGENCY)?, statements).await?;
    Ok(())
}
