//! The object's methods: taking an event, and waking for the outbox.

use std::{cell::Cell, rc::Rc};

use canopy::{
    id::PullId,
    pull::{Alarm, Outcome, State, Work, follows},
    time::UnixMillis,
};
use futures_util::future::join_all;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use worker::Env;

use super::{
    Delivery,
    outbox::{Outbox, millis},
    reads,
    store::{self, Record},
    work::{self, Ending},
};
use crate::{
    config,
    platform::{self, Database, ObjectState, ObjectStorage},
};

/// What the object's parts share.
pub struct Inner {
    pub storage: ObjectStorage,
    pub database: Database,
    pub outbox: Outbox,
    pub env: Env,
    /// Whether the tables were made since the object woke.
    prepared: Cell<bool>,
    /// Whether the tables for what Canopy was asked for are there, as far as this instance knows.
    has_snapshots: Cell<bool>,
    /// The alarm, as far as this instance knows.
    alarm: Cell<Alarm>,
    /// What came of the event whose transaction is under way.
    taken: Cell<Option<Taken>>,
}

/// The Rust half of the `Pull` object.
#[wasm_bindgen]
pub struct PullObject(Rc<Inner>);

#[wasm_bindgen]
impl PullObject {
    #[wasm_bindgen(constructor)]
    pub fn new(state: ObjectState, env: Env) -> Self {
        let storage = state.storage();
        let database = storage.database();
        let outbox = Outbox::new(database.clone());
        let (prepared, has_snapshots) = (Cell::new(false), Cell::new(false));
        let (alarm, taken) = (Cell::new(Alarm::default()), Cell::new(None));
        Self(Rc::new(Inner { storage, database, outbox, env, prepared, has_snapshots, alarm, taken }))
    }

    /// Takes one verified webhook: log, state and outbox, all of it in the one transaction that this is called in.
    /// Gives what became of it. Call [`PullObject::follow`] when the transaction has succeeded.
    pub fn ingest(&self, delivery: &str, body: JsValue, now: f64) -> Result<JsValue, JsValue> {
        let delivery: Delivery =
            serde_json::from_str(delivery).map_err(|_| JsValue::from_str("delivery unreadable"))?;
        if !self.0.prepared.get() {
            store::prepare(&self.0.database)?;
        }
        let taken = self.0.append(&delivery, &body, UnixMillis(now as i64))?;
        let outcome = JsValue::from_str(taken.outcome);
        self.0.taken.set(Some(taken));
        Ok(outcome)
    }

    /// Sets the alarm for the work that follows the event, and tells the session of it.
    pub fn follow(&self) -> Result<(), JsValue> {
        let inner = &self.0;
        inner.prepared.set(true);
        let Some(taken) = inner.taken.take() else { return Ok(()) };
        match taken.due {
            Some(due) => inner.wake_at(due),
            None => inner.rearm()?,
        }
        if taken.notify {
            let inner = Rc::clone(inner);
            spawn_local(async move { work::tell(&inner).await });
        }
        Ok(())
    }

    /// Works off what is due.
    pub async fn alarm(&self) -> Result<(), JsValue> {
        let inner = &self.0;
        inner.change_alarm(|alarm| alarm.begin(platform::now()));
        let worked = inner.work_off().await;
        match worked {
            Ok(due) => {
                if let (Some(due), true) = (due, inner.change_alarm(|alarm| alarm.end(due))) {
                    inner.storage.set_alarm(due.0);
                }
                Ok(())
            }
            Err(error) => {
                inner.change_alarm(Alarm::break_off);
                Err(error)
            }
        }
    }

    /// The pull as the back office reads it; `undefined` when it is unknown.
    pub fn read(&self) -> Result<JsValue, JsValue> {
        if !self.0.is_known()? {
            return Ok(JsValue::UNDEFINED);
        }
        Ok(reads::document(&self.0)?.map_or(JsValue::UNDEFINED, |document| document.text().into()))
    }

    /// The log after a position; `undefined` when the pull is unknown.
    pub fn events(&self, after: f64, limit: u32) -> Result<JsValue, JsValue> {
        if !self.0.is_known()? {
            return Ok(JsValue::UNDEFINED);
        }
        reads::events(&self.0, after as i64, limit).map(JsValue::from)
    }

    /// A version of the pull as Canopy gave it, the latest for 0: `[version, chunks, bytes]`; `undefined` when there is
    /// none.
    pub fn snapshot(&self, version: f64) -> Result<JsValue, JsValue> {
        if !self.0.is_known()? || !self.0.has_snapshots()? {
            return Ok(JsValue::UNDEFINED);
        }
        Ok(reads::snapshot(&self.0, version as i64)?.map_or(JsValue::UNDEFINED, JsValue::from))
    }

