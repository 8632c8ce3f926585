//! What is done when the object's alarm goes off.

use std::rc::Rc;

use canopy::{pull::Alarm, time::UnixMillis};
use futures_util::future::join_all;
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

/// Works off what is due; gives when the next work is.
async fn work_off(ledger: &Rc<Ledger>) -> Result<Option<UnixMillis>, JsValue> {
    ledger.note(|record| record.outbox.begin())?;
    let Ok(config) = ledger.config() else {
        return Ok(Some(platform::now().plus(canopy::retry::CAP_MILLIS)));
    };
    loop {
        let now = platform::now();
        let next = ledger.read(|record| record.outbox.next_due())?.flatten();
        if next.is_none_or(|next| next > now) {
            break;
        }
        let taken = ledger.store(|record| record.outbox.take_due(now, platform::random_u32()))?;
        let Some((attempts, given_up)) = taken else { break };
        if attempts.is_empty() && given_up.is_empty() {
            break;
        }
        work::give_up(ledger, &given_up)?;
        // The platform tries an alarm again that was interrupted, but not for ever.
        if attempts.iter().any(|attempt| attempt.number > 1) {
            let lease = ledger.read(|record| record.outbox.next_due())?.flatten();
            lease.into_iter().for_each(|lease| ledger.wake_at(lease));
        }
        let works = attempts.iter().map(|attempt| work::attempt(ledger, &config, attempt, false));
        let endings = join_all(works).await;
        for (attempt, ending) in attempts.iter().zip(endings) {
            if ending == Ending::NoRoom {
                work::attempt(ledger, &config, attempt, true).await;
            }
        }
    }
    ledger.read(|record| record.outbox.next_due()).map(Option::flatten)
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
