//! One course of events.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Serialize;

use super::super::{Item, Step, Walk};
use crate::{
    pull::{Kind, Position, Taken},
    schedule::{Origin, Outlook, Plan, rfc3339},
    time::UnixMillis,
};

/// Most entries and events of one course.
pub(super) const MAX_STEPS: usize = 10_000;

/// More than [`MAX_STEPS`].
pub(super) struct TooLong;

/// What becomes of an automatic event in a course.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Fate {
    pub state: Outlook,
    #[serde(with = "rfc3339")]
    pub effective_at: UnixMillis,
    pub because: Option<String>,
}

/// Work that is called for.
pub(super) struct Wanted {
    pub work: String,
    pub cause: Option<Position>,
}

/// See above.
pub(super) struct Course {
    pub walk: Walk,
    pub items: Vec<Item>,
    pub work: Vec<Wanted>,
    pub fates: BTreeMap<String, Fate>,
    places: Places,
    /// Names of what does not come.
    suppressed: BTreeSet<String>,
}

/// Where the log has what is derived, by kind and name, in its order: what is derived alike stands there again.
pub(super) type Places = BTreeMap<(u8, String), VecDeque<Position>>;

impl Course {
    pub(super) fn new(walk: Walk, places: Places, suppressed: BTreeSet<String>) -> Self {
        Self { walk, items: Vec::new(), work: Vec::new(), fates: BTreeMap::new(), places, suppressed }
    }

    /// Takes the entries of a log as they are.
    pub(super) fn replay(&mut self, log: &[&Step]) -> Result<(), TooLong> {
        log.iter().try_for_each(|step| self.take(step, |item| item))
    }

    /// Takes what nothing follows from, in order of time, and derives the rest anew by `plan`.
    pub(super) fn derive(&mut self, steps: &[&Step], plan: &Plan) -> Result<(), TooLong> {
        for step in steps {
            let at = UnixMillis(self.walk.record().end.next(UnixMillis(step.end.recorded_at)).recorded_at);
            self.come(plan, at)?;
            let learns = matches!(step.taken, Taken::Fetched(_) | Taken::Refreshed(_));
            let before = learns.then(|| self.walk.record().state.agenda().clone());
            self.take(step, |item| item)?;
            let Some(before) = before else { continue };
            let record = self.walk.record();
            let now = record.state.situation(&record.pull_id);
            for event in record.state.agenda().taken_away(&before, &now, plan) {
                let derived = self.walk.derived(Kind::Void, event, step.end.position, 0, at);
                self.take_derived(derived)?;
            }
        }
        Ok(())
    }

    /// Takes what comes by itself until then.
    pub(super) fn come(&mut self, plan: &Plan, until: UnixMillis) -> Result<(), TooLong> {
        while let Some(step) = self.walk.next(plan, until, 0) {
            let id = step.own().and_then(|event| event.schedule_id.clone()).unwrap_or_default();
            if self.suppressed.contains(&id) {
                self.walk.suppress(&id);
            } else {
                self.take_derived(step)?;
            }
        }
        Ok(())
    }

    /// Takes what is derived: at its place in the log where it has one, else beyond every place.
    fn take_derived(&mut self, mut step: Step) -> Result<(), TooLong> {
        let id = step.own().and_then(|event| event.schedule_id.clone()).unwrap_or_default();
        let kind = step.kind.map(Kind::code).unwrap_or_default();
        let place = self.places.get_mut(&(kind, id)).and_then(VecDeque::pop_front);
        step.end.position = place.unwrap_or(MADE_UP);
        let is_known = place.is_some();
        self.take(&step, |item| if is_known { Item { recorded_at: None, ..item } } else { item.would_be() })
    }

    fn take(&mut self, step: &Step, shown: impl Fn(Item) -> Item) -> Result<(), TooLong> {
        if self.items.len() >= MAX_STEPS {
            return Err(TooLong);
        }
        let is_stale = self.walk.take(step);
        let item = shown(Item::of(step, is_stale));
        self.note_fate(&item);
        self.items.push(item);
        let work = self.walk.drain_work().into_iter();
        self.work.extend(work.map(|(work, cause)| Wanted { work, cause }));
        Ok(())
    }

    fn note_fate(&mut self, item: &Item) {
        let state = match item.kind {
            Some(Kind::Fired) => Outlook::Fired,
            Some(Kind::Void) => Outlook::Void,
            Some(Kind::Cancelled) => Outlook::Cancelled,
            _ => return,
        };
        let Some(id) = item.schedule_id.clone().filter(|id| Origin::of(id) == Origin::Automatic) else {
            return;
        };
        let fate = Fate { state, effective_at: item.effective_at, because: item.because.clone() };
        self.fates.insert(id, fate);
    }

    /// Notes what is yet to come at the end.
    pub(super) fn end(&mut self, plan: &Plan) {
        let record = self.walk.record();
        let now = record.state.situation(&record.pull_id);
        for due in record.state.agenda().due(&now, plan) {
            if Origin::of(due.event_type()) == Origin::Automatic {
                let event = due.event(plan, None);
                let fate = Fate { state: Outlook::Due, effective_at: due.at, because: event.because };
                self.fates.insert(due.schedule_id(), fate);
            }
        }
    }
}

/// A position beyond every log's, for what has none.
const MADE_UP: Position = 1 << 40;
