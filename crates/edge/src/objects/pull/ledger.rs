//! What a pull's object holds: its log in storage, and its record, in memory and now and then in storage.
//!
//! One object is all there is of a pull, and it does one thing at a time. So what was read from storage once stays
//! true until it is changed here; what a change that fails leaves behind in memory is thrown away, and read anew.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    future::poll_fn,
    task::{Poll, Waker},
};

use canopy::{
    config::Config,
    delivery::Announced,
    id::{Id, PullId, SubscriptionId},
    listing::FoundBy,
    pull::{
        Alarm, COPY_REST_MILLIS, COPY_WAIT_MILLIS, Kind, LogEnd, Logged, Position, Record, Running, Seen,
        Standing, Work,
    },
    task,
    time::UnixMillis,
};
use wasm_bindgen::JsValue;
use worker::Env;

use super::store::{self, Form, Tables, integer};
use crate::{
    config,
    objects::coming,
    platform::{self, Database, ObjectState, ObjectStorage, Row},
    stores::{book, instances, invitations::Came, subscriptions},
};

/// See above.
pub struct Ledger {
    pub storage: ObjectStorage,
    pub database: Database,
    pub env: Env,
    record: Cell<Option<Record>>,
    running: Running,
    tables: Cell<Tables>,
    alarm: Cell<Alarm>,
    /// Whether it was deleted: then there is nothing of it, and nothing is taken.
    erased: Cell<bool>,
    /// Whether work was called for since [`Ledger::next_call`], and who waits for that.
    called: Cell<bool>,
    caller: Cell<Option<Waker>>,
    /// What this instance wrote into the list last.
    pub written: RefCell<Written>,
    /// How far the entries are announced to subscriptions.
    pub announced: Cell<Announced>,
    /// Up to where each subscription has all that it takes, as far as this instance knows.
    pub cursors: RefCell<BTreeMap<SubscriptionId, Position>>,
    /// How far entries were looked at for each instance of a workflow group.
    pub followers: RefCell<BTreeMap<String, Position>>,
}

/// What stands in the list beside the pull's line; `None` where that is not known.
#[derive(Default)]
pub struct Written {
    /// What it is found by.
    pub found_by: Option<FoundBy>,
    /// Its open tasks.
    pub tasks: Option<Vec<task::Key>>,
    /// Its monitoring.
    pub monitoring_id: Option<Id>,
    /// The subscriptions that it was delivered to, and the newest entry of each.
    pub lanes: Vec<(String, Position)>,
    /// What its part in the book follows from.
    pub book: Option<book::Source>,
    /// Under which key it is noted to have something.
    pub key: Option<String>,
    /// How far it has come of an invitation.
    pub came: Option<Came>,
}

/// The place of an entry's body, for sealing.
pub fn entry_context(pull_id: &str, key: &[u8]) -> String {
    format!("event/{pull_id}/{}", hex::encode(key))
}

/// An entry as it lies in the log.
struct Read {
    kind: Option<Kind>,
    key: Vec<u8>,
    is_sealed: bool,
    is_stale: bool,
    end: LogEnd,
}

impl Ledger {
    pub fn new(state: &ObjectState, env: Env) -> Self {
        let storage = state.storage();
        let database = storage.database();
        Self {
            storage,
            database,
            env,
            record: Cell::default(),
            running: Running::default(),
            tables: Cell::default(),
            alarm: Cell::default(),
            erased: Cell::default(),
            called: Cell::default(),
            caller: Cell::default(),
            written: RefCell::default(),
            announced: Cell::default(),
            cursors: RefCell::default(),
            followers: RefCell::default(),
        }
    }

    /// The configuration.
    pub fn config(&self) -> Result<std::rc::Rc<Config>, JsValue> {
        config::read(&self.env).map_err(|_| JsValue::from_str("not configured"))
    }

    /// The pull, to be given to [`Ledger::settle`] when what is done with it is in storage; `None` when there is none.
    pub fn take(&self) -> Result<Option<Record>, JsValue> {
        match self.record.take() {
            Some(record) => Ok(Some(record)),
            None => self.load(),
        }
    }

