//! The copies of a pull: its view in KV, its line in the list, its policies in the book.

use canopy::{
    config::Config,
    listing::{FoundBy, ListKey, Listed, of_snapshot, of_view},
    pull::Work,
    task::{self, Task},
};
use futures_util::future::join;

use super::super::{
    deliveries,
    download::Miss,
    failure::storage,
    intake::{self, Unmapped},
    ledger::{Ledger, Written},
    store::{self, integer},
    view,
};
use crate::{
    objects::runs,
    platform,
    room::Reservation,
    stores::{
        book::{Part, Source},
        d1,
        invitations::Came,
        keys as keys_of_pulls, kv, runs as stores_runs, subscriptions,
    },
};

/// Runs that are copied into the list with one copy.
const RUNS_AT_A_TIME: u32 = 50;

/// Writes them.
pub async fn copy(ledger: &Ledger, config: &Config) -> Result<(), Miss> {
    let Some(view) = view::pull(ledger).map_err(storage)? else { return Ok(()) };
    let line = view.line();
    let facets = of_view(view.view());
    let listed = listed(ledger, &config.list_key)?;
    let found_by = FoundBy { facets, snapshot: listed, status: line.status.clone() };
    let mut tasks = ledger.read(task::of).map_err(storage)?.unwrap_or_default();
    tasks.extend(deliveries::dead(ledger).map_err(storage)?.into_iter().map(task::of_dead_letters));
    tasks.extend(runs::tasks(ledger).map_err(storage)?);
    let lanes = deliveries::lanes(ledger).map_err(storage)?;
    // Whatever this instance wrote last is what stands there: nobody else writes this pull's.
    let written = ledger.written.take();
    // It may have come into the list with this.
    let is_first = written.found_by.is_none();
    let places =
        (written.found_by.as_ref() != Some(&found_by)).then(|| line.places(&config.list_key, &found_by));
    let keys = Some(tasks.iter().map(Task::key).collect());
    let is_written = written.tasks == keys && written.monitoring_id == line.monitoring_id;
    let changed = (!is_written).then_some(tasks.as_slice());
    let source = Source::of(&line, view.view(), &config.list_key);
    let book = match written.book.as_ref() == Some(&source) {
        true => None,
        false => {
            let entries = intake::newest_book(ledger, view.view()).map_err(|unmapped| match unmapped {
                Unmapped::NoRoom => Miss::NoRoom,
                other => storage(other).into(),
            })?;
            let part = Part { source: &source, entries };
            Some(part.statements(&line.pull_id, line.revision))
        }
    };
    let newer = lanes.iter().filter(|lane| !written.lanes.contains(lane)).map(|(id, _)| id.as_str());
    let newer: Vec<_> = newer.collect();
    let told = (!newer.is_empty()).then(|| subscriptions::lanes(&line.pull_id, &newer, platform::now()));
    let came = Came::of(&line, view.view());
    let comes = came.as_ref().filter(|_| written.came != came).map(|came| came.statement(&line));
    let copied = kv::put_pull(&ledger.env, &config.keys, &line.pull_id, view.text());
    let writes_under = config.keys.writes_under().to_owned();
    let is_noted = written.key.as_ref() == Some(&writes_under);
    let key = (!is_noted).then(|| keys_of_pulls::note(&line.pull_id, &writes_under));
    let ran = runs::page_to_copy(ledger, RUNS_AT_A_TIME).map_err(storage)?;
    let runs = ran.iter().map(|(_, seen)| stores_runs::put(Some(&line.pull_id), seen));
    let beside = book.into_iter().flatten().chain(told).chain(key).chain(comes).chain(runs);
    let listed = d1::put_pull(&ledger.env, &line, places.as_ref(), changed, beside);
    let (copied, listed) = join(copied, listed).await;
    copied.map_err(storage)?;
    listed.map_err(storage)?;
    runs::set_copied(ledger, &ran).map_err(storage)?;
    if ran.len() == RUNS_AT_A_TIME as usize {
        ledger.note(|record| record.outbox.want(&Work::Copy, None, platform::now())).map_err(storage)?;
    }
    if is_first {
        ledger.change_announced(|announced| announced.is_listed(platform::now()));
    }
    ledger.written.replace(Written {
        found_by: Some(found_by),
        tasks: keys,
        monitoring_id: line.monitoring_id,
        lanes,
        book: Some(source),
        key: Some(writes_under),
        came,
    });
    Ok(())
}

/// What the pull is found by as its newest snapshot has it.
fn listed(ledger: &Ledger, key: &ListKey) -> Result<Option<Listed>, Miss> {
    let newest = ledger.tables().snapshots.then(|| store::newest_snapshot(&ledger.database)).transpose();
    let Some(newest) = newest.map_err(storage)?.flatten() else { return Ok(None) };
    let kept = newest.found.and_then(|text| serde_json::from_str::<Listed>(&text).ok());
    if let Some(kept) = kept.filter(|listed| listed.is_of(key)) {
        return Ok(Some(kept));
    }
    let room = Reservation::new();
    if !room.hold(newest.size.unsigned_abs() as usize) {
        return Err(Miss::NoRoom);
    }
    // A snapshot that was kept before it was listed, or listed with another key.
    let found = view::found(ledger, newest.version).map_err(storage)?;
    let body = found.map(|found| view::whole(ledger, &found)).transpose().map_err(storage)?;
    let listed = Listed::new(key, &of_snapshot(&body.unwrap_or_default()));
    let query = "UPDATE snapshot SET found = ?1 WHERE version = ?2";
    ledger.database.run(query, [listed.text().into(), integer(newest.version)]).map_err(storage)?;
    Ok(Some(listed))
}
