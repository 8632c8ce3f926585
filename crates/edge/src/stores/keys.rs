//! D1: which keys the pulls have something under.

use canopy::seal::InUse;
use js_sys::Array;
use serde_json::json;
use wasm_bindgen::JsCast;
use worker::Env;

use super::d1::AGENCY;
use crate::platform::{self, Row, Thrown};

/// Another key is found by one step in the index, however many pulls have it.
const IN_USE: &str = "
WITH RECURSIVE ids (id) AS (
  SELECT min(key_id) FROM pull_keys
  UNION ALL SELECT (SELECT min(key_id) FROM pull_keys WHERE key_id > ids.id) FROM ids WHERE ids.id IS NOT NULL)
SELECT id, (SELECT count(*) FROM pull_keys WHERE key_id = ids.id) FROM ids
WHERE id IS NOT NULL AND id NOT IN (SELECT value FROM json_each(?1))";

const NOT_LOOKED_THROUGH: &str = "
SELECT count(*) FROM pulls WHERE NOT EXISTS (SELECT 1 FROM pull_keys WHERE pull_keys.pull_id = pulls.pull_id)";

/// The statement that notes that a pull has something under a key.
pub fn note(pull_id: &str, key_id: &str) -> Array {
    let query = "INSERT OR IGNORE INTO pull_keys (key_id, pull_id) VALUES (?1, ?2)";
    Array::of3(&query.into(), &key_id.into(), &pull_id.into())
}

/// Writes that a pull has something under these keys and no other.
pub async fn put(env: &Env, pull_id: &str, key_ids: &[&str]) -> Result<(), Thrown> {
    let query =
        "DELETE FROM pull_keys WHERE pull_id = ?1 AND key_id NOT IN (SELECT value FROM json_each(?2))";
    let delete = Array::of3(&query.into(), &pull_id.into(), &json!(key_ids).to_string().into());
    let statements = [delete].into_iter().chain(key_ids.iter().map(|key_id| note(pull_id, key_id)));
    platform::write_all(&platform::binding(env, AGENCY)?, statements.collect()).await?;
    Ok(())
}

/// The keys that are in use, but those of `known`, and how many pulls have something under each.
pub async fn in_use<'k>(env: &Env, known: impl Iterator<Item = &'k str>) -> Result<InUse, Thrown> {
    let known = json!(known.collect::<Vec<_>>()).to_string();
    let rows = select(env, IN_USE, Array::of1(&known.into())).await?;
    let count = |row: &Row| Some((row.text(0)?, row.integer(1)?.unsigned_abs()));
    Ok(InUse(rows.iter().filter_map(count).collect()))
}

/// What stands before an instance's id where its runs have something under a key.
pub const RUNS: &str = "runs/";

/// The instances whose runs have something under a key.
pub async fn instances(env: &Env) -> Result<Vec<String>, Thrown> {
    let query = "SELECT DISTINCT pull_id FROM pull_keys WHERE pull_id >= 'runs/' AND pull_id < 'runs0'";
    let rows = select(env, query, Array::new()).await?;
    Ok(rows.iter().filter_map(|row| Some(row.text(0)?.strip_prefix(RUNS)?.to_owned())).collect())
}

/// How many pulls it is not known of.
pub async fn not_looked_through(env: &Env) -> Result<u64, Thrown> {
    let rows = select(env, NOT_LOOKED_THROUGH, Array::new()).await?;
    Ok(rows.first().and_then(|row| row.integer(0)).unwrap_or_default().unsigned_abs())
}

async fn select(env: &Env, query: &str, bindings: Array) -> Result<Vec<Row>, Thrown> {
    let database = platform::binding(env, AGENCY)?;
    let rows: Array = platform::select(&database, query, bindings).await?.unchecked_into();
    Ok(rows.iter().map(|row| Row::of(row.unchecked_into())).collect())
}