    /// Reads the pull from storage. Storage of an earlier form is taken over, and the pull called into the list.
    fn load(&self) -> Result<Option<Record>, JsValue> {
        let form = store::form(&self.database)?;
        if form == Form::Empty {
            self.tables.take();
            return Ok(None);
        }
        let config = self.config()?;
        let keys = &config.keys;
        if let Form::Earlier { is_first, has_snapshots } = form {
            let mut change = || {
                store::take_over(&self.database, is_first, has_snapshots)?;
                let running = self.running.clone();
                if let Some(mut record) = store::read(&self.database, keys, running, Seen::Indexed)? {
                    // It told the session of what was under way with the copy.
                    let copy = record.outbox.row(&Work::Copy);
                    if copy.is_some_and(|copy| copy.standing == Standing::Pending) {
                        record.untold = record.session().map(|_| record.end.position);
                    }
                    record.outbox.want(&Work::Copy, None, platform::now());
                    store::write(&self.database, keys, &mut record)?;
                }
                Ok(JsValue::UNDEFINED)
            };
            self.storage.transaction(&mut change)?;
            return self.load();
        }
        self.erased.set(form == Form::Erased);
        let Form::Whole(tables) = form else {
            self.tables.take();
            return Ok(None);
        };
        self.tables.set(tables);
        let seen = if tables.index { Seen::Indexed } else { store::seen(&self.database)? };
        let Some(mut record) = store::read(&self.database, keys, self.running.clone(), seen)? else {
            return Ok(None);
        };
        if record.lacks_agenda() {
            self.refold(&mut record)?;
        }
        self.replay(&mut record)?;
        self.change_announced(|announced| announced.loaded(record.end.position));
        record.resume(platform::now());
        Ok(Some(record))
    }

    /// Reads from its beginning the log of a pull whose record is of before there was an agenda. What cannot be opened any more says
    /// nothing of it.
    fn refold(&self, record: &mut Record) -> Result<(), JsValue> {
        let mut scratch = record.beginning();
        while scratch.end.position < record.end.position {
            let Some((logged, mut body)) = self.logged(&scratch)? else { break };
            let Read { kind, key, is_sealed, end, .. } = logged;
            let context = entry_context(record.pull_id.as_str(), &key);
            let config = self.config()?;
            let opened = config.keys.read(&mut body, is_sealed, &context);
            let taken = opened
                .is_ok_and(|body| scratch.replay(&Logged { kind, key: &key, body, is_sealed, end }).is_ok());
            if !taken {
                scratch.end = end;
            }
        }
        record.take_agenda_of(scratch);
        Ok(())
    }

    /// Takes up what came after the record was stored, one entry at a time: bodies may be large.
    fn replay(&self, record: &mut Record) -> Result<(), JsValue> {
        while let Some((logged, mut body)) = self.logged(record)? {
            // What changed nothing need not be opened: its key may be gone.
            if logged.is_stale {
                record.pass_over(logged.end);
                continue;
            }
            let Read { kind, key, is_sealed, end, .. } = logged;
            let context = entry_context(record.pull_id.as_str(), &key);
            let config = self.config()?;
            let body = config.keys.read(&mut body, is_sealed, &context).map_err(|error| error.to_string())?;
            record.replay(&Logged { kind, key: &key, body, is_sealed, end })?;
        }
        Ok(())
    }

    /// The entry behind the record's end, and its body as it lies there; `None` behind the last.
    fn logged(&self, record: &Record) -> Result<Option<(Read, Vec<u8>)>, JsValue> {
        let row = self.database.first(
            "SELECT position, kind, recorded_at, key, sealed, body, outcome = 'stale' FROM entry
             WHERE position > ?1 ORDER BY position LIMIT 1",
            [integer(record.end.position)],
        )?;
        let read = |row: Row| {
            let end = LogEnd {
                position: row.integer(0).unwrap_or_default(),
                recorded_at: row.integer(2).unwrap_or_default(),
            };
            let (is_sealed, is_stale) = (row.integer(4) == Some(1), row.integer(6) == Some(1));
            let kind = row.integer(1).and_then(Kind::of_code);
            (Read { kind, key: row.bytes(3), is_sealed, is_stale, end }, row.bytes(5))
        };
        Ok(row.map(read))
    }

