//! The object's methods: taking an event, answering readers, and waking for the outbox.

use std::{cell::Cell, rc::Rc};

use canopy::{
    pull::{Kind, Outcome, Position, Work, follows},
    time::UnixMillis,
    webhook::Event,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use worker::Env;

use super::{
    alarm,
    ledger::{Held, Ledger, entry_context},
    store::NewEntry,
    view, work,
};
use crate::platform::{self, ObjectState};

/// The Rust half of the `Pull` object.
#[wasm_bindgen]
pub struct PullObject {
    ledger: Rc<Ledger>,
    /// What came of the event whose transaction is under way.
    taken: Cell<Option<Taken>>,
}

/// What came of one webhook.
struct Taken {
    held: Held,
    notify: bool,
}

#[wasm_bindgen]
impl PullObject {
    #[wasm_bindgen(constructor)]
    pub fn new(state: ObjectState, env: Env) -> Self {
        Self { ledger: Rc::new(Ledger::new(&state, env)), taken: Cell::default() }
    }

    /// Takes one verified webhook, `digest` the SHA-256 of its body: log, state and outbox, all of it in the one
    /// transaction that this is called in. Gives what became of it. Call [`PullObject::follow`] when the transaction has
    /// succeeded.
    pub fn ingest(&self, digest: &[u8], body: JsValue, now: f64) -> Result<String, JsValue> {
        let bytes = platform::from_js(&body);
        let event = Event::parse(&bytes).map_err(|error| JsValue::from_str(&error.to_string()))?;
        let digest = digest.try_into().map_err(|_| JsValue::from_str("digest unreadable"))?;
        let (taken, outcome) = self.append(&event, digest, body, &bytes, UnixMillis(now as i64))?;
        self.taken.set(Some(taken));
        Ok(outcome.as_str().to_owned())
    }

    /// Sets the alarm for the work that follows the event, and tells the session of it.
    pub fn follow(&self) {
        let Some(Taken { held, notify }) = self.taken.take() else { return };
        self.ledger.settle(held);
        if notify {
            let ledger = Rc::clone(&self.ledger);
            spawn_local(async move { work::tell(&ledger).await });
        }
    }

    /// Works off what is due.
    pub async fn alarm(&self) -> Result<(), JsValue> {
        let ledger = Rc::clone(&self.ledger);
        alarm::went_off(&ledger).await
    }

    /// The pull as the back office reads it; `undefined` when it is unknown.
    pub fn read(&self) -> Result<Option<String>, JsValue> {
        if !self.ledger.is_known()? {
            return Ok(None);
        }
        Ok(view::pull(&self.ledger)?.map(|view| view.text()))
    }

    /// The log after a position; `undefined` when the pull is unknown.
    pub fn events(&self, after: f64, limit: u32) -> Result<Option<String>, JsValue> {
        if !self.ledger.is_known()? {
            return Ok(None);
        }
        view::events(&self.ledger, after as i64, limit).map(Some)
    }

    /// A version of the pull as Canopy gave it, the latest for 0: `[version, chunks, bytes]`; `undefined` when there is
    /// none.
    pub fn snapshot(&self, version: f64) -> Result<JsValue, JsValue> {
        if !self.ledger.is_known()? || !self.ledger.has_snapshots() {
            return Ok(JsValue::UNDEFINED);
        }
        Ok(view::snapshot(&self.ledger, version as i64)?.map_or(JsValue::UNDEFINED, JsValue::from))
    }

    /// One chunk of a version, from 0.
    pub fn chunk(&self, version: f64, number: u32) -> Result<JsValue, JsValue> {
        view::chunk(&self.ledger, version as i64, number)
    }

    /// What is known of a stored document; `undefined` when there is none.
    pub fn document(&self, id: &str) -> Result<Option<String>, JsValue> {
        if !self.ledger.is_known()? || !self.ledger.has_snapshots() {
            return Ok(None);
        }
        let known = view::stored_document(&self.ledger, id)?;
        Ok(known.map(|known| serde_json::to_string(&known).expect("what is known is plain data")))
    }

    /// Works the failed outbox again; `undefined` when the pull is unknown.
    pub fn retry(&self, now: f64) -> Result<Option<u32>, JsValue> {
        let count = self.ledger.change_outbox(|outbox| outbox.retry(UnixMillis(now as i64)) as u32)?;
        if count.is_some_and(|count| count > 0) {
            self.ledger.wake_at(UnixMillis(now as i64));
        }
        Ok(count)
    }

    /// Has the pull's copies written anew, whatever stands there. Gives whether there is such a pull.
    pub fn relist(&self, now: f64) -> Result<bool, JsValue> {
        self.ledger.found_by.take();
        let copied =
            self.ledger.change_outbox(|outbox| outbox.want(&Work::Copy, None, UnixMillis(now as i64)));
        copied.map(|known| known.is_some())
    }

    /// Tells `session` of every change from here on, and of what is known now.
    pub fn watch(&self, pull_id: &str, session: String, now: f64) -> Result<(), JsValue> {
        let (ledger, now) = (&self.ledger, UnixMillis(now as i64));
        let mut held = ledger.take()?;
        let mut change = || {
            let mut watched = match held.take() {
                Some(held) => held,
                None => {
                    let held = ledger.begin(pull_id, now)?;
                    held.record.insert(&ledger.database)?;
                    held
                }
            };
            watched.record.watcher = Some(session.clone());
            watched.record.update_watcher(&ledger.database)?;
            watched.outbox.want(&Work::Notify, None, now);
            super::store::write_outbox(&ledger.database, &mut watched.outbox)?;
            held = Some(watched);
            Ok(JsValue::UNDEFINED)
        };
        ledger.storage.transaction(&mut change)?;
        let Some(held) = held else { return Ok(()) };
        let is_begun = held.record.end.position > 0;
        ledger.settle(held);
        if is_begun {
            let ledger = Rc::clone(ledger);
            spawn_local(async move { work::tell(&ledger).await });
        }
        Ok(())
    }
}

impl PullObject {
    fn append(
        &self,
        event: &Event,
        digest: &[u8; 32],
        body: JsValue,
        bytes: &[u8],
        now: UnixMillis,
    ) -> Result<(Taken, Outcome), JsValue> {
        let ledger = &self.ledger;
        let (mut held, is_first) = match ledger.take()? {
            Some(held) => (held, false),
            None => (ledger.begin(event.pull_id.as_str(), now)?, true),
        };
        let end = held.record.end.next(now);
        let mut outcome = held.record.state.apply(event, digest);
        let context = entry_context(&held.record.pull_id, digest);
        let sealed = ledger.config()?.keys.seal(bytes, &context, platform::random());
        let entry = NewEntry {
            kind: Kind::Webhook,
            end,
            cause: None,
            event_type: &event.event_type,
            sequence: event.sequence,
            outcome: outcome.as_str(),
            key: digest,
            is_sealed: sealed.is_some(),
            body: sealed.map_or(body, |sealed| platform::to_js(&sealed)),
        };
        let mut cause = end.position;
        if entry.insert(&ledger.database)? {
            held.record.end = end;
            if is_first {
                held.record.insert(&ledger.database)?;
            } else if outcome == Outcome::Applied {
                held.record.updated_at = UnixMillis(end.recorded_at);
                held.record.update(&ledger.database)?;
            }
        } else {
            // What was folded in was in it already: storage knows how it was.
            held = ledger.load()?.ok_or_else(|| JsValue::from_str("pull unreadable"))?;
            outcome = Outcome::Duplicate;
            cause = position_of(ledger, digest)?;
        }
        let mut works: Vec<Work> = follows(event, outcome, &held.record.state).collect();
        let is_watched = held.record.watcher.is_some() && outcome == Outcome::Applied;
        if is_watched && !works.contains(&Work::Notify) {
            works.push(Work::Notify);
        }
        // The session is told at once; should that be lost, the copy tells it.
        for work in works.iter().filter(|work| **work != Work::Notify) {
            held.outbox.want(work, Some(cause), now);
        }
        super::store::write_outbox(&ledger.database, &mut held.outbox)?;
        Ok((Taken { held, notify: works.contains(&Work::Notify) }, outcome))
    }
}

/// Where a repeated webhook stands.
fn position_of(ledger: &Ledger, digest: &[u8; 32]) -> Result<Position, JsValue> {
    let row =
        ledger.database.first("SELECT position FROM entry WHERE key = ?1", [platform::to_js(digest)])?;
    Ok(row.and_then(|row| row.integer(0)).unwrap_or_default())
}
