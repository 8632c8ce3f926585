//! What a pull's object holds: its log, its state and its outbox, in memory as in storage.
//!
//! One object is all there is of a pull, and it does one thing at a time. So what was read from storage once stays
//! true until it is changed here; what a change that fails leaves behind in memory is thrown away, and read anew.

use std::cell::{Cell, RefCell};

use canopy::{
    config::Config,
    id::PullId,
    listing::FoundBy,
    pull::{Alarm, Kind, Outbox, Position, Running, Work, key},
    time::UnixMillis,
};
use serde::Serialize;
use wasm_bindgen::JsValue;
use worker::Env;

use super::store::{self, Form, NewEntry, Record};
use crate::{
    config,
    platform::{self, Database, ObjectState, ObjectStorage},
};

/// See above.
pub struct Ledger {
    pub storage: ObjectStorage,
    pub database: Database,
    pub env: Env,
    held: Cell<Option<Held>>,
    running: Running,
    has_snapshots: Cell<bool>,
    alarm: Cell<Alarm>,
    /// The revision that the session was told of last, as far as this instance knows.
    pub told: Cell<Option<Position>>,
    /// What the pull was found by when this instance wrote it into the list last.
    pub found_by: RefCell<Option<FoundBy>>,
}

/// A pull in memory.
#[derive(Clone)]
pub struct Held {
    pub record: Record,
    pub outbox: Outbox,
}

impl Held {
    /// The pull's id, as a type of its own.
    pub fn pull_id(&self) -> Result<PullId, JsValue> {
        PullId::parse(&self.record.pull_id).map_err(|_| JsValue::from_str("pull unreadable"))
    }

    /// Appends an entry of the edge's own; gives its position. To be called in a change.
    pub fn append(
        &mut self,
        ledger: &Ledger,
        kind: Kind,
        cause: Option<Position>,
        body: &impl Serialize,
    ) -> Result<Position, JsValue> {
        let end = self.record.end.next(platform::now());
        let key = key(kind, end.position);
        let body = serde_json::to_vec(body).expect("a body is plain data");
        let config = ledger.config()?;
        let sealed = config.keys.seal(&body, &entry_context(&self.record.pull_id, &key), platform::random());
        NewEntry {
            kind,
            end,
            cause,
            event_type: "",
            sequence: None,
            outcome: "applied",
            key: &key,
            is_sealed: sealed.is_some(),
            body: platform::to_js(sealed.as_deref().unwrap_or(&body)),
        }
        .insert(&ledger.database)?;
        self.record.end = end;
        Ok(end.position)
    }
}

/// The place of an entry's body, for sealing.
pub fn entry_context(pull_id: &str, key: &[u8]) -> String {
    format!("event/{pull_id}/{}", hex::encode(key))
}

impl Ledger {
    pub fn new(state: &ObjectState, env: Env) -> Self {
        let storage = state.storage();
        let database = storage.database();
        Self {
            storage,
            database,
            env,
            held: Cell::default(),
            running: Running::default(),
            has_snapshots: Cell::default(),
            alarm: Cell::default(),
            told: Cell::default(),
            found_by: RefCell::default(),
        }
    }

    /// The configuration.
    pub fn config(&self) -> Result<std::rc::Rc<Config>, JsValue> {
        config::read(&self.env).map_err(|_| JsValue::from_str("not configured"))
    }

    /// The pull, to be given to [`Ledger::keep`] when what is done with it is in storage; `None` when there is none.
    pub fn take(&self) -> Result<Option<Held>, JsValue> {
        match self.held.take() {
            Some(held) => Ok(Some(held)),
            None => self.load(),
        }
    }

    /// What storage holds, which is now what memory holds.
    pub fn keep(&self, held: Held) {
        self.held.set(Some(held));
    }

    /// Reads the pull from storage. Storage of the first form is taken over, and the pull called into the list.
    pub fn load(&self) -> Result<Option<Held>, JsValue> {
        let form = store::form(&self.database)?;
        if form == Form::First {
            let mut change = || {
                store::take_over(&self.database)?;
                let mut outbox = store::read_outbox(&self.database, self.running.clone())?;
                outbox.want(&Work::Copy, None, platform::now());
                store::write_outbox(&self.database, &mut outbox)?;
                Ok(JsValue::UNDEFINED)
            };
            self.storage.transaction(&mut change)?;
            return self.load();
        }
        self.has_snapshots.set(form == Form::Whole { has_snapshots: true });
        if form == Form::Empty {
            return Ok(None);
        }
        let Some(record) = Record::read(&self.database)? else { return Ok(None) };
        Ok(Some(Held { record, outbox: store::read_outbox(&self.database, self.running.clone())? }))
    }