    /// Whether it was deleted. One whose record does not open was not.
    pub fn is_erased(&self) -> bool {
        matches!(self.read(|_| ()), Ok(None)) && self.erased.get()
    }

    /// Forgets all that is known of it: its tombstone stands in storage.
    pub fn erase(&self) {
        self.record.take();
        self.erased.set(true);
        self.tables.take();
        self.written.take();
        self.announced.take();
        self.cursors.take();
        self.followers.take();
    }

    /// Reads something of the pull; `None` when there is none.
    pub fn read<T>(&self, read: impl FnOnce(&Record) -> T) -> Result<Option<T>, JsValue> {
        self.note(|record| read(record))
    }

    /// Changes what is known in memory alone: of what is due the outbox will be stored before it is done.
    pub fn note<T>(&self, note: impl FnOnce(&mut Record) -> T) -> Result<Option<T>, JsValue> {
        let Some(mut record) = self.take()? else { return Ok(None) };
        let value = note(&mut record);
        self.record.set(Some(record));
        Ok(Some(value))
    }

    /// Changes the pull in one transaction, and sets the alarm; `None` when there is no pull.
    pub fn change<T>(
        &self,
        change: impl FnOnce(&mut Record) -> Result<T, JsValue>,
    ) -> Result<Option<T>, JsValue> {
        let Some(record) = self.take()? else { return Ok(None) };
        self.change_of(record, change).map(Some)
    }

    /// The same of a pull that was taken, or is new.
    pub fn change_of<T>(
        &self,
        mut record: Record,
        change: impl FnOnce(&mut Record) -> Result<T, JsValue>,
    ) -> Result<T, JsValue> {
        let (mut change, mut value) = (Some(change), None);
        let mut transaction = || {
            if let Some(change) = change.take() {
                value = Some(change(&mut record)?);
            }
            Ok(JsValue::UNDEFINED)
        };
        self.storage.transaction(&mut transaction)?;
        self.settle(record);
        value.ok_or_else(|| JsValue::from_str("no transaction"))
    }

    /// Changes the pull, begun where nothing is known of it, and stores all of it.
    pub fn change_or_begin<T>(
        &self,
        pull_id: &PullId,
        now: UnixMillis,
        change: impl FnOnce(&mut Record) -> Result<T, JsValue>,
    ) -> Result<T, JsValue> {
        let record = self.take()?.unwrap_or_else(|| self.begin(pull_id.clone(), now));
        self.change_of(record, |record| {
            if record.stored_at.is_none() {
                store::create(&self.database)?;
            }
            let value = change(record)?;
            store::write(&self.database, &self.config()?.keys, record)?;
            Ok(value)
        })
    }

    /// Changes the pull and stores all of it: one row.
    pub fn store<T>(&self, change: impl FnOnce(&mut Record) -> T) -> Result<Option<T>, JsValue> {
        let Some(mut record) = self.take()? else { return Ok(None) };
        let value = change(&mut record);
        if record.has_changed() {
            store::write(&self.database, &self.config()?.keys, &mut record)?;
        }
        self.settle(record);
        Ok(Some(value))
    }

    /// Stores all of the pull, changed or not.
    pub fn store_anyway(&self) -> Result<(), JsValue> {
        let Some(mut record) = self.take()? else { return Ok(()) };
        store::write(&self.database, &self.config()?.keys, &mut record)?;
        self.settle(record);
        Ok(())
    }

    /// A pull that nothing is known of. Its tables are made in the transaction of its first entry.
    pub fn begin(&self, pull_id: PullId, now: UnixMillis) -> Record {
        Record::new(pull_id, now, self.running.clone())
    }

    /// When the next event comes by itself.
    pub fn next_event(&self, record: &Record) -> Result<Option<UnixMillis>, JsValue> {
        // A pull of which there is nothing has nothing to come.
        if record.end.position == 0 {
            return Ok(None);
        }
        let now = record.state.situation(&record.pull_id);
        Ok(record.state.agenda().next(&now, &self.config()?.plan))
    }

