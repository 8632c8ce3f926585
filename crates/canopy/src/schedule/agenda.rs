//! What waits, as a pull's log has it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    Due, OwnEvent, Plan, Term,
    due::{Since, Timer},
    of_caller,
    policy::{self, Policy},
    watch::Watch,
};
use crate::{id::Position, time::UnixMillis};

/// Most events of callers that wait at a time.
pub const MAX_WAITING: usize = 1_000;

/// Most automatic events that are kept cancelled.
const MAX_CANCELLED: usize = 1_000;

/// An event that a caller scheduled.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Waiting {
    pub(super) due: UnixMillis,
    /// Of the entry that has it.
    pub(super) position: Position,
    pub(super) event_type: String,
}

/// How a pull stands, as far as what is to come depends on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Situation {
    /// It is a refresh of another, with which its account's events are.
    pub is_refresh: bool,
    /// The consumer is asked for something.
    pub asks: bool,
    /// It goes on by itself.
    pub is_under_way: bool,
    /// A monitored refresh needs the consumer.
    pub needs_reconnect: bool,
}

/// See above. Nothing but the fold of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Agenda {
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    waiting: BTreeSet<Waiting>,
    /// `None` before a snapshot said what there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    policies: Option<Vec<Policy>>,
    /// When the snapshot was fetched that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<UnixMillis>,
    /// Digest of what the pull's own snapshots said last: those of its refreshes may say something newer.
    #[serde(skip_serializing_if = "Option::is_none")]
    own_terms: Option<String>,
    /// The newest snapshot of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fetched: Option<Since>,
    /// The last sign of the pull's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) heard: Option<Since>,
    /// Of each watch, the sign that it came after.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    come: BTreeMap<String, Position>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    cancelled: BTreeSet<String>,
}

impl Agenda {
    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// A sign of the pull's came.
    pub fn heard(&mut self, position: Position, at: UnixMillis) {
        self.heard = Some(Since { position, at });
    }

    /// The pull was fetched: `terms` of what the account has, `None` where that is not known, or as before.
    pub fn fetched(&mut self, terms: Option<&[Term]>, position: Position, at: UnixMillis) {
        self.fetched = Some(Since { position, at });
        if let Some(terms) = terms {
            self.own_terms = Some(digest(terms));
            self.learn(terms, at, Since { position, at });
        }
    }

    /// A refresh of the account was fetched `as_of` that time. What is older than what is known changes nothing.
    pub fn refreshed(&mut self, terms: &[Term], as_of: UnixMillis, position: Position, at: UnixMillis) {
        if self.is_older_than(as_of) {
            self.fetched = Some(Since { position, at });
            self.learn(terms, as_of, Since { position, at });
        }
    }

    fn learn(&mut self, terms: &[Term], as_of: UnixMillis, since: Since) {
        let known = self.policies.take().unwrap_or_default();
        self.policies = Some(policy::learned(known, terms, since));
        self.as_of = Some(as_of);
    }

    /// Whether what is known of the account's policies is older than `as_of`.
    #[must_use]
    pub fn is_older_than(&self, as_of: UnixMillis) -> bool {
        self.as_of.is_none_or(|known| known < as_of)
    }

    /// Whether the pull's own snapshots have not said this before.
    #[must_use]
    pub fn is_news(&self, terms: &[Term]) -> bool {
        self.own_terms.as_ref() != Some(&digest(terms))
    }

    /// What the newest snapshot says of the policies, and when it was fetched; `None` before one says what there is.
    #[must_use]
    pub fn known(&self) -> Option<(Vec<Term>, UnixMillis)> {
        let has = self.policies.as_ref()?.iter().filter(|policy| !policy.is_gone);
        Some((has.map(|policy| policy.term.clone()).collect(), self.as_of?))
    }

    /// How many events of callers wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// A caller scheduled an event.
    pub fn scheduled(&mut self, event: &OwnEvent, position: Position) {
        let event_type = event.event_type.clone();
        self.waiting.insert(Waiting { due: event.effective_at, position, event_type });
    }

    /// What is called `schedule_id` does not come.
    pub fn cancelled(&mut self, schedule_id: &str) {
        if !self.leaves(schedule_id) {
            self.cancelled.insert(schedule_id.to_owned());
            if self.cancelled.len() > MAX_CANCELLED {
                self.cancelled.pop_first();
            }
        }
    }

