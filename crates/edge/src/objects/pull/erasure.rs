//! Deleting a pull: first a tombstone, from which on nothing of it is read or taken; then all that there is of it, everywhere.

use canopy::{id::PullId, time::UnixMillis};
use wasm_bindgen::JsValue;

use super::{aside, ledger::Ledger, store::integer};
use crate::{
    config,
    http::note,
    objects::{calls::SessionClient, coming},
    platform::{self, Row, Thrown},
    stores::{deletion, kv, r2},
};

/// `sessions` are those to be ended, as JSON; NULL when nothing is left.
const SCHEMA: &str = "
CREATE TABLE tombstone (
  only INTEGER PRIMARY KEY CHECK (only = 1), pull_id TEXT NOT NULL, erased_at INTEGER NOT NULL, sessions TEXT)";

const INSERT: &str = "INSERT INTO tombstone (only, pull_id, erased_at, sessions) VALUES (1, ?1, ?2, ?3)";

/// What stays of a pull.
pub struct Tombstone {
    pub pull_id: PullId,
    pub erased_at: UnixMillis,
    /// Sessions that are still to be ended; `None` when nothing is left of the pull.
    pub sessions: Option<Vec<String>>,
}

/// The tombstone of a pull that was deleted.
pub fn tombstone(ledger: &Ledger) -> Result<Option<Tombstone>, JsValue> {
    if !ledger.is_erased() {
        return Ok(None);
    }
    let row = ledger.database.first("SELECT pull_id, erased_at, sessions FROM tombstone", [])?;
    let row = row.ok_or_else(|| JsValue::from_str("tombstone missing"))?;
    let pull_id = PullId::parse(&row.text(0).unwrap_or_default()).map_err(|_| "tombstone unreadable")?;
    let sessions = row.text(2).map(|text| serde_json::from_str(&text).unwrap_or_default());
    Ok(Some(Tombstone { pull_id, erased_at: row.moment(1), sessions }))
}

/// Writes the tombstone of a pull that there is, and has the alarm delete the rest. Gives whether there is such a pull.
pub fn begin(ledger: &Ledger) -> Result<bool, JsValue> {
    let known = ledger.read(|record| {
        let sessions = [record.watcher.clone(), record.state.session().map(|id| id.to_string())];
        (record.pull_id.clone(), sessions.into_iter().flatten().collect::<Vec<_>>())
    });
    let known = match known {
        Err(error) if aside::is_unopened(&error) => in_the_clear(ledger)?,
        known => known?,
    };
    let Some((pull_id, sessions)) = known else { return Ok(false) };
    let now = platform::now();
    let sessions = serde_json::to_string(&sessions).expect("ids are plain data");
    let mut write = || {
        ledger.database.run(SCHEMA, [])?;
        ledger.database.run(INSERT, [pull_id.as_str().into(), integer(now.0), sessions.as_str().into()])?;
        Ok(JsValue::UNDEFINED)
    };
    ledger.storage.transaction(&mut write)?;
    ledger.erase();
    wake(ledger, &pull_id);
    Ok(true)
}

/// What is known of a pull whose record does not open, as its key is gone: it is deleted all the same.
fn in_the_clear(ledger: &Ledger) -> Result<Option<(PullId, Vec<String>)>, JsValue> {
    let row = ledger.database.first("SELECT pull_id, watcher FROM pull", [])?;
    let known = |row: Row| Some((PullId::parse(&row.text(0)?).ok()?, row.text(1).into_iter().collect()));
    Ok(row.and_then(known))
}

/// Deletes what others read of it, before all that is left is.
pub async fn hide(ledger: &Ledger, pull_id: &PullId) {
    let _ = kv::delete_pull(&ledger.env, pull_id.as_str()).await;
    // What fails here is done with the rest.
    if let Err(thrown) = deletion::pull(&ledger.env, pull_id.as_str()).await {
        note("deleting a pull from the list", &thrown);
    }
}

/// Has the alarm go on deleting.
pub fn wake(ledger: &Ledger, pull_id: &PullId) {
    let now = platform::now();
    if config::is_local(&ledger.env) {
        coming::expect(pull_id, Some(now));
    }
    // An alarm that is under way sets none at its end: there is no record any more.
    ledger.storage.set_alarm(now.0);
}

/// Deletes what is left of it. Each step may be done again.
pub async fn finish(ledger: &Ledger) -> Result<(), Thrown> {
    let Some(Tombstone { pull_id, erased_at, sessions: Some(sessions) }) = tombstone(ledger)? else {
        return Ok(());
    };
    for session in &sessions {
        SessionClient::named(&ledger.env, session)?.end().await?;
    }
    r2::delete_documents(&ledger.env, pull_id.as_str()).await?;
    kv::delete_pull(&ledger.env, pull_id.as_str()).await.map_err(|()| JsValue::from_str("KV failed"))?;
    deletion::pull(&ledger.env, pull_id.as_str()).await?;
    // The file itself goes, and with it what lies in its free pages. The tombstone is written anew in the same turn.
    let deleted = ledger.storage.delete_all_now()?;
    ledger.database.run(SCHEMA, [])?;
    ledger.database.run(INSERT, [pull_id.as_str().into(), integer(erased_at.0), JsValue::NULL])?;
    wasm_bindgen_futures::JsFuture::from(deleted).await?;
    coming::expect(&pull_id, None);
    Ok(())
}