    /// Makes the tables for a pull that nothing is known of. To be called in a transaction.
    pub fn begin(&self, pull_id: &str, now: UnixMillis) -> Result<Held, JsValue> {
        if store::form(&self.database)? == Form::Empty {
            store::create(&self.database)?;
        }
        Ok(Held {
            record: Record::new(pull_id.to_owned(), now),
            outbox: Outbox::of([], self.running.clone()),
        })
    }

    /// Reads something of the pull; `None` when there is none.
    pub fn read<T>(&self, read: impl FnOnce(&Held) -> T) -> Result<Option<T>, JsValue> {
        let Some(held) = self.take()? else { return Ok(None) };
        let value = read(&held);
        self.keep(held);
        Ok(Some(value))
    }

    /// Changes what is known in memory alone: the next change writes it.
    pub fn note(&self, note: impl FnOnce(&mut Held)) -> Result<(), JsValue> {
        let Some(mut held) = self.take()? else { return Ok(()) };
        note(&mut held);
        self.keep(held);
        Ok(())
    }

    /// Changes the pull and its outbox in one transaction, and sets the alarm; `None` when there is no pull.
    pub fn change<T>(
        &self,
        change: impl FnOnce(&mut Held) -> Result<T, JsValue>,
    ) -> Result<Option<T>, JsValue> {
        let Some(mut held) = self.take()? else { return Ok(None) };
        let (mut change, mut value) = (Some(change), None);
        let mut transaction = || {
            if let Some(change) = change.take() {
                value = Some(change(&mut held)?);
            }
            store::write_outbox(&self.database, &mut held.outbox)?;
            Ok(JsValue::UNDEFINED)
        };
        self.storage.transaction(&mut transaction)?;
        self.settle(held);
        Ok(value)
    }

    /// Changes the outbox alone. Its rows are written in the same turn of the event loop, so they are committed together.
    pub fn change_outbox<T>(&self, change: impl FnOnce(&mut Outbox) -> T) -> Result<Option<T>, JsValue> {
        let Some(mut held) = self.take()? else { return Ok(None) };
        let value = change(&mut held.outbox);
        store::write_outbox(&self.database, &mut held.outbox)?;
        self.settle(held);
        Ok(Some(value))
    }

    /// Keeps what a transaction that has succeeded left, and sets the alarm for what is due.
    pub fn settle(&self, held: Held) {
        let due = held.outbox.next_due();
        self.keep(held);
        // While the alarm works it is left alone: it is set at its end.
        if let Some(due) = due.filter(|_| !self.alarm.get().is_working(platform::now())) {
            self.wake_at(due);
        }
    }

    /// Whether there is such a pull: then the object is awake, and so is its outbox.
    pub fn is_known(&self) -> Result<bool, JsValue> {
        let now = platform::now();
        let Some(due) = self.read(|held| held.outbox.next_due())? else { return Ok(false) };
        if self.alarm.get().must_compare(now) && self.change_alarm(|alarm| alarm.compare(due, now)) {
            due.into_iter().for_each(|due| self.storage.set_alarm(due.0));
        }
        Ok(true)
    }

    /// Sets the alarm to `due` unless it goes off before.
    pub fn wake_at(&self, due: UnixMillis) {
        if self.change_alarm(|alarm| alarm.set(due, platform::now())) {
            self.storage.set_alarm(due.0);
        }
    }

    /// Notes what becomes of the alarm.
    pub fn change_alarm<T>(&self, change: impl FnOnce(&mut Alarm) -> T) -> T {
        let mut alarm = self.alarm.get();
        let changed = change(&mut alarm);
        self.alarm.set(alarm);
        changed
    }

    /// Whether there can be snapshots and documents.
    pub fn has_snapshots(&self) -> bool {
        self.has_snapshots.get()
    }

    /// Makes the tables for snapshots and documents, before the first.
    pub fn prepare_snapshots(&self) -> Result<(), JsValue> {
        if !self.has_snapshots.get() {
            store::create_snapshots(&self.database)?;
            self.has_snapshots.set(true);
        }
        Ok(())
    }
}
