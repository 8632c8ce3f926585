//! What is done when the object's alarm goes off.

use std::{pin::pin, rc::Rc};

use canopy::{
    pull::{Alarm, Attempt, Work},
    time::UnixMillis,
};
use futures_util::{
    StreamExt,
    future::{Either, select},
    stream::FuturesUnordered,
};
use serde_json::json;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::{
    ledger::Ledger,
    work::{self, Ending},
};
use crate::platform;

/// An object that has just worked is not put to sleep so soon, in milliseconds.
/// Source: Cloudflare, "Durable Objects: lifecycle", hibernation after 10 seconds without work.
const MOMENT_MILLIS: f64 = 2_000.0;

/// Work that is due so soon is waited for, in milliseconds.
const LINGER_MILLIS: u64 = 1_200;

/// How often is looked for work while there is some, in milliseconds.
const LOOK_MILLIS: f64 = 100.0;

/// Longest that is waited for work, in milliseconds: the platform lets an alarm work for a quarter of an hour.
const LONGEST_MILLIS: u64 = 60_000;

/// Works off what is due, and sets the alarm for what is due next.
pub async fn went_off(ledger: &Rc<Ledger>) -> Result<(), JsValue> {
    ledger.change_alarm(|alarm| alarm.begin(platform::now()));
    let due = work_off(ledger).await.inspect_err(|_| ledger.change_alarm(Alarm::break_off))?;
    if let (Some(due), true) = (due, ledger.change_alarm(|alarm| alarm.end(due))) {
        ledger.storage.set_alarm(due.0);
    }
    store_soon(ledger);
    Ok(())
}

/// Works off what is due, and what falls due in a moment; gives when the next work is.
async fn work_off(ledger: &Rc<Ledger>) -> Result<Option<UnixMillis>, JsValue> {
    // What a repaired configuration mends, a missing key above all, is looked at again.
    let (Ok(config), Ok(_)) = (ledger.config(), ledger.note(|record| record.outbox.begin())) else {
        worker::console_warn!("{}", json!({ "route": "outbox", "code": "UNREADABLE" }));
        return Ok(Some(platform::now().plus(canopy::retry::CAP_MILLIS)));
    };
    let began = platform::now();
    let (mut running, mut without_room) = (FuturesUnordered::new(), Vec::new());
    loop {
        let now = platform::now();
        let next = ledger.read(|record| record.outbox.next_to_begin())?.flatten();
        let is_in_time = now <= began.plus(LONGEST_MILLIS);
        if is_in_time && next.is_some_and(|next| next <= now) {
            for attempt in begin(ledger, now)? {
                let (ledger, config) = (ledger, &config);
                running.push(async move { (work::attempt(ledger, config, &attempt, false).await, attempt) });
            }
        }
        // An alarm of its own for what is due in a moment costs a row and a request.
        let soon = next.filter(|next| is_in_time && *next <= now.plus(LINGER_MILLIS));
        if running.is_empty() {
            for attempt in without_room.drain(..) {
                work::attempt(ledger, &config, &attempt, true).await;
            }
            if soon.is_none() {
                break;
            }
        }
        let look = pin!(platform::sleep(LOOK_MILLIS));
        match select(look, running.next()).await {
            Either::Right((Some((Ending::NoRoom, attempt)), _)) => without_room.push(attempt),
            // Nothing is being done: until the next look.
            Either::Right((None, look)) => look.await,
            Either::Right((Some((Ending::Noted, _)), _)) | Either::Left(_) => {}
        }
    }
    // News that the session is being told of just now are told again should that be lost.
    let next = ledger.note(|record| {
        record.resume(platform::now());
        record.outbox.next_due()
    });
    next.map(Option::flatten)
}

/// Writes down that what is due is begun.
fn begin(ledger: &Rc<Ledger>, now: UnixMillis) -> Result<Vec<Attempt>, JsValue> {
    let taken = ledger.store(|record| {
        let (attempts, given_up) = record.outbox.take_due(now, platform::random_u32());
        // Whoever reads the copy has to see what was given up. That of copying it cannot show.
        if given_up.iter().any(|given_up| given_up.name != Work::Copy.to_string()) {
            record.outbox.want(&Work::Copy, None, now);
        }
        work::report(record.pull_id.as_str(), &given_up);
        attempts
    });
    let Some(attempts) = taken? else { return Ok(Vec::new()) };
    // The platform tries an alarm again that was interrupted, but not for ever.
    if attempts.iter().any(|attempt| attempt.number > 1) {
        let lease = ledger.read(|record| record.outbox.next_due())?.flatten();
        lease.into_iter().for_each(|lease| ledger.wake_at(lease));
    }
    Ok(attempts)
}

/// Stores how the work went, in a moment: what comes until then stores it, too. An object that sleeps forgets; one that is
/// lost meanwhile does what it did once more.
fn store_soon(ledger: &Rc<Ledger>) {
    let ledger = Rc::clone(ledger);
    spawn_local(async move {
        platform::sleep(MOMENT_MILLIS).await;
        // What does not succeed is done again.
        drop(ledger.store(|_| ()));
    });
}