    /// One chunk of a version, from 0.
    pub fn chunk(&self, version: f64, number: u32) -> Result<JsValue, JsValue> {
        reads::chunk(&self.0, version as i64, number)
    }

    /// What is known of a stored document; `undefined` when there is none.
    pub fn document(&self, id: &str) -> Result<JsValue, JsValue> {
        if !self.0.is_known()? || !self.0.has_snapshots()? {
            return Ok(JsValue::UNDEFINED);
        }
        Ok(reads::stored_document(&self.0.database, id)?
            .map_or(JsValue::UNDEFINED, |text| text.to_string().into()))
    }

    /// Works the failed outbox again; `undefined` when the pull is unknown.
    pub fn retry(&self, now: f64) -> Result<JsValue, JsValue> {
        let inner = &self.0;
        if !inner.is_known()? {
            return Ok(JsValue::UNDEFINED);
        }
        let count = inner.outbox.retry(UnixMillis(now as i64))?;
        if count > 0 {
            inner.wake_at(now as i64);
        }
        Ok(JsValue::from_f64(count as f64))
    }

    /// Tells `session` of every change from here on, and of what is known now.
    pub fn watch(&self, pull_id: &str, session: &str, now: f64) -> Result<(), JsValue> {
        let inner = &self.0;
        store::prepare(&inner.database)?;
        let state = serde_json::to_string(&State::default()).expect("a state is plain data");
        let mut change = || {
            inner.database.run(
                "INSERT INTO pull (only, pull_id, created_at, updated_at, state, watcher) VALUES (1, ?1, ?2, ?2, ?3, ?4)
                 ON CONFLICT (only) DO UPDATE SET watcher = excluded.watcher",
                [pull_id.into(), now.into(), state.as_str().into(), session.into()],
            )?;
            let due = inner.outbox.want(&Work::Notify, UnixMillis(now as i64))?;
            Ok(due.map_or(JsValue::UNDEFINED, millis))
        };
        let due = inner.storage.transaction(&mut change)?;
        if let Some(due) = due.as_f64() {
            inner.wake_at(due as i64);
        }
        if Record::read(&inner.database)?.is_some_and(|record| record.revision > 0) {
            let inner = Rc::clone(inner);
            spawn_local(async move { work::tell(&inner).await });
        }
        Ok(())
    }
}

/// What came of one webhook.
struct Taken {
    outcome: &'static str,
    notify: bool,
    due: Option<i64>,
}

impl Inner {
    /// Whether anything was ever stored here: then the object is awake, and so is its outbox.
    fn is_known(&self) -> Result<bool, JsValue> {
        let is_known = self.prepared.get() || store::exists(&self.database)?;
        if is_known {
            self.rearm()?;
        }
        Ok(is_known)
    }

    /// Makes the tables for snapshots and documents, before the first.
    pub fn prepare_snapshots(&self) -> Result<(), JsValue> {
        if !self.has_snapshots.get() {
            store::prepare_snapshots(&self.database)?;
            self.has_snapshots.set(true);
        }
        Ok(())
    }

    /// Whether there can be snapshots and documents.
    pub fn has_snapshots(&self) -> Result<bool, JsValue> {
        if !self.has_snapshots.get() {
            self.has_snapshots.set(store::exists_snapshots(&self.database)?);
        }
        Ok(self.has_snapshots.get())
    }

    fn append(&self, delivery: &Delivery, body: &JsValue, now: UnixMillis) -> Result<Taken, JsValue> {
        let (event, database) = (&delivery.event, &self.database);
        let mut digest = [0; 32];
        hex::decode_to_slice(&delivery.digest, &mut digest)
            .map_err(|_| JsValue::from_str("digest unreadable"))?;
        let record = Record::read(database)?;
        let is_first = record.is_none();
        let mut record = record.unwrap_or_else(|| Record {
            pull_id: event.pull_id.to_string(),
            created_at: now.0,
            updated_at: now.0,
            revision: 0,
            state: State::default(),
            watcher: None,
        });
        let mut outcome = record.state.apply(event, &digest);
        if !self.log(delivery, &digest, outcome.as_str(), body, now)? {
            outcome = Outcome::Duplicate;
        }
        if outcome == Outcome::Applied || is_first {
            let state = serde_json::to_string(&record.state).expect("a state is plain data");
            database.run(
                "INSERT INTO pull (only, pull_id, created_at, updated_at, state) VALUES (1, ?1, ?2, ?2, ?3)
                 ON CONFLICT (only) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at",
                [JsValue::from_str(&record.pull_id), millis(now.0), JsValue::from_str(&state)],
            )?;
        }
        let mut taken = Taken { outcome: outcome.as_str(), notify: false, due: None };
        let watched = record.watcher.is_some() && outcome == Outcome::Applied;
        let mut works: Vec<Work> = follows(event, outcome, &record.state).collect();
        if watched && !works.contains(&Work::Notify) {
            works.push(Work::Notify);
        }
        for work in &works {
            taken.notify |= *work == Work::Notify;
            let due = self.outbox.want(work, now)?;
            taken.due = match (taken.due, due) {
                (Some(kept), Some(due)) => Some(kept.min(due)),
                (kept, due) => kept.or(due),
            };
        }
        Ok(taken)
    }

