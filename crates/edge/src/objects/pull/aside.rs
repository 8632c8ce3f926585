//! A webhook of a pull whose record does not open, as its key is gone: it is kept, and judged when the key is back.

use canopy::{
    pull::{Kind, LogEnd, Outcome},
    seal::OpenError,
    time::UnixMillis,
    webhook::Event,
};
use wasm_bindgen::JsValue;

use super::{
    ledger::{Ledger, entry_context},
    store::NewEntry,
};
use crate::platform;

/// Whether it is a missing key that keeps the record from being read.
pub fn is_unopened(error: &JsValue) -> bool {
    error.as_string().is_some_and(|text| OpenError::key_missing_in(&text).is_some())
}

/// Appends it to the log, from which the record is brought up to date where it can be read. Gives what became of it, as far as that
/// can be told: whether it is stale nobody knows yet.
pub fn append(
    ledger: &Ledger,
    event: &Event,
    digest: &[u8; 32],
    body: &JsValue,
    now: UnixMillis,
) -> Result<Outcome, JsValue> {
    let database = &ledger.database;
    let known = "SELECT 1 FROM entry WHERE kind = ?1 AND key = ?2";
    let known = database.first(known, [Kind::Webhook.code().into(), platform::to_js(digest)])?;
    if known.is_some() {
        return Ok(Outcome::Duplicate);
    }
    let last = "SELECT position, recorded_at FROM entry ORDER BY position DESC LIMIT 1";
    let last = database.first(last, [])?.map(|row| LogEnd {
        position: row.integer(0).unwrap_or_default(),
        recorded_at: row.integer(1).unwrap_or_default(),
    });
    let config = ledger.config()?;
    let context = entry_context(event.pull_id.as_str(), digest);
    let sealed = config.keys.seal(&platform::from_js(body), &context, platform::random());
    let entry = NewEntry {
        kind: Kind::Webhook,
        end: last.unwrap_or_default().next(now),
        cause: None,
        effective_at: None,
        event_type: &event.event_type,
        sequence: event.sequence,
        outcome: Outcome::Applied.as_str(),
        key: digest,
        is_sealed: sealed.is_some(),
        body: sealed.map_or_else(|| body.clone(), |sealed| platform::to_js(&sealed)),
    };
    entry.insert(database)?;
    // What waits is looked at now and then: the key may be back.
    ledger.storage.set_alarm(now.plus(canopy::retry::CAP_MILLIS).0);
    Ok(Outcome::Applied)
}
