//! The copies of a pull: its view in KV, its line in the list.

use canopy::{
    config::Config,
    listing::{ListKey, Listed, Posting, of_snapshot, of_view},
    pull::View,
};
use futures_util::future::join;
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

use super::{
    super::{download::Miss, ledger::Ledger, view},
    failure::storage,
};
use crate::{
    room::Reservation,
    stores::{d1, kv},
};

/// Writes both.
pub async fn copy(ledger: &Ledger, config: &Config) -> Result<(), Miss> {
    let Some(view) = view::pull(ledger).map_err(storage)? else { return Ok(()) };
    let key = ListKey::derive(&config.session_key);
    let line = view.line();
    let places = line.places(&key, &found_by(ledger, &key, view.view())?);
    // Whatever it wrote last is what stands there: nobody else writes this pull's.
    let stands = ledger.places.take() == places;
    let copied = kv::put_pull(&ledger.env, &line.pull_id, view.text());
    let listed = d1::put_pull(&ledger.env, &line, (!stands).then_some(&places));
    let (copied, listed) = join(copied, listed).await;
    copied.map_err(storage)?;
    listed.map_err(storage)?;
    ledger.places.replace(places);
    Ok(())
}

/// What the pull is found by: what its webhooks say, and what its newest snapshot holds.
fn found_by(ledger: &Ledger, key: &ListKey, view: &View) -> Result<Vec<Posting>, Miss> {
    let mut postings: Vec<Posting> = of_view(view).iter().map(|facet| key.posting(facet)).collect();
    if !ledger.has_snapshots() {
        return Ok(postings);
    }
    let query = "SELECT version, size FROM snapshot ORDER BY version DESC LIMIT 1";
    let Some(newest) = ledger.database.first(query, []).map_err(storage)? else { return Ok(postings) };
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
    postings.extend(listed.postings);
    Ok(postings)
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
        held.record.update_found(&ledger.database)
    });
    change.map(drop)
}