    /// Appends to the log; gives whether the body was new.
    fn log(
        &self,
        delivery: &Delivery,
        digest: &[u8; 32],
        outcome: &str,
        body: &JsValue,
        now: UnixMillis,
    ) -> Result<bool, JsValue> {
        let config = config::read(&self.env).map_err(|_| JsValue::from_str("not configured"))?;
        let context = event_context(&delivery.event.pull_id, &delivery.digest);
        let sealed = if config.keys.is_set() {
            config.keys.seal(&platform::from_js(body), &context, platform::random())
        } else {
            None
        };
        let (is_sealed, body) = match sealed {
            Some(sealed) => (1, platform::to_js(&sealed)),
            None => (0, body.clone()),
        };
        let sequence = delivery.event.sequence.map(|sequence| sequence.to_string());
        let row = self.database.first(
            "INSERT INTO event (received_at, event_type, sequence, outcome, digest, sealed, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (digest) DO NOTHING RETURNING 1",
            [
                millis(now.0),
                JsValue::from_str(&delivery.event.event_type),
                sequence.map_or(JsValue::NULL, JsValue::from),
                JsValue::from_str(outcome),
                platform::to_js(digest),
                is_sealed.into(),
                body,
            ],
        )?;
        Ok(row.is_some())
    }

    /// Sets the alarm to `due` unless it goes off before.
    pub fn wake_at(&self, due: i64) {
        if self.change_alarm(|alarm| alarm.set(UnixMillis(due), platform::now())) {
            self.storage.set_alarm(due);
        }
    }

    /// Sets an alarm that was lost: to be called by whatever wakes the object.
    fn rearm(&self) -> Result<(), JsValue> {
        let now = platform::now();
        if !self.alarm.get().must_compare(now) {
            return Ok(());
        }
        let due = self.outbox.next_due()?.map(UnixMillis);
        if let (Some(due), true) = (due, self.change_alarm(|alarm| alarm.compare(due, now))) {
            self.storage.set_alarm(due.0);
        }
        Ok(())
    }

    fn change_alarm<T>(&self, change: impl FnOnce(&mut Alarm) -> T) -> T {
        let mut alarm = self.alarm.get();
        let changed = change(&mut alarm);
        self.alarm.set(alarm);
        changed
    }

    /// Works off what is due; gives when the next work is.
    async fn work_off(self: &Rc<Self>) -> Result<Option<UnixMillis>, JsValue> {
        self.outbox.begin();
        if !self.prepared.get() && !store::exists(&self.database)? {
            return Ok(None);
        }
        let Ok(config) = config::read(&self.env) else {
            return Ok(Some(platform::now().plus(canopy::retry::CAP_MILLIS)));
        };
        loop {
            let (entries, given_up) = self.outbox.take_due(platform::now())?;
            if entries.is_empty() && given_up.is_empty() {
                break;
            }
            work::give_up(self, &given_up)?;
            // The platform tries an alarm again that was interrupted, but not for ever.
            let again = entries.iter().filter(|entry| entry.taken.attempts > 1);
            if let Some(lease) = again.map(|entry| entry.lease.0).min() {
                self.wake_at(lease);
            }
            let attempts = entries.iter().map(|entry| work::attempt(self, &config, entry, false));
            let endings = join_all(attempts).await;
            for (entry, ending) in entries.iter().zip(endings) {
                if ending == Ending::NoRoom {
                    work::attempt(self, &config, entry, true).await;
                }
            }
        }
        Ok(self.outbox.next_due()?.map(UnixMillis))
    }
}

/// The place of an event's body, for sealing.
pub fn event_context(pull_id: &PullId, digest: &str) -> String {
    format!("event/{pull_id}/{digest}")
}
