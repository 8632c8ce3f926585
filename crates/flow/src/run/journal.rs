//! What a run has done: a record for each step that was begun.

use canopy::{delivery::Tried, time::UnixMillis};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::outcome::Reason;

/// Attempts kept: the latest.
const MAX_KEPT: usize = 10;

/// How long the object of a call's key surely knows what became of it, in milliseconds: half of
/// [`canopy::proxy::idempotency::KEPT_MILLIS`].
const KNOWN_MILLIS: u64 = canopy::proxy::idempotency::KEPT_MILLIS / 2;

/// Where a step stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It was begun.
    #[default]
    Open,
    /// It was made.
    Done,
    /// Its condition was not true.
    Skipped,
    /// It was not made.
    Failed,
}

/// A step that was begun.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its id, behind those of the steps around it: `all[3].note`.
    pub path: String,
    /// What it is: a kind, or a connector.
    #[serde(rename = "use")]
    pub kind: String,
    /// Where it stands.
    pub state: State,
    /// When it was begun.
    pub begun_at: UnixMillis,
    /// When it came to its end.
    #[serde(default)]
    pub ended_at: Option<UnixMillis>,
    /// When it goes on.
    #[serde(default)]
    pub due: Option<UnixMillis>,
    /// What it was given, secrets by their names.
    #[serde(default)]
    pub input: Json,
    /// The latest attempts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Tried>,
    /// How many there were since it was begun, or tried again by somebody.
    #[serde(default)]
    pub count: u32,
    /// What it gave.
    #[serde(default)]
    pub result: Json,
    /// Why it was not made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The same in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Record {
    /// One that begins.
    #[must_use]
    pub fn begin(path: &str, kind: &str, input: Json, now: UnixMillis) -> Self {
        Self {
            path: path.to_owned(),
            kind: kind.to_owned(),
            state: State::Open,
            begun_at: now,
            ended_at: None,
            due: None,
            input,
            attempts: Vec::new(),
            count: 0,
            result: Json::Null,
            reason: None,
            detail: None,
        }
    }

    /// Counts an attempt that begins now. What ends the edge in its middle cannot say so: until it is said how it went it counts as
    /// interrupted.
    pub fn attempt(&mut self, now: UnixMillis) {
        self.count += 1;
        self.attempts.push(Tried::unanswered(now, canopy::retry::Reason::Interrupted, 0));
        self.attempts.drain(..self.attempts.len().saturating_sub(MAX_KEPT));
    }

    /// Notes how the attempt under way went.
    pub fn tried(&mut self, tried: Tried) {
        self.attempts.pop();
        self.attempts.push(tried);
    }

    /// Whether the last attempt was interrupted.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.attempts.last().is_some_and(|last| last.reason == Some(canopy::retry::Reason::Interrupted))
    }

    /// Whether the last attempt is so long ago that nobody knows any more what became of it. Of one that was refused for haste it is known.
    pub(super) fn is_forgotten(&self, now: UnixMillis) -> bool {
        let last = self.attempts.last().filter(|last| last.status != Some(429));
        last.is_some_and(|last| now >= last.at.plus(KNOWN_MILLIS))
    }

    /// Whether what it was given is worked out.
    pub(super) fn is_begun(&self) -> bool {
        self.state != State::Open || !self.input.is_null()
    }

    pub(super) fn end(&mut self, state: State, now: UnixMillis) {
        (self.state, self.ended_at, self.due) = (state, Some(now), None);
    }
}

/// Bytes of a value as it is kept.
pub(super) fn bytes_of(value: &Json) -> usize {
    if value.is_null() { 0 } else { value.to_string().len() }
}

/// Whether values lie deeper inside each other than that.
pub(super) fn is_deeper(value: &Json, than: usize) -> bool {
    let Some(than) = than.checked_sub(1) else { return true };
    match value {
        Json::Array(items) => items.iter().any(|item| is_deeper(item, than)),
        Json::Object(members) => members.values().any(|member| is_deeper(member, than)),
        _ => false,
    }
}

/// The records of a run, in the order in which they were begun.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    records: Vec<Record>,
    changed: Vec<usize>,
    bytes: usize,
}

impl Journal {
    /// As it was kept.
    #[must_use]
    pub fn of(records: Vec<Record>) -> Self {
        let bytes = records.iter().map(|record| bytes_of(&record.input) + bytes_of(&record.result)).sum();
        Self { records, changed: Vec::new(), bytes }
    }

    /// All records.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Bytes of all that was given and came of it.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn grow(&mut self, bytes: usize) {
        self.bytes += bytes;
    }

    /// One record.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.path == path)
    }

    pub(super) fn change(&mut self, path: &str, change: impl FnOnce(&mut Record)) {
        if let Some(at) = self.records.iter().position(|record| record.path == path) {
            change(&mut self.records[at]);
            self.note(at);
        }
    }

    /// Takes what was written of a step meanwhile.
    pub fn learn(&mut self, record: Record) {
        if let Some(known) = self.records.iter_mut().find(|known| known.path == record.path) {
            *known = record;
        }
    }

    /// Puts a record in, in the place of another of the same step.
    pub(super) fn put(&mut self, record: Record) {
        let at =
            self.records.iter().position(|known| known.path == record.path).unwrap_or(self.records.len());
        if at == self.records.len() {
            self.records.push(record);
        } else {
            self.records[at] = record;
        }
        self.note(at);
    }

    /// Somebody decided. Gives whether there was something to decide.
    pub fn decided(&mut self, path: &str, approved: bool, by: &str, now: UnixMillis) -> bool {
        let is_asked = |record: &Record| {
            record.state == State::Open && record.kind == "approve" && record.due.is_none_or(|due| now < due)
        };
        let is_open = self.find(path).is_some_and(is_asked);
        if is_open {
            self.change(path, |record| {
                record.result = json!({ "approved": approved, "by": by, "at": now.rfc3339() });
                record.end(State::Done, now);
            });
        }
        is_open
    }

    /// Has the step at which the run failed made once more. Gives whether there is one. What became of a call of Canopy's is looked at again
    /// unless it is to be made `anew`.
    pub fn retry(&mut self, path: &str, anew: bool) -> bool {
        let ends = |record: &Record| {
            record.state == State::Failed || ["wait", "approve", "stop"].contains(&record.kind.as_str())
        };
        let is_there = self.find(path).is_some_and(ends);
        if !is_there {
            return false;
        }
        self.change(path, |record| {
            // Of what was waited for or decided nothing is kept; a request stays what it was.
            let is_request = record.state == State::Failed && !record.attempts.is_empty();
            let input = if is_request { std::mem::take(&mut record.input) } else { Json::Null };
            let is_looked_at = record.kind == "canopy" && !anew;
            let attempts = if is_looked_at { std::mem::take(&mut record.attempts) } else { Vec::new() };
            let begun = Record::begin(&record.path, &record.kind, Json::Null, record.begun_at);
            *record = Record { input, attempts, ..begun };
        });
        true
    }

    fn note(&mut self, at: usize) {
        if !self.changed.contains(&at) {
            self.changed.push(at);
        }
    }

    /// Those that were changed since this was asked last, each with its place.
    pub fn take_changed(&mut self) -> Vec<(usize, &Record)> {
        let changed = std::mem::take(&mut self.changed);
        changed.into_iter().map(|at| (at, &self.records[at])).collect()
    }
}
