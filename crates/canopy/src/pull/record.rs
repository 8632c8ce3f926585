//! A pull as its object holds it: the fold of its log, and the work that follows from it.
//!
//! The log is what is true; what is stored beside it is the record as it was at some position, and the entries after that
//! are folded in where it is read. So an entry needs no other row than its own: not for the state, and not for the work
//! that it calls for. What only the record knows, how often work was attempted above all, is stored before it is relied on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    DocumentRef, Entry, Kind, Listing, LogEnd, Outbox, Outcome, Position, Refresh, Refreshed, Running, Seen,
    Standing, State, Taken, Work, follows, is_refresh,
};
use crate::{
    id::{DocumentId, PullId},
    schedule::{OwnEvent, Sign, is_deleting},
    time::UnixMillis,
    webhook::{Event, Happening},
};

/// Most entries after the stored record: with the next it is stored again, that reading it costs no more and more.
pub const LONGEST_TAIL: i64 = 64;

/// Most documents that the record knows: its row holds 2 MB. The others have rows of their own.
pub const MAX_KNOWN_DOCUMENTS: usize = 300;

/// How old a version is that is fetched anew because somebody has read the pull from Canopy, in milliseconds.
const REFRESH_MILLIS: u64 = 10_000;

/// See above.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its id.
    pub pull_id: PullId,
    /// When the first event came, in milliseconds.
    pub created_at: UnixMillis,
    /// When the state last changed by a webhook, in milliseconds.
    pub updated_at: UnixMillis,
    /// What its webhooks say.
    pub state: State,
    /// A session that took over the pull by a reconnect token.
    pub watcher: Option<String>,
    /// The newest entry that concerns the session and that it was not told of, as far as is known.
    pub untold: Option<Position>,
    /// The webhooks that the log has.
    pub seen: Seen,
    /// What is to be done.
    pub outbox: Outbox,
    /// The documents that its snapshots named.
    pub documents: BTreeMap<DocumentId, Document>,
    /// The end of the log: its position is the pull's revision.
    pub end: LogEnd,
    /// The position at which it was stored; `None` before it was.
    pub stored_at: Option<Position>,
}

/// What a record lacks of a pull that Canopy lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// There is no entry of it.
    All,
    /// That it came to its end.
    End,
    /// Its fetch was given up.
    Snapshot,
    /// Nothing.
    Nothing,
}

/// A document of the pull.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// As the newest snapshot that names it does.
    #[serde(flatten)]
    pub named: DocumentRef,
    /// Once it is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<DocumentCopy>,
}

/// A document that lies in R2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentCopy {
    /// Bytes, when they are not sealed.
    pub size: u64,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// What it is.
    pub content_type: String,
    /// When it was stored.
    pub stored_at: UnixMillis,
    /// Whether it lies there sealed.
    pub is_sealed: bool,
}

impl From<DocumentRef> for Document {
    fn from(named: DocumentRef) -> Self {
        Self { named, stored: None }
    }
}

/// An entry as the log has it, its body opened.
#[derive(Debug, Clone, Copy)]
pub struct Logged<'e> {
    /// What brought it; `None` for a kind of a later version.
    pub kind: Option<Kind>,
    /// See [`super::key`].
    pub key: &'e [u8],
    /// Its body.
    pub body: &'e [u8],
    /// Whether that lies in the log sealed.
    pub is_sealed: bool,
    /// Where it stands.
    pub end: LogEnd,
}

impl Record {
    /// A pull that nothing is known of yet.
    #[must_use]
    pub fn new(pull_id: PullId, now: UnixMillis, running: Running) -> Self {
        Self {
            pull_id,
            created_at: now,
            updated_at: now,
            state: State::default(),
            watcher: None,
            untold: None,
            seen: Seen::default(),
            outbox: Outbox::of([], running),
            documents: BTreeMap::new(),
            end: LogEnd::default(),
            stored_at: None,
        }
    }

