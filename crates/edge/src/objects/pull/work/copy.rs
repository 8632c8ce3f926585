//! The copies of a pull: its view in KV, its line in the list.

use canopy::{
    config::Config,
    listing::{FoundBy, ListKey, Listed, Postings, of_snapshot, of_view},
};
use futures_util::future::join;
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

use super::{
    super::{download::Miss, ledger::Ledger, view},
    failure::storage,
    notify::catch_up,
};
use crate::{
    room::Reservation,
    stores::{d1, kv},
};

/// Writes both.
pub async fn copy(ledger: &Ledger, config: &Config) -> Result<(), Miss> {
    catch_up(ledger).await;
    let Some(view) = view::pull(ledger).map_err(storage)? else { return Ok(()) };
    let line = view.line();
    let facets = of_view(view.view());
    let of_snapshot = listed(ledger, &config.list_key)?;
    let found = ledger.read(|held| held.record.found.clone()).map_err(storage)?.flatten();
    let found_by = FoundBy { facets, snapshot: found, status: line.status.clone() };
    // Whatever this instance wrote last is what stands there: nobody else writes this pull's.
    let places = (ledger.found_by.take().as_ref() != Some(&found_by))
        .then(|| line.places(&config.list_key, &config.list_key.postings(&found_by.facets), &of_snapshot));
    let copied = kv::put_pull(&ledger.env, &line.pull_id, view.text());
    let listed = d1::put_pull(&ledger.env, &line, places.as_ref());
    let (copied, listed) = join(copied, listed).await;
    copied.map_err(storage)?;
    listed.map_err(storage)?;
    ledger.found_by.replace(Some(found_by));
    Ok(())
}

/// What the pull is found by as its newest snapshot has it.
fn listed(ledger: &Ledger, key: &ListKey) -> Result<Postings, Miss> {
    if !ledger.has_snapshots() {
        return Ok(Postings::default());
    }
    let query = "SELECT version, size FROM snapshot ORDER BY version DESC LIMIT 1";
    let Some(newest) = ledger.database.first(query, []).map_err(storage)? else {
        return Ok(Postings::default());
    };
    let version = newest.integer(0).unwrap_or_default();
    let kept = ledger.read(|held| held.record.found.clone()).map_err(storage)?.flatten();
    let kept = kept.and_then(|text| serde_json::from_str::<Listed>(&text).ok());
    let listed = match kept.filter(|listed| listed.is_of(key, version)) {
        Some(listed) => listed,
        None => {
            let room = Reservation::new();
            if !room.hold(newest.integer(1).unwrap_or_default().unsigned_abs() as usize) {
                return Err(Miss::NoRoom);
            }
            let listed = Listed::new(key, version, &of_snapshot(&read(ledger, version).map_err(storage)?));
            note(ledger, &listed).map_err(storage)?;
            listed
        }
    };
    Ok(listed.postings)
}

/// A snapshot that was kept before it was listed, or listed with another key.
fn read(ledger: &Ledger, version: i64) -> Result<Vec<u8>, JsValue> {
    let Some(found) = view::snapshot(ledger, version)? else { return Ok(Vec::new()) };
    let mut bytes = Vec::new();
    for number in 0..found.chunks {
        bytes.extend(Uint8Array::new(&view::chunk(ledger, version, number)?).to_vec());
    }
    Ok(bytes)
}

fn note(ledger: &Ledger, listed: &Listed) -> Result<(), JsValue> {
    let change = ledger.change(|held| {
        held.record.found = Some(serde_json::to_string(listed).expect("postings are plain data"));
        held.record.update_all(&ledger.database)
    });
    change.map(drop)
}