    /// When something is due next: work, or an event that comes by itself.
    pub fn next_due(&self, record: &Record) -> Option<UnixMillis> {
        // Without a configuration nothing comes by itself: the alarm looks for one now and then.
        let event = self.next_event(record).unwrap_or_default();
        let work = record.outbox.next_due();
        let dues = [work, event, self.next_announcement(record, work)];
        dues.into_iter().flatten().min()
    }

    /// When it is to be looked who has to be told of entries. Where there is nobody as far as is known that goes with other `work`.
    fn next_announcement(&self, record: &Record, work: Option<UnixMillis>) -> Option<UnixMillis> {
        let recorded_at = UnixMillis(record.end.recorded_at);
        let due = self.announced.get().due(record.end.position, recorded_at)?;
        if subscriptions::may_be()
            || instances::may_be()
            || self.tables.get().deliveries
            || self.tables.get().runs
        {
            return Some(due);
        }
        let soon = due.plus(COPY_WAIT_MILLIS);
        Some(work.filter(|work| *work <= soon.plus(COPY_REST_MILLIS)).unwrap_or(soon))
    }

    /// Keeps what storage knows or will know, and sets the alarm for what is due.
    pub fn settle(&self, record: Record) {
        let due = self.next_due(&record);
        if config::is_local(&self.env) {
            coming::expect(&record.pull_id, due);
        }
        self.record.set(Some(record));
        self.called.set(true);
        self.caller.take().into_iter().for_each(Waker::wake);
        // While the alarm works it is left alone: it is set at its end.
        if let Some(due) = due.filter(|_| !self.alarm.get().is_working(platform::now())) {
            self.wake_at(due);
        }
    }

    /// Ends when the pull is changed again.
    pub fn next_call(&self) -> impl Future<Output = ()> {
        self.called.set(false);
        poll_fn(|context| {
            if self.called.get() {
                return Poll::Ready(());
            }
            self.caller.set(Some(context.waker().clone()));
            Poll::Pending
        })
    }

    /// Whether there is such a pull: then the object is awake, and so is its outbox.
    pub fn is_known(&self) -> Result<bool, JsValue> {
        let now = platform::now();
        let Some(due) = self.read(|record| self.next_due(record))? else { return Ok(false) };
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

    /// Notes what becomes of announcing.
    pub fn change_announced(&self, change: impl FnOnce(&mut Announced)) {
        let mut announced = self.announced.get();
        change(&mut announced);
        self.announced.set(announced);
    }

    /// What tables there are.
    pub fn tables(&self) -> Tables {
        self.tables.get()
    }

    /// Makes the table for snapshots, before the first.
    pub fn prepare_snapshots(&self) -> Result<(), JsValue> {
        self.tables.get().with_snapshots(&self.database).map(|tables| self.tables.set(tables))
    }

    /// Makes the index of callers' events, before the first.
    pub fn prepare_own(&self) -> Result<(), JsValue> {
        self.tables.get().with_own(&self.database).map(|tables| self.tables.set(tables))
    }

    /// Makes the table for models, before the first.
    pub fn prepare_intake(&self) -> Result<(), JsValue> {
        self.tables.get().with_intake(&self.database).map(|tables| self.tables.set(tables))
    }

    /// Makes the tables for deliveries, before the first.
    pub fn prepare_deliveries(&self) -> Result<(), JsValue> {
        self.tables.get().with_deliveries(&self.database).map(|tables| self.tables.set(tables))
    }

    /// Makes the tables for runs, before the first.
    pub fn prepare_runs(&self) -> Result<(), JsValue> {
        self.tables.get().with_runs(&self.database).map(|tables| self.tables.set(tables))
    }

    /// Makes the table for documents that the record has no room for, before the first.
    pub fn prepare_documents(&self) -> Result<(), JsValue> {
        self.tables.get().with_documents(&self.database).map(|tables| self.tables.set(tables))
    }
}