    /// What it lacks of a pull that Canopy lists.
    #[must_use]
    pub fn lacks(&self, listing: &Listing) -> Lack {
        let fetch = self.outbox.row(&Work::Fetch);
        // A session that watches a pull makes a record of it, and no entry.
        if self.end.position == 0 {
            Lack::All
        } else if listing.is_news(&self.state) {
            Lack::End
        } else if fetch.is_some_and(|fetch| fetch.standing == Standing::Failed) {
            Lack::Snapshot
        } else {
            Lack::Nothing
        }
    }

    /// Whether its newest version, of `fetched_at`, is to be fetched anew because somebody has just read the pull from Canopy:
    /// not when that was done a moment ago, or is to be done.
    #[must_use]
    pub fn is_outdated(&self, fetched_at: UnixMillis, now: UnixMillis) -> bool {
        let fetch = self.outbox.row(&Work::Fetch);
        let is_coming = fetch.is_some_and(|fetch| fetch.standing == Standing::Pending);
        !is_coming && fetched_at.plus(REFRESH_MILLIS) <= now
    }

    /// The session to tell of changes: the one that took the pull over, else the one that started it.
    #[must_use]
    pub fn session(&self) -> Option<String> {
        self.watcher.clone().or_else(|| self.state.session().map(|id| id.to_string()))
    }

    /// Takes up the entry at the end of the log: what it says, and the work that it calls for.
    pub fn take_up(&mut self, entry: &Entry<'_>, end: LogEnd) {
        let at = UnixMillis(end.recorded_at);
        self.end = end;
        match entry {
            Entry::Webhook(event, digest) => {
                self.seen.note(**digest, end.position);
                let outcome = self.state.apply(event, digest);
                if outcome == Outcome::Applied {
                    self.updated_at = at;
                }
                self.sign(event, outcome, end.position, at);
                self.follow(event, outcome, end.position, at);
                self.link(Some(end.position), at, false);
            }
            Entry::Fetched(fetched) => {
                if fetched.no_policies.is_some() && self.state.fetched(fetched.no_policies) {
                    self.untold = self.session().map_or(self.untold, |_| Some(end.position));
                }
                self.state.agenda.fetched(fetched.terms.as_deref(), end.position, at);
                self.link(Some(end.position), at, fetched.terms.is_some());
                self.outbox.want(&Work::Copy, Some(end.position), at);
            }
            Entry::Stored(stored, is_sealed) => {
                if let Some(document) = self.documents.get_mut(&stored.document_id) {
                    document.stored = Some(DocumentCopy {
                        size: stored.size,
                        sha256: stored.sha256.clone(),
                        content_type: stored.content_type.clone(),
                        stored_at: at,
                        is_sealed: *is_sealed,
                    });
                }
                self.outbox.done(&Work::Document(stored.document_id.clone()), at);
                self.outbox.want(&Work::Copy, Some(end.position), at);
            }
            Entry::Listed(event, digest) => {
                let outcome = self.state.apply(event, digest);
                self.updated_at = at;
                self.state.agenda.sign(Sign::Heard, end.position, at);
                self.state.agenda.ready_since(self.created_at);
                self.follow(event, outcome, end.position, at);
                // What Canopy lists there is something of, whatever its status.
                self.outbox.want(&Work::Fetch, Some(end.position), at);
            }
            Entry::Called(called) => {
                self.state.called(called);
                self.outbox.want(&Work::Copy, Some(end.position), at);
            }
            Entry::Refreshed(refresh) => {
                self.state.refreshed(refresh);
                if let (Some(terms), Some(as_of)) = (&refresh.terms, refresh.as_of) {
                    self.state.agenda.refreshed(terms, as_of, end.position, at);
                }
                self.outbox.want(&Work::Copy, Some(end.position), at);
            }
            Entry::Own(kind, event) => {
                self.take_up_own(*kind, event, end.position, at);
                self.outbox.want(&Work::Copy, Some(end.position), at);
            }
            Entry::Other => self.outbox.want(&Work::Copy, Some(end.position), at),
        }
    }

