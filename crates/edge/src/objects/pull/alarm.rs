//! What is done when the object's alarm goes off.

use std::{pin::pin, rc::Rc};

use canopy::{
    pull::{Alarm, Attempt, Work},
    time::UnixMillis,
};
use futures_util::{
    FutureExt, StreamExt,
    future::{Either, LocalBoxFuture, pending, select},
    stream::FuturesUnordered,
};
use serde_json::json;
use wasm_bindgen::JsValue;

use super::{
    erasure,
    ledger::Ledger,
    log,
    work::{self, Ending},
};
use crate::{http::note, platform};

/// Work that is due so soon is waited for, in milliseconds: for as long an object costs less than another alarm.
/// Source: Cloudflare, "Durable Objects: pricing": 0.7 s of 128 MB are a row written and a request.
const LINGER_MILLIS: u64 = 700;

/// An object is not put to sleep so soon after it has worked, in milliseconds.
/// Source: Cloudflare, "Durable Objects: lifecycle", hibernation after 10 seconds without work.
const AWAKE_MILLIS: u64 = 8_000;

/// Wait before what failed to be deleted is tried again, in milliseconds.
const ERASE_AGAIN_MILLIS: u64 = 30_000;

/// Longest that an alarm begins work, in milliseconds: the platform lets it work for a quarter of an hour.
const LONGEST_MILLIS: u64 = 60_000;

/// Works off what is due, and sets the alarm for what is due next.
pub async fn went_off(ledger: &Rc<Ledger>) -> Result<(), JsValue> {
    ledger.change_alarm(|alarm| alarm.begin(platform::now()));
    if ledger.is_erased() {
        return erase(ledger).await;
    }
    let due = work_off(ledger).await.inspect_err(|_| ledger.change_alarm(Alarm::break_off))?;
    if let (Some(due), true) = (due, ledger.change_alarm(|alarm| alarm.end(due))) {
        ledger.storage.set_alarm(due.0);
    }
    Ok(())
}

/// Deletes what is left of a pull that is deleted: nothing else of it is under way, as there is one alarm at a time.
async fn erase(ledger: &Rc<Ledger>) -> Result<(), JsValue> {
    let again = match erasure::finish(ledger).await {
        Ok(()) => None,
        Err(thrown) => {
            note("deleting a pull", &thrown);
            Some(platform::now().plus(ERASE_AGAIN_MILLIS))
        }
    };
    ledger.change_alarm(|alarm| alarm.end(again));
    again.into_iter().for_each(|again| ledger.storage.set_alarm(again.0));
    Ok(())
}

/// What ended of what was running.
enum Ended {
    Attempt(Ending, Attempt),
    Announcement,
}

/// Works off what is due, and what falls due in a moment; gives when the next work is.
async fn work_off(ledger: &Rc<Ledger>) -> Result<Option<UnixMillis>, JsValue> {
    // What a repaired configuration mends, a missing key above all, is looked at again.
    let (Ok(config), Ok(_)) = (ledger.config(), ledger.note(|record| record.outbox.begin())) else {
        worker::console_warn!("{}", json!({ "route": "outbox", "code": "UNREADABLE" }));
        return Ok(Some(platform::now().plus(canopy::retry::CAP_MILLIS)));
    };
    if log::come(ledger)? && ledger.read(|record| record.untold.is_some())? == Some(true) {
        work::tell(ledger).await;
    }
    let last = platform::now().plus(LONGEST_MILLIS);
    let mut running = FuturesUnordered::<LocalBoxFuture<'_, Ended>>::new();
    let mut without_room = Vec::new();
    let config = &config;
    loop {
        let now = platform::now();
        let end = ledger.read(|record| record.end.position)?.unwrap_or_default();
        if now <= last && ledger.announced.get().is_due(end, now) {
            running.push(work::announce(ledger, config).map(|()| Ended::Announcement).boxed_local());
        }
        let next = ledger.read(|record| record.outbox.next_to_begin())?.flatten().filter(|_| now <= last);
        if next.is_some_and(|next| next <= now) {
            let attempts = begin(ledger, now)?;
            running.extend(attempts.into_iter().map(|attempt| {
                let ended = async move {
                    Ended::Attempt(work::attempt(ledger, config, &attempt, false).await, attempt)
                };
                ended.boxed_local()
            }));
        }
        if running.is_empty() {
            for attempt in without_room.drain(..) {
                work::attempt(ledger, config, &attempt, true).await;
            }
        }
        let next = ledger.read(|record| record.outbox.next_to_begin())?.flatten().filter(|_| now <= last);
        // What is due and was not begun waits for room, in another alarm where nothing makes it.
        let wait = next.and_then(|next| u64::try_from(next.0 - now.0).ok()).filter(|millis| *millis > 0);
        // An alarm of its own for what is due in a moment costs more than waiting for it.
        if running.is_empty() && wait.is_none_or(|wait| wait > LINGER_MILLIS) {
            break;
        }
        let call = pin!(ledger.next_call());
        let wait = pin!(sleep(wait));
        let ended = pin!(ended(&mut running));
        if let Either::Left((Ended::Attempt(Ending::NoRoom, attempt), _)) =
            select(ended, select(call, wait)).await
        {
            without_room.push(attempt);
        }
    }
    // News that the session is being told of just now are told again should that be lost.
    let next = ledger.note(|record| {
        record.resume(platform::now());
        ledger.next_due(record)
    });
    let next = next?.flatten();
    // How the work went is stored with what is begun next. One that is lost before does its work once more; one that
    // sleeps forgets.
    if next.is_none_or(|next| next > platform::now().plus(AWAKE_MILLIS)) {
        ledger.store(|_| ())?;
    }
    Ok(next)
}

/// How the next of what is running ends.
async fn ended<T>(running: &mut FuturesUnordered<impl Future<Output = T>>) -> T {
    match running.next().await {
        Some(ended) => ended,
        None => pending().await,
    }
}

/// Waits so many milliseconds; without end for `None`.
async fn sleep(millis: Option<u64>) {
    match millis {
        Some(millis) => platform::sleep(millis).await,
        None => pending().await,
    }
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
