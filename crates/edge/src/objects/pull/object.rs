//! The object's methods: taking an event, answering readers, and waking for the outbox.

use std::rc::Rc;

use canopy::{
    id::PullId,
    pull::{Called, Entry, Kind, Lack, Listing, Outcome, Record, Refresh, Seen, Work},
    signature,
    sync::Taken,
    time::UnixMillis,
    webhook::Event,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use worker::Env;

use super::{
    alarm, aside,
    intake::{self, Mapped, Unmapped},
    ledger::{Ledger, entry_context},
    log::{self, Writing},
    store::NewEntry,
    view, work,
};
use crate::{
    objects::{
        calls::{KeptModel, ModelFound},
        runs::webhook_came,
    },
    platform::{self, ObjectState, clock},
};

/// What becomes of a webhook of a pull that was deleted.
const ERASED: &str = "erased";

/// The Rust half of the `Pull` object.
#[wasm_bindgen]
pub struct PullObject {
    pub(super) ledger: Rc<Ledger>,
}

#[wasm_bindgen]
impl PullObject {
    #[wasm_bindgen(constructor)]
    pub fn new(state: ObjectState, env: Env) -> Self {
        Self { ledger: Rc::new(Ledger::new(&state, env)) }
    }

    /// Takes one verified webhook, `digest` the SHA-256 of its body, which came at `now` of the machine's clock, and tells the
    /// session of it. Gives what became of it.
    /// `event` is what the body says, as JSON, where the entry has read that already.
    pub fn ingest(
        &self,
        digest: &[u8],
        body: JsValue,
        now: f64,
        event: Option<String>,
    ) -> Result<String, JsValue> {
        webhook_came(UnixMillis(now as i64));
        let parse = || Event::parse(&platform::from_js(&body)).map_err(|error| error.to_string());
        // An entry of another version may have said it otherwise: the body speaks for itself.
        let read = event.and_then(|text| serde_json::from_str(&text).ok());
        let event: Event = read.map_or_else(parse, Ok)?;
        let digest = digest.try_into().map_err(|_| "digest unreadable")?;
        let webhook = Webhook { event, digest, body, now: clock::of_machine(UnixMillis(now as i64)) };
        let ledger = &self.ledger;
        let taken = match ledger.take() {
            Err(error) if aside::is_unopened(&error) => {
                return Ok(webhook.set_aside(ledger)?.as_str().to_owned());
            }
            taken => taken?,
        };
        let (outcome, is_news) = match taken {
            Some(record) if log::is_behind(ledger, &record, webhook.now)? => {
                ledger.change_of(record, |record| {
                    log::catch_up(ledger, record, webhook.now)?;
                    webhook.append(ledger, record)
                })?
            }
            // Its one row needs no transaction.
            Some(mut record) => {
                let taken = webhook.append(ledger, &mut record)?;
                ledger.settle(record);
                taken
            }
            None if ledger.is_erased() => return Ok(ERASED.to_owned()),
            None => {
                let record = ledger.begin(webhook.event.pull_id.clone(), webhook.now);
                ledger.change_of(record, |record| {
                    super::store::create(&ledger.database)?;
                    webhook.append(ledger, record)
                })?
            }
        };
        if is_news {
            let ledger = Rc::clone(ledger);
            spawn_local(async move { work::tell(&ledger).await });
        }
        Ok(outcome.as_str().to_owned())
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

    /// The log after a position, with what of it can be opened or whole; `undefined` when the pull is unknown.
    pub fn events(&self, after: f64, limit: u32, is_whole: bool) -> Result<Option<String>, JsValue> {
        if !self.ledger.is_known()? {
            return Ok(None);
        }
        view::events(&self.ledger, after as i64, limit, is_whole).map(Some)
    }

    /// A version of the pull as Canopy gave it, the latest for 0: `[version, chunks, bytes]`; `undefined` when there is
    /// none.
    pub fn snapshot(&self, version: f64) -> Result<JsValue, JsValue> {
        if !self.ledger.is_known()? || !self.ledger.tables().snapshots {
            return Ok(JsValue::UNDEFINED);
        }
        Ok(view::snapshot(&self.ledger, version as i64)?.map_or(JsValue::UNDEFINED, JsValue::from))
    }

    /// One chunk of a version, from 0.
    pub fn chunk(&self, version: f64, number: u32) -> Result<JsValue, JsValue> {
        Ok(view::chunk(&self.ledger, version as i64, number)?)
    }

    /// The model of a version, the latest for 0, for [`ModelFound::read`].
    pub fn model(&self, version: f64) -> Result<JsValue, JsValue> {
        if !self.ledger.is_known()? {
            return Ok(JsValue::UNDEFINED);
        }
        Ok(match intake::mapped(&self.ledger, version as i64) {
            Ok(Mapped { version, bytes }) => {
                let view = self.ledger.read(|record| record.state.view())?;
                let (initial, account) =
                    view.map(|view| (view.initial_pull_id, view.account_identifier)).unwrap_or_default();
                ModelFound::Model(KeptModel {
                    version,
                    initial_pull_id: initial.map(|id| id.to_string()),
                    account,
                    stored: view::stored_documents(&self.ledger)?,
                    bytes: platform::to_js(&bytes).unchecked_into(),
                })
            }
            Err(Unmapped::Refused(error)) => ModelFound::Refused(error.to_string()),
            Err(Unmapped::Missing) => ModelFound::Missing,
            Err(Unmapped::NoRoom) => ModelFound::NoRoom,
            Err(Unmapped::Unread(unread)) => return Err(unread.into()),
        }
        .into())
    }

    /// What is known of a stored document; `undefined` when there is none.
    pub fn document(&self, id: &str) -> Result<Option<String>, JsValue> {
        if !self.ledger.is_known()? || !self.ledger.tables().snapshots {
            return Ok(None);
        }
        let known = view::stored_document(&self.ledger, id)?;
        Ok(known.map(|known| serde_json::to_string(&known).expect("what is known is plain data")))
    }

    /// Works the failed outbox again; `undefined` when the pull is unknown.
    pub fn retry(&self, now: f64) -> Result<Option<u32>, JsValue> {
        let now = UnixMillis(now as i64);
        let count = self.ledger.store(|record| {
            let count = record.outbox.retry(now) as u32;
            // Whoever reads the copy sees that it is not given up any more.
            if count > 0 {
                record.outbox.want(&Work::Copy, None, now);
            }
            count
        })?;
        if count.is_some_and(|count| count > 0) {
            self.ledger.wake_at(now);
        }
        Ok(count)
    }

    /// Has the pull's copies written anew, whatever stands there. Gives whether there is such a pull.
    pub fn relist(&self, now: f64) -> Result<bool, JsValue> {
        self.ledger.written.take();
        let now = UnixMillis(now as i64);
        let copied = self.ledger.store(|record| {
            record.link(None, now, true);
            // One that was fetched before it was looked through for its policies' terms.
            if record.state.is_ready() && record.state.agenda().known().is_none() {
                record.outbox.want(&Work::Fetch, None, now);
            }
            record.outbox.want(&Work::Copy, None, now);
        });
        copied.map(|known| known.is_some())
    }

    /// Takes up what Canopy's list says of the pull, which was begun there at `created_at`. Gives what became of it, a
    /// [`canopy::sync::Taken`] as text.
    pub fn listed(&self, body: String, created_at: Option<f64>, now: f64) -> Result<String, JsValue> {
        let (ledger, now) = (&self.ledger, UnixMillis(now as i64));
        if ledger.is_erased() {
            return Ok(Taken::Current.as_str().to_owned());
        }
        let listing = Listing::parse(body).ok_or("listing unreadable")?;
        let append = |record: &mut Record| {
            let listing = listing.clone().after(&record.state);
            let body = listing.body.as_bytes();
            let entry = Entry::Listed(&listing.event, &signature::digest(body));
            let event_type = &listing.event.event_type;
            log::append_typed(ledger, record, Kind::Own, event_type, None, entry, body).map(drop)
        };
        let taken = match ledger.read(|record| record.lacks(&listing))?.unwrap_or(Lack::All) {
            Lack::Nothing => Taken::Current,
            Lack::Snapshot => {
                ledger.store(|record| record.outbox.want(&Work::Fetch, None, now))?;
                Taken::Fetched
            }
            Lack::End => {
                ledger.change(append)?;
                Taken::Fetched
            }
            Lack::All => {
                ledger.change_or_begin(&listing.event.pull_id, now, |record| {
                    record.created_at = created_at.map_or(now, |at| UnixMillis(at as i64).min(now));
                    append(record)
                })?;
                Taken::Adopted
            }
        };
        if taken != Taken::Current {
            let ledger = Rc::clone(ledger);
            spawn_local(async move { work::tell(&ledger).await });
        }
        Ok(taken.as_str().to_owned())
    }

    /// Takes up what was asked of Canopy about the pull, a [`Called`] as JSON; `begins` is its id where it was
    /// begun by that. Of an answer that is given `again` the log is looked through: it may have it.
    pub fn called(&self, body: &str, begins: Option<String>, again: bool, now: f64) -> Result<(), JsValue> {
        let called: Called = serde_json::from_str(body).map_err(|_| "call unreadable")?;
        let key = called.key();
        let ledger = &self.ledger;
        if ledger.is_erased() {
            return Ok(());
        }
        let append = |record: &mut Record| {
            if again && super::store::has_call(&ledger.database, &key)? {
                return Ok(());
            }
            let now = platform::now();
            log::catch_up(ledger, record, now)?;
            let writing = Writing {
                kind: Kind::Call,
                event_type: "",
                key: &key,
                cause: None,
                effective_at: None,
                entry: Entry::Called(&called),
                body: body.as_bytes(),
            };
            log::append_as(ledger, record, writing, now).map(drop)
        };
        match begins {
            Some(id) => {
                let id = PullId::parse(&id).map_err(|_| "pull unreadable")?;
                ledger.change_or_begin(&id, UnixMillis(now as i64), append)
            }
            None => ledger.change(append).map(drop),
        }
    }

    /// Takes up a refresh of its account, a [`Refresh`] as JSON. Gives whether there is such a pull.
    pub fn refreshed(&self, refresh: &str) -> Result<bool, JsValue> {
        let ledger = &self.ledger;
        let refresh: Refresh = serde_json::from_str(refresh).map_err(|_| "refresh unreadable")?;
        if !ledger.is_known()? {
            return Ok(false);
        }
        let taken = ledger.change(|record| {
            if record.end.position == 0 {
                return Ok(false);
            }
            for entry in record.news_of(refresh) {
                let body = serde_json::to_vec(&entry).expect("an entry is plain data");
                let taken = Entry::Refreshed(&entry.data);
                let kind = if entry.data.terms.is_some() { Kind::Fetched } else { Kind::Own };
                log::append_typed(ledger, record, kind, entry.event_type(), None, taken, &body)?;
            }
            Ok(true)
        });
        Ok(taken? == Some(true))
    }

    /// Has the pull fetched, which somebody has just read from Canopy.
    pub fn refresh(&self, now: f64) -> Result<(), JsValue> {
        let (ledger, now) = (&self.ledger, UnixMillis(now as i64));
        if !ledger.is_known()? || !ledger.tables().snapshots {
            return Ok(());
        }
        let Some(fetched_at) = super::store::fetched_at(&ledger.database)? else { return Ok(()) };
        if ledger.read(|record| record.is_outdated(fetched_at, now))? == Some(true) {
            ledger.store(|record| record.outbox.want(&Work::Fetch, None, now))?;
        }
        Ok(())
    }

    /// Tells the session once more what is known.
    pub async fn tell(&self) -> Result<(), JsValue> {
        let ledger = Rc::clone(&self.ledger);
        if ledger.note(|record| record.untold = Some(record.end.position))?.is_some() {
            work::tell(&ledger).await;
        }
        Ok(())
    }

    /// Tells `session` of every change from here on, and of what is known now.
    pub fn watch(&self, pull_id: &str, session: String, now: f64) -> Result<(), JsValue> {
        let (ledger, now) = (&self.ledger, UnixMillis(now as i64));
        let pull_id = PullId::parse(pull_id).map_err(|_| "pull unreadable")?;
        if ledger.is_erased() {
            return Ok(());
        }
        let is_begun = ledger.change_or_begin(&pull_id, now, |record| {
            record.watcher = Some(session);
            record.untold = Some(record.end.position);
            record.resume(now);
            Ok(record.end.position > 0)
        })?;
        if is_begun {
            let ledger = Rc::clone(ledger);
            spawn_local(async move { work::tell(&ledger).await });
        }
        Ok(())
    }
}

/// A verified webhook.
struct Webhook<'b> {
    event: Event,
    digest: &'b [u8; 32],
    body: JsValue,
    now: UnixMillis,
}

impl Webhook<'_> {
    /// Keeps it for when the pull can be read.
    fn set_aside(&self, ledger: &Ledger) -> Result<Outcome, JsValue> {
        aside::append(ledger, &self.event, self.digest, &self.body, self.now)
    }

    /// Puts it into the log, and what it calls for into the outbox, for which the log speaks until it is stored. Gives what
    /// became of it, and whether the session is to be told.
    fn append(&self, ledger: &Ledger, record: &mut Record) -> Result<(Outcome, bool), JsValue> {
        let (event, digest) = (&self.event, self.digest);
        let end = record.end.next(self.now);
        let outcome = record.state.judge(event, digest);
        let config = ledger.config()?;
        let seal = || {
            let context = entry_context(record.pull_id.as_str(), digest);
            config.keys.seal(&platform::from_js(&self.body), &context, platform::random())
        };
        let sealed = if config.keys.is_set() { seal() } else { None };
        let entry = NewEntry {
            kind: Kind::Webhook,
            end,
            cause: None,
            effective_at: None,
            event_type: &event.event_type,
            sequence: event.sequence,
            outcome: outcome.as_str(),
            key: digest,
            is_sealed: sealed.is_some(),
            body: sealed.map_or_else(|| self.body.clone(), |sealed| platform::to_js(&sealed)),
        };
        let known = record.seen.position(digest);
        // Where an edge without the index has stored one twice there can be none: the log stays known by heart.
        if known.is_none() && record.seen.is_full() && super::store::index(&ledger.database).is_ok() {
            record.seen = Seen::Indexed;
        }
        if known.is_none() && entry.insert(&ledger.database)? {
            record.take_up(&Entry::Webhook(event, digest), end);
            if record.is_far_ahead() {
                let stored = super::store::write(&ledger.database, &config.keys, record);
                // The log speaks for it until the next time, but for the first: then there is nothing to read it by.
                stored.or_else(|error| if record.stored_at.is_none() { Err(error) } else { Ok(()) })?;
            }
            return Ok((outcome, record.untold == Some(end.position)));
        }
        let position =
            known.map_or_else(|| super::store::position_of(&ledger.database, digest, event.sequence), Ok)?;
        record.follow(event, Outcome::Duplicate, position, self.now);
        // The log says nothing of it.
        if record.outbox.has_changed() {
            super::store::write(&ledger.database, &config.keys, record)?;
        }
        Ok((Outcome::Duplicate, false))
    }
}
