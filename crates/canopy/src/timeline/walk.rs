//! A log folded entry by entry, and the view where it stands.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Step;
use crate::{
    id::{DocumentId, PullId},
    metadata::Metadata,
    pull::{DocumentRef, Kind, LogEnd, Outcome, Position, Record, Running, Taken, View},
    schedule::{OwnEvent, Plan},
    time::UnixMillis,
};

/// Most entries of a log that is walked.
pub const MAX_ENTRIES: usize = 20_000;

/// See above.
#[derive(Debug)]
pub struct Walk {
    record: Record,
    documents: BTreeMap<DocumentId, DocumentRef>,
    snapshots: Vec<Value>,
    stored: BTreeMap<DocumentId, Value>,
    /// What callers scheduled, by its entry.
    scheduled: BTreeMap<Position, OwnEvent>,
}

impl Walk {
    /// Of a pull that began at `created_at`, before its first entry. `documents` are what its snapshots say of them.
    #[must_use]
    pub fn new(
        pull_id: PullId,
        created_at: UnixMillis,
        documents: impl IntoIterator<Item = DocumentRef>,
    ) -> Self {
        let documents = documents.into_iter().map(|it| (it.document_id.clone(), it)).collect();
        Self {
            record: Record::new(pull_id, created_at, Running::default()),
            documents,
            snapshots: Vec::new(),
            stored: BTreeMap::new(),
            scheduled: BTreeMap::new(),
        }
    }

    /// The pull.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The work that was called for since this was asked last.
    pub fn drain_work(&mut self) -> Vec<(String, Option<Position>)> {
        self.record.drain_work()
    }

    /// Takes an entry; gives whether it is stale.
    pub fn take(&mut self, step: &Step) -> bool {
        let at = || UnixMillis(step.end.recorded_at).rfc3339();
        let mut is_stale = false;
        match &step.taken {
            Taken::Webhook(event, digest) => {
                is_stale = self.record.state.judge(event, digest) == Outcome::Stale;
            }
            Taken::Fetched(fetched) if fetched.version > self.snapshots.len() as i64 => {
                self.snapshots.push(json!({
                    "version": fetched.version, "size": fetched.size, "sha256": fetched.sha256, "fetched_at": at(),
                }));
            }
            Taken::Stored(stored, _) => {
                let id = &stored.document_id;
                let named =
                    self.documents.get(id).cloned().unwrap_or_else(|| DocumentRef::unnamed(id.clone()));
                let mut line = json!(named);
                line["state"] = "stored".into();
                line["size"] = stored.size.into();
                line["sha256"] = stored.sha256.clone().into();
                line["stored_at"] = at().into();
                self.stored.insert(id.clone(), line);
            }
            Taken::Own(Kind::Scheduled, event) => {
                self.scheduled.insert(step.end.position, event.clone());
            }
            _ => {}
        }
        self.record.take_up(&step.taken.entry(), step.end);
        is_stale
    }

    /// The first event that comes by itself by `until`, if nothing else does: its entry, which would stand at `position`.
    #[must_use]
    pub fn next(&self, plan: &Plan, until: UnixMillis, position: Position) -> Option<Step> {
        let now = self.record.state.situation(&self.record.pull_id);
        let due = self.record.state.agenda().first(&now, plan, until)?;
        let scheduled = due.scheduled_at().and_then(|at| self.scheduled.get(&at).cloned());
        let (at, cause, event) = (due.at, due.cause(), due.event(plan, scheduled));
        Some(self.derived(Kind::Fired, event, cause, position, at))
    }

    /// Has something not come.
    pub fn suppress(&mut self, schedule_id: &str) {
        self.record.suppress(schedule_id);
    }

    /// An entry that follows from others.
    #[must_use]
    pub fn derived(
        &self,
        kind: Kind,
        event: OwnEvent,
        cause: Position,
        position: Position,
        at: UnixMillis,
    ) -> Step {
        let recorded_at = self.record.end.next(at).recorded_at;
        Step {
            end: LogEnd { position, recorded_at },
            kind: Some(kind),
            effective_at: Some(event.effective_at),
            cause: Some(cause),
            event_type: Some(event.event_type.clone()),
            taken: Taken::Own(kind, event),
        }
    }

    /// Takes what comes by itself by `until` if nothing else does, at most so much of it.
    pub fn run(&mut self, plan: &Plan, until: UnixMillis, most: usize) {
        for _ in 0..most {
            let Some(step) = self.next(plan, until, self.record.end.position + 1) else { return };
            self.take(&step);
        }
    }

    /// The pull as it stands, in the form of `GET /api/v1/pulls/{pull_id}`. What is done about it is of now alone.
    #[must_use]
    pub fn view(&self) -> Value {
        let record = &self.record;
        let view = record.state.view();
        // Metadata may have a number that no reader takes: then it is left to the log.
        let without_metadata = || View { meta_data: Metadata::default(), ..view.clone() };
        let mut view = serde_json::to_value(&view).unwrap_or_else(|_| json!(without_metadata()));
        view["pull_id"] = record.pull_id.as_str().into();
        view["revision"] = record.end.position.into();
        view["created_at"] = record.created_at.rfc3339().into();
        view["updated_at"] = record.updated_at.rfc3339().into();
        view["snapshots"] = self.snapshots.clone().into();
        view["documents"] = self.stored.values().cloned().collect();
        view["outbox"] = Value::Array(Vec::new());
        view
    }
}
