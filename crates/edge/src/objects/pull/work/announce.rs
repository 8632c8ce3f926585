//! Looking who is to be told of new entries.

use std::rc::Rc;

use canopy::{
    config::Config,
    delivery::Announced,
    pull::{Position, Work},
    time::UnixMillis,
};

use wasm_bindgen::JsValue;

use super::super::{
    deliveries,
    ledger::Ledger,
    runs::{self, Started},
};
use crate::{
    http::note,
    platform::{self, Thrown},
    stores::{instances, subscriptions},
};

/// Calls for deliveries to all that have not got something yet.
pub async fn announce(ledger: &Rc<Ledger>, config: &Config) {
    let Ok(Some(end)) = ledger.read(|record| record.end) else { return };
    ledger.change_announced(Announced::begin);
    let after = ledger.announced.get().after(UnixMillis(end.recorded_at));
    let looked = look(ledger, config, after, end.position).await;
    let done = looked.inspect_err(|thrown| note("announcing", thrown)).ok().map(|()| end.position);
    ledger.change_announced(|announced| announced.finish(done, platform::now()));
}

/// Looks up to the entry at `end`, which was there before the subscriptions are read.
async fn look(ledger: &Rc<Ledger>, config: &Config, after: UnixMillis, end: Position) -> Result<(), Thrown> {
    let known = subscriptions::all(&ledger.env, config, after).await?;
    let gone = deliveries::forget_all_but(ledger, |id| known.ids.contains(id))?;
    let mut behind = Vec::new();
    for to in known.all.iter().filter(|to| to.is_active()) {
        if deliveries::next(ledger, to, end)?.is_some() {
            behind.push(to.id.clone());
        }
    }
    let now = platform::now();
    ledger.note(|record| {
        if !gone.is_empty() {
            // Its tasks and its place in the list are over.
            record.outbox.want(&Work::Copy, None, now);
        }
        gone.into_iter().for_each(|id| record.outbox.done(&Work::Deliver(id), now));
        behind.into_iter().for_each(|id| record.outbox.want(&Work::Deliver(id), Some(end), now));
    })?;
    // What keeps runs from being started keeps nothing from being delivered.
    let deployed = instances::all(&ledger.env, config, after).await?;
    let Started { is_wanted, is_whole } = runs::start(ledger, &deployed, end)?;
    if is_wanted {
        ledger.note(|record| record.outbox.hasten(&Work::Runs, platform::now()))?;
    }
    if is_whole { Ok(()) } else { Err(JsValue::from_str("some runs could not be started yet").into()) }
}
