//! Copies of pulls in KV, for reads anywhere and for the list, and documents in R2.
//!
//! `pull:<pull_id>` holds a pull's document. `index:<created, newest first>:<pull_id>` has the list's line as its
//! metadata, so that a page of the list is one read.

use canopy::{status::PullStatus, time::UnixMillis};
use futures_util::future::join;
use js_sys::Uint8Array;
use serde::Serialize;
use serde_json::Value;
use wasm_bindgen::JsValue;
use worker::Env;

use crate::platform::{self, BucketObject};

const PULLS: &str = "PULLS";
const DOCUMENTS: &str = "DOCUMENTS";
const INDEX: &str = "index:";

/// Pages of the index read for one page of a filtered list.
const MAX_PAGES: usize = 5;

/// How long the carriers and the terms are kept, in seconds.
const CATALOGUE_SECONDS: u64 = 600;

/// A pull's line in the list.
#[derive(Serialize)]
pub struct Line {
    pub pull_id: String,
    pub status: Option<PullStatus>,
    pub complete: bool,
    pub created_at: String,
    pub updated_at: String,
}

/// Writes the copy of a pull and its line in the list.
pub async fn write(env: &Env, line: &Line, document: String, created_at: UnixMillis) -> Result<(), ()> {
    let store = env.kv(PULLS).map_err(drop)?;
    let pull_id = &line.pull_id;
    let newest_first = u64::MAX - created_at.0.unsigned_abs();
    let copy = store.put(&format!("pull:{pull_id}"), document).map_err(drop)?;
    let index = store.put(&format!("{INDEX}{newest_first}:{pull_id}"), "").map_err(drop)?;
    let index = index.metadata(line).map_err(drop)?;
    let (copied, listed) = join(copy.execute(), index.execute()).await;
    copied.and(listed).map_err(drop)
}

/// The copy of a pull.
pub async fn read(env: &Env, pull_id: &str) -> Result<Option<String>, ()> {
    let store = env.kv(PULLS).map_err(drop)?;
    store.get(&format!("pull:{pull_id}")).text().await.map_err(drop)
}

/// A page of the list: at most `limit` lines with `status`, and the cursor of the next page.
pub async fn list(
    env: &Env,
    status: Option<&str>,
    limit: u64,
    cursor: Option<String>,
) -> Result<(Vec<Value>, Option<String>), ()> {
    let store = env.kv(PULLS).map_err(drop)?;
    let (mut lines, mut cursor) = (Vec::new(), cursor);
    for _ in 0..MAX_PAGES {
        let mut page = store.list().prefix(INDEX.to_owned()).limit(limit - lines.len() as u64);
        if let Some(cursor) = cursor.take() {
            page = page.cursor(cursor);
        }
        let page = page.execute().await.map_err(drop)?;
        let found = page.keys.into_iter().filter_map(|key| key.metadata);
        lines.extend(found.filter(|line| status.is_none_or(|status| line["status"] == status)));
        cursor = page.cursor.filter(|_| !page.list_complete);
        if cursor.is_none() || lines.len() as u64 >= limit {
            break;
        }
    }
    Ok((lines, cursor))
}

/// The carriers or the terms, if they were read a moment ago.
pub async fn catalogue(env: &Env, name: &str) -> Option<String> {
    env.kv(PULLS).ok()?.get(&format!("catalogue:{name}")).text().await.ok()?
}

/// Keeps the carriers or the terms for the next page.
pub async fn keep_catalogue(env: &Env, name: &str, text: &str) {
    let Ok(store) = env.kv(PULLS) else { return };
    if let Ok(put) = store.put(&format!("catalogue:{name}"), text) {
        // A copy that is not kept is read from Canopy again.
        let _ = put.expiration_ttl(CATALOGUE_SECONDS).execute().await;
    }
}

/// Stores a document.
pub async fn put_document(env: &Env, key: &str, bytes: &Uint8Array) -> Result<(), JsValue> {
    platform::bucket(env, DOCUMENTS)?.put(key, bytes).await.map(drop)
}

/// A stored document, not read yet.
pub async fn document(env: &Env, key: &str) -> Result<Option<BucketObject>, JsValue> {
    platform::bucket(env, DOCUMENTS)?.find(key).await
}
