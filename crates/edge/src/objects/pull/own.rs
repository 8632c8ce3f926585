//! Events of the back office's: that they came, are to come, or are not.

use std::rc::Rc;

use canopy::{
    pull::Work,
    schedule::{NewEvent, ScheduleQuery, When},
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{
    brought::{cancel, page, take},
    erasure::{self, Tombstone},
    ledger::Ledger,
    log,
    object::PullObject,
    work,
};
use crate::platform;

#[wasm_bindgen]
impl PullObject {
    /// Takes an event that `caller` brings, a [`NewEvent`] as JSON, for now or for later. Gives an [`Answer`]; `undefined` when the
    /// pull is unknown.
    pub fn happen(&self, event: &str, is_later: bool, caller: &str) -> Result<Option<String>, JsValue> {
        let ledger = &self.ledger;
        let event: NewEvent = serde_json::from_str(event).map_err(|_| "event unreadable")?;
        let when = if is_later { When::Later } else { When::Now };
        if !is_begun(ledger)? {
            return Ok(None);
        }
        let page = event.page && !is_later;
        let answer = ledger.change(|record| take(ledger, record, event, when, caller))?;
        if page {
            let ledger = Rc::clone(ledger);
            spawn_local(async move { work::tell(&ledger).await });
        }
        Ok(answer.map(|answer| answer.text()))
    }

    /// Has what is scheduled under this name not come. Gives an [`Answer`]; `undefined` when the pull is unknown.
    pub fn cancel(&self, schedule_id: &str, caller: &str) -> Result<Option<String>, JsValue> {
        let ledger = &self.ledger;
        if !is_begun(ledger)? {
            return Ok(None);
        }
        let answer = ledger.change(|record| cancel(ledger, record, schedule_id, caller))?;
        Ok(answer.map(|answer| answer.text()))
    }

    /// A page of the schedule, a [`ScheduleQuery`] as JSON; `undefined` when the pull is unknown.
    pub fn schedule(&self, query: &str) -> Result<Option<String>, JsValue> {
        let ledger = &self.ledger;
        let query: ScheduleQuery = serde_json::from_str(query).map_err(|_| "query unreadable")?;
        if !is_begun(ledger)? {
            return Ok(None);
        }
        let page = ledger.read(|record| page(ledger, record, &query))?.transpose()?;
        Ok(page.map(|page| page.to_string()))
    }

    /// Writes down what has come by itself, and has the alarm look after the work.
    pub fn wake(&self) -> Result<(), JsValue> {
        let ledger = &self.ledger;
        if let Some(Tombstone { sessions: Some(_), pull_id, .. }) = erasure::tombstone(ledger)? {
            erasure::wake(ledger, &pull_id);
        }
        if is_begun(ledger)? {
            log::come(ledger)?;
            // The list says when it is to be woken next.
            ledger.store(|record| record.outbox.want(&Work::Copy, None, platform::now()))?;
            ledger.storage.set_alarm(platform::now().0);
        }
        Ok(())
    }
}

/// Whether there is an entry of the pull.
pub fn is_begun(ledger: &Ledger) -> Result<bool, JsValue> {
    Ok(ledger.is_known()? && ledger.read(|record| record.end.position > 0)? == Some(true))
}