    /// Notes what a webhook is a sign of.
    fn sign(&mut self, event: &Event, outcome: Outcome, position: Position, at: UnixMillis) {
        let agenda = &mut self.state.agenda;
        agenda.sign(Sign::Heard, position, at);
        match event.happening {
            Happening::Auth(_) if outcome == Outcome::Applied => agenda.sign(Sign::Login, position, at),
            Happening::Reconnect { .. } => agenda.sign(Sign::Reconnect, position, at),
            _ => {}
        }
        if event.happening.calls_for_fetch() {
            agenda.ready(at);
        }
    }

    fn take_up_own(&mut self, kind: Kind, event: &OwnEvent, position: Position, at: UnixMillis) {
        let schedule_id = event.schedule_id.as_deref().unwrap_or_default();
        match kind {
            Kind::Scheduled => self.state.agenda.scheduled(event, position),
            Kind::Cancelled => self.state.agenda.cancelled(schedule_id),
            Kind::Void => self.state.agenda.voided(schedule_id),
            Kind::Own | Kind::Fired => {
                self.state.agenda.fired(schedule_id);
                self.state.happened(event, position);
                if kind == Kind::Fired && is_deleting(&event.event_type) {
                    self.outbox.want(&Work::Erase, Some(position), at);
                }
                if event.page && self.session().is_some() {
                    self.untold = Some(position);
                }
            }
            _ => {}
        }
    }

    /// Passes over an entry that changed nothing but that there was one.
    pub fn pass_over(&mut self, end: LogEnd) {
        self.end = end;
        self.state.agenda.sign(Sign::Heard, end.position, UnixMillis(end.recorded_at));
    }

    /// The pull as the refresh that it is, for the pull that its monitoring began with.
    #[must_use]
    pub fn refresh(&self) -> Refresh {
        let (terms, as_of) = self.state.agenda().known().unzip();
        Refresh {
            pull_id: self.pull_id.clone(),
            monitoring_id: self.state.monitoring_id().cloned(),
            terms,
            as_of,
        }
    }

    /// The entries for what is new of a refresh: that there is one, and what it says of the account.
    #[must_use]
    pub fn news_of(&self, refresh: Refresh) -> Vec<Refreshed> {
        let is_known = self.state.has_refresh(&refresh.pull_id);
        let is_newer = refresh.as_of.is_some_and(|as_of| self.state.agenda().is_older_than(as_of));
        let bare = Refresh { terms: None, as_of: None, ..refresh.clone() };
        let told = [(!is_known).then_some(bare), is_newer.then_some(refresh)];
        told.into_iter().flatten().map(|data| Refreshed::new(self.pull_id.clone(), data)).collect()
    }

    /// The pull that its account began with.
    #[must_use]
    pub fn root(&self) -> &PullId {
        self.state.initial_pull_id().unwrap_or(&self.pull_id)
    }

    /// Calls for the pull to be told that its monitoring began with, where this is a refresh: once, or `anew`.
    pub fn link(&mut self, cause: Option<Position>, now: UnixMillis, anew: bool) {
        let is_refresh = is_refresh(self.pull_id.as_str(), self.state.initial_pull_id().map(PullId::as_str));
        if is_refresh && (anew || self.outbox.row(&Work::Link).is_none()) {
            self.outbox.want(&Work::Link, cause, now);
        }
    }

