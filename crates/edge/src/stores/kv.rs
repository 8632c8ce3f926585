//! KV: copies of pulls, for reads anywhere, and what Canopy says to everybody.

use canopy::{
    catalogue::STALE_MILLIS,
    seal::{Keys, OpenError},
    time::UnixMillis,
};
use serde::{Deserialize, Serialize};
use worker::Env;

use crate::platform;

const PULLS: &str = "PULLS";

/// Copies of pulls: their ids follow.
const PULL: &str = "pull:";

/// Where the list stood before it moved to D1.
const FORMER_LIST: &str = "index:";

/// Keys read at a time: each is a call or two that follows.
const PAGE: u64 = 100;

/// How far the clock of a local run is ahead.
const CLOCK: &str = "clock";

/// What stands beside a copy of the carriers or the terms.
#[derive(Serialize, Deserialize)]
struct Given {
    at: UnixMillis,
}

/// Why a copy is not read.
pub enum Unread {
    /// KV failed.
    Store,
    /// It is sealed with a key that is not there, or was changed.
    Sealed(OpenError),
}

/// The place of a copy, for sealing.
fn copy_context(pull_id: &str) -> String {
    format!("copy/{pull_id}")
}

/// Writes the copy of a pull: JSON, or the same sealed.
pub async fn put_pull(env: &Env, keys: &Keys, pull_id: &str, view: String) -> Result<(), ()> {
    let store = env.kv(PULLS).map_err(drop)?;
    let name = format!("{PULL}{pull_id}");
    let sealed = keys.seal(view.as_bytes(), &copy_context(pull_id), platform::random());
    let put = match sealed {
        Some(sealed) => store.put_bytes(&name, &sealed),
        None => store.put(&name, view),
    };
    put.map_err(drop)?.execute().await.map_err(drop)
}

/// Deletes the copy of a pull.
pub async fn delete_pull(env: &Env, pull_id: &str) -> Result<(), ()> {
    let store = env.kv(PULLS).map_err(drop)?;
    store.delete(&format!("{PULL}{pull_id}")).await.map_err(drop)
}

/// The copy of a pull.
pub async fn pull(env: &Env, keys: &Keys, pull_id: &str) -> Result<Option<String>, Unread> {
    let store = env.kv(PULLS).map_err(|_| Unread::Store)?;
    let copy = store.get(&format!("{PULL}{pull_id}")).bytes().await.map_err(|_| Unread::Store)?;
    let Some(mut copy) = copy else { return Ok(None) };
    let is_sealed = !copy.starts_with(b"{");
    let opened = keys.read(&mut copy, is_sealed, &copy_context(pull_id)).map_err(Unread::Sealed)?;
    String::from_utf8(opened.to_vec()).map(Some).map_err(|_| Unread::Sealed(OpenError::Malformed))
}

/// Names of a page of the keys that begin with `prefix`, and the cursor of the next page.
async fn names(env: &Env, prefix: &str, cursor: Option<String>) -> Result<(Vec<String>, Option<String>), ()> {
    let mut page = env.kv(PULLS).map_err(drop)?.list().prefix(prefix.to_owned()).limit(PAGE);
    if let Some(cursor) = cursor {
        page = page.cursor(cursor);
    }
    let page = page.execute().await.map_err(drop)?;
    let names = page.keys.into_iter().map(|key| key.name).collect();
    Ok((names, page.cursor.filter(|_| !page.list_complete)))
}

/// Ids of a page of all pulls that have a copy, and the cursor of the next page.
pub async fn pull_ids(env: &Env, cursor: Option<String>) -> Result<(Vec<String>, Option<String>), ()> {
    let (names, cursor) = names(env, PULL, cursor).await?;
    let ids = names.iter().filter_map(|name| name.strip_prefix(PULL).map(str::to_owned));
    Ok((ids.collect(), cursor))
}

/// Deletes a page of the keys that were the list before it stood in D1.
pub async fn delete_former_list(env: &Env) -> Result<(), ()> {
    let (names, _) = names(env, FORMER_LIST, None).await?;
    let store = env.kv(PULLS).map_err(drop)?;
    for name in names {
        store.delete(&name).await.map_err(drop)?;
    }
    Ok(())
}

/// The carriers or the terms, if they are kept, and when Canopy gave them.
pub async fn catalogue(env: &Env, name: &str) -> Option<(String, UnixMillis)> {
    let kept = env.kv(PULLS).ok()?.get(&format!("catalogue:{name}")).text_with_metadata::<Given>().await;
    let (text, given) = kept.ok()?;
    Some((text?, given?.at))
}

/// Keeps the carriers or the terms for the other isolates.
pub async fn keep_catalogue(env: &Env, name: &str, text: &str, at: UnixMillis) {
    let Ok(store) = env.kv(PULLS) else { return };
    let put = store.put(&format!("catalogue:{name}"), text).and_then(|put| put.metadata(Given { at }));
    if let Ok(put) = put {
        // A copy that is not kept is read from Canopy again.
        let _ = put.expiration_ttl(STALE_MILLIS / 1_000).execute().await;
    }
}

/// How far the clock of a local run is ahead of the machine's, in milliseconds.
pub async fn clock(env: &Env) -> Result<i64, ()> {
    let text = env.kv(PULLS).map_err(drop)?.get(CLOCK).text().await.map_err(drop)?;
    Ok(text.and_then(|text| text.parse().ok()).unwrap_or_default())
}

/// Keeps that.
pub async fn keep_clock(env: &Env, ahead: i64) -> Result<(), ()> {
    let store = env.kv(PULLS).map_err(drop)?;
    store.put(CLOCK, ahead.to_string()).map_err(drop)?.execute().await.map_err(drop)
}
