//! One attempt at a piece of work, and what is noted of it.

use std::rc::Rc;

use canopy::{
    config::Config,
    pull::{Attempt, GivenUp, Work},
    retry::{Failure, Reason},
};
use serde_json::json;
use wasm_bindgen::JsValue;

use super::{
    super::{download::Miss, erasure, failure::storage, ledger::Ledger},
    copy, deliver, document, fetch, link, notify,
};
use crate::{
    objects::{runs, unseen::Unseen},
    platform,
};

/// What became of an attempt.
#[derive(PartialEq, Eq)]
pub enum Ending {
    /// The outbox knows.
    Noted,
    /// It found no room for what it reads: to be attempted again, alone.
    NoRoom,
}

/// Attempts a piece of work and notes in the outbox how it went. One that finds no room even `alone` waits.
pub async fn attempt(ledger: &Rc<Ledger>, config: &Config, attempt: &Attempt, alone: bool) -> Ending {
    let whole = |()| None;
    let done = match &attempt.work {
        Work::Notify => notify::notify(ledger).await.map(whole).map_err(Miss::Failed),
        Work::Copy => copy::copy(ledger, config).await.map(whole),
        Work::Fetch => fetch::fetch(ledger, config, attempt.cause).await.map(whole),
        Work::Link => link::link(ledger, config).await.map(whole),
        Work::Document(id) => document::document(ledger, config, id, attempt).await.map(whole),
        Work::Deliver(id) => deliver::deliver(ledger, config, id).await,
        Work::Runs => runs::advance(&**ledger, config).await.map_err(|unseen| match unseen {
            Unseen::NoRoom => Miss::NoRoom,
            Unseen::Storage(thrown) => storage(thrown).into(),
        }),
        Work::Erase => erase(ledger).map(whole).map_err(|error| storage(error).into()),
    };
    let now = platform::now();
    let noted = match done {
        Ok(None) => ledger.note(|record| record.outbox.succeed(&attempt.work, now)),
        // It goes on then: where that is far, it is stored when the alarm ends.
        Ok(Some(due)) => ledger.store(|record| record.outbox.put_off(&attempt.work, due, now)),
        Err(Miss::NoRoom) if !alone => return Ending::NoRoom,
        Err(Miss::NoRoom) => {
            ledger.store(|record| record.outbox.defer(&attempt.work, now, platform::random_u32()))
        }
        Err(Miss::Failed(failure)) => fail(ledger, attempt, &failure),
    };
    if noted.is_err() {
        // The work is still pending and is taken up again at the next alarm.
        ledger.wake_at(now.plus(canopy::retry::BASE_MILLIS));
    }
    Ending::Noted
}

/// Deletes the pull, unless something came of it after that was announced.
fn erase(ledger: &Ledger) -> Result<(), JsValue> {
    let is_to_be_deleted = ledger.read(|record| record.state.is_to_be_deleted())? == Some(true);
    if is_to_be_deleted { erasure::begin(ledger).map(drop) } else { Ok(()) }
}

fn fail(ledger: &Ledger, attempt: &Attempt, failure: &Failure) -> Result<Option<()>, JsValue> {
    ledger.store(|record| {
        let is_last = record.outbox.fail(&attempt.work, failure, platform::random_u32());
        let name = attempt.work.to_string();
        log(record.pull_id.as_str(), &name, attempt.number, failure.reason, failure.status, is_last);
        // Whoever reads the copy has to see what failed, too. That copying failed it cannot show.
        if attempt.work != Work::Copy {
            record.outbox.want(&Work::Copy, None, platform::now());
        }
    })
}

/// Tells the operator of work that was given up when it was taken.
pub fn report(pull_id: &str, given_up: &[GivenUp]) {
    for GivenUp { name, attempts, reason } in given_up {
        log(pull_id, name, *attempts, *reason, None, true);
    }
}

/// One line for the operator: no consumer's data.
fn log(pull_id: &str, work: &str, attempt: u32, code: Reason, status: Option<u16>, is_last: bool) {
    let line = json!({
        "route": "outbox",
        "pull_id": pull_id,
        "work": work,
        "attempt": attempt,
        "code": code,
        "status": status,
        "given_up": is_last,
    });
    worker::console_warn!("{line}");
}