    /// Takes up an entry that was read from the log.
    ///
    /// # Errors
    ///
    /// When its body is not what its kind has: nothing can be said of the pull then.
    pub fn replay(&mut self, logged: &Logged<'_>) -> Result<(), &'static str> {
        let Logged { kind, key, body, is_sealed, end } = *logged;
        self.take_up(&Taken::read(kind, key, body, is_sealed)?.entry(), end);
        Ok(())
    }

    /// Whether it has entries and is of before there was an agenda.
    #[must_use]
    pub fn lacks_agenda(&self) -> bool {
        self.end.position > 0 && !self.state.agenda().knows_signs()
    }

    /// The same pull before its first entry.
    #[must_use]
    pub fn beginning(&self) -> Self {
        Self::new(self.pull_id.clone(), self.created_at, Running::default())
    }

    /// Takes over what is to come, of the same pull.
    pub fn take_agenda_of(&mut self, other: Self) {
        self.state.agenda = other.state.agenda;
    }

    /// Takes something off what is to come, as if it had been.
    pub fn suppress(&mut self, schedule_id: &str) {
        self.state.agenda.fired(schedule_id);
    }

    /// The work that was called for since this was asked last, and by which entry: as if it were done.
    pub fn drain_work(&mut self) -> Vec<(String, Option<Position>)> {
        let pending = self.outbox.list().filter(|(_, row)| row.standing == Standing::Pending);
        let mut work: Vec<_> = pending.map(|(name, row)| (name.to_owned(), row.cause)).collect();
        for (name, _) in &work {
            Work::parse(name).into_iter().for_each(|work| self.outbox.done(&work, UnixMillis(0)));
        }
        let notice = self.untold.take().filter(|_| self.session().is_some());
        work.extend(notice.map(|position| (Work::Notify.to_string(), Some(position))));
        work
    }

    /// Takes up a document that a snapshot names, and calls for it unless it is stored. Gives whether it has room for it.
    pub fn name(&mut self, document: &DocumentRef, cause: Option<Position>, now: UnixMillis) -> bool {
        let id = &document.document_id;
        if self.documents.len() >= MAX_KNOWN_DOCUMENTS && !self.documents.contains_key(id) {
            return false;
        }
        let known = self.documents.entry(id.clone()).or_insert_with(|| Document::from(document.clone()));
        known.named = document.clone();
        if known.stored.is_none() {
            self.outbox.want(&Work::Document(id.clone()), cause, now);
        }
        true
    }

    /// A document that is stored lies in R2 sealed, however it was stored. Gives whether the record has it.
    pub fn is_resealed(&mut self, id: &DocumentId) -> bool {
        let stored = self.documents.get_mut(id).and_then(|document| document.stored.as_mut());
        stored.map(|copy| copy.is_sealed = true).is_some()
    }

    /// Calls for the work that follows a webhook, which stands at `position`.
    pub fn follow(&mut self, event: &Event, outcome: Outcome, position: Position, now: UnixMillis) {
        for work in follows(event, outcome, &self.state) {
            match work {
                Work::Notify => self.untold = Some(position),
                work => self.outbox.want(&work, Some(position), now),
            }
        }
        if self.watcher.is_some() && outcome == Outcome::Applied {
            self.untold = Some(position);
        }
    }

    /// The session was told of what was known at `revision`.
    pub fn told(&mut self, revision: Position, now: UnixMillis) {
        if self.untold.is_none_or(|untold| untold <= revision) {
            self.untold = None;
            self.outbox.done(&Work::Notify, now);
        }
    }

    /// What has to be done as nobody knows any more whether it was: the session's news are told again. One whose deletion was
    /// announced by a version that did not delete is deleted by this one.
    pub fn resume(&mut self, now: UnixMillis) {
        if self.state.is_to_be_deleted() && self.outbox.row(&Work::Erase).is_none() {
            self.outbox.want(&Work::Erase, None, now);
        }
        if self.untold.is_some() {
            self.outbox.want(&Work::Notify, self.untold, now);
        }
    }

    /// Whether it is another than the one that is stored.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        self.stored_at != Some(self.end.position) || self.outbox.has_changed()
    }

    /// Whether so many entries came since it was stored that it is to be stored with this one.
    #[must_use]
    pub fn is_far_ahead(&self) -> bool {
        self.stored_at.is_none_or(|stored| self.end.position - stored >= LONGEST_TAIL)
    }

    /// Notes that it is stored as it is.
    pub fn stored(&mut self) {
        self.stored_at = Some(self.end.position);
        self.outbox.stored();
    }
}

#[cfg(test)]
mod tests;
