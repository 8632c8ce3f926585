//! What is done when the object's alarm goes off.

use std::rc::Rc;

use canopy::{pull::Alarm, time::UnixMillis};
use futures_util::future::join_all;
use wasm_bindgen::JsValue;

use super::{
    ledger::Ledger,
    work::{self, Ending},
};
use crate::platform;

/// Works off what is due, and sets the alarm for what is due next.
pub async fn went_off(ledger: &Rc<Ledger>) -> Result<(), JsValue> {
    ledger.change_alarm(|alarm| alarm.begin(platform::now()));
    let due = work_off(ledger).await.inspect_err(|_| ledger.change_alarm(Alarm::break_off))?;
    if let (Some(due), true) = (due, ledger.change_alarm(|alarm| alarm.end(due))) {
        ledger.storage.set_alarm(due.0);
    }
    Ok(())
}

/// Works off what is due; gives when the next work is.
async fn work_off(ledger: &Rc<Ledger>) -> Result<Option<UnixMillis>, JsValue> {
    ledger.note(|held| held.outbox.begin())?;
    let Ok(config) = ledger.config() else {
        return Ok(Some(platform::now().plus(canopy::retry::CAP_MILLIS)));
    };
    loop {
        let now = platform::now();
        let next = ledger.read(|held| held.outbox.next_due())?.flatten();
        if next.is_none_or(|next| next > now) {
            break;
        }
        let taken = ledger.change_outbox(|outbox| outbox.take_due(now, platform::random_u32()))?;
        let Some((attempts, given_up)) = taken else { break };
        if attempts.is_empty() && given_up.is_empty() {
            break;
        }
        work::give_up(ledger, &given_up)?;
        // The platform tries an alarm again that was interrupted, but not for ever.
        if attempts.iter().any(|attempt| attempt.number > 1) {
            let lease = ledger.read(|held| held.outbox.next_due())?.flatten();
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
    // What was noted in memory since the last change is written down with the alarm.
    if ledger.read(|held| held.outbox.has_changes())? == Some(true) {
        ledger.change_outbox(|_| ())?;
    }
    Ok(ledger.read(|held| held.outbox.next_due())?.flatten())
}