    /// What is called `schedule_id` has come.
    pub fn fired(&mut self, schedule_id: &str) {
        if self.leaves(schedule_id) {
            return;
        }
        let mut parts = schedule_id.split('.');
        let (Some(event_type), Some(subject)) = (parts.next(), parts.next()) else { return };
        match parts.next() {
            Some(date) => {
                let mut policies = self.policies.iter_mut().flatten();
                let policy = policies.find(|policy| policy.id.as_str() == subject);
                policy
                    .into_iter()
                    .for_each(|policy| policy.announced(event_type, date, parts.clone().next()));
            }
            None => {
                let position = subject.parse().unwrap_or_default();
                self.come.insert(event_type.to_owned(), position);
            }
        }
    }

    /// Takes out what a caller scheduled; gives whether it was that.
    fn leaves(&mut self, schedule_id: &str) -> bool {
        let named = |it: &&Waiting| of_caller(&it.event_type, it.position) == schedule_id;
        let found = self.waiting.iter().find(named).cloned();
        found.is_some_and(|found| self.waiting.remove(&found))
    }

    /// All that is to come, in no order.
    pub fn due<'a>(&'a self, now: &'a Situation, plan: &'a Plan) -> impl Iterator<Item = Due<'a>> {
        let called = self.waiting.iter().map(|it| Due { at: it.due, timer: Timer::Called(it) });
        let automatic = self.announcements(now, plan).chain(self.watches(now, plan));
        called.chain(
            automatic.filter(|due| self.cancelled.is_empty() || !self.cancelled.contains(&due.schedule_id())),
        )
    }

    /// What is announced of the account's policies.
    fn announcements<'a>(&'a self, now: &Situation, plan: &'a Plan) -> impl Iterator<Item = Due<'a>> {
        let policies = self.policies.as_ref().filter(|_| !now.is_refresh);
        policies.into_iter().flatten().flat_map(|policy| policy.timers(plan))
    }

    fn watches<'a>(&'a self, now: &'a Situation, plan: &'a Plan) -> impl Iterator<Item = Due<'a>> {
        Watch::ALL.into_iter().filter_map(|watch| {
            let (millis, ..) = watch.span(plan)?;
            let since = watch.since(self, now)?;
            let has_come = self.come.get(watch.event_type()) == Some(&since.position);
            (!has_come).then(|| Due { at: since.at.plus(millis), timer: Timer::Watch(watch, since) })
        })
    }

    /// When the next comes.
    #[must_use]
    pub fn next(&self, now: &Situation, plan: &Plan) -> Option<UnixMillis> {
        self.due(now, plan).map(|due| due.at).min()
    }

    /// The first that is due by `until`.
    #[must_use]
    pub fn first<'a>(&'a self, now: &'a Situation, plan: &'a Plan, until: UnixMillis) -> Option<Due<'a>> {
        let due = self.due(now, plan).filter(|due| due.at <= until);
        // A name is made where nothing else tells two apart.
        due.min_by(|one, other| {
            one.at.cmp(&other.at).then_with(|| one.schedule_id().cmp(&other.schedule_id()))
        })
    }

    /// What was to be announced before the policies were learned anew, and is not any more, with why.
    #[must_use]
    pub fn taken_away(&self, before: &Self, now: &Situation, plan: &Plan) -> Vec<OwnEvent> {
        let kept: BTreeSet<String> = self.announcements(now, plan).map(|due| due.schedule_id()).collect();
        let gone = before.announcements(now, plan).filter(|due| !kept.contains(&due.schedule_id()));
        let gone = gone.filter(|due| !before.cancelled.contains(&due.schedule_id()));
        let mut void: Vec<_> = gone
            .filter_map(|due| {
                let (Timer::Renewal(was, _) | Timer::Expiry(was)) = due.timer else { return None };
                let policy = self.policies.iter().flatten().find(|policy| policy.id == was.id)?;
                let because = Some(policy.why_not(was));
                Some(OwnEvent { because, ..due.event(plan, None) })
            })
            .collect();
        void.sort_by(|one, other| {
            (one.effective_at, &one.schedule_id).cmp(&(other.effective_at, &other.schedule_id))
        });
        void
    }
}

fn digest(terms: &[Term]) -> String {
    let text = serde_json::to_vec(terms).expect("terms are plain data");
    hex::encode(&Sha256::digest(text)[..12])
}

#[cfg(test)]
mod tests;
