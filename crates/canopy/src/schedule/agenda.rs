//! What waits, as a pull's log has it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    Due, OwnEvent, Plan, Sign, Situation, Term,
    due::Timer,
    policy::{self, Mark, Policy},
    since::{Signs, Since},
    waiting::Waiting,
    watch::Watch,
};
use crate::{id::Position, time::UnixMillis};

/// Most events of callers that wait at a time.
pub const MAX_WAITING: usize = 1_000;

/// Most automatic events that are kept cancelled.
const MAX_CANCELLED: usize = 1_000;

/// See above. Nothing but the fold of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Agenda {
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    waiting: BTreeSet<Waiting>,
    /// `None` before a snapshot said what there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    policies: Option<Vec<Policy>>,
    /// When there was what that snapshot has.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<UnixMillis>,
    /// Digest of what the pull's own snapshots said last: those of its refreshes may say something newer.
    #[serde(skip_serializing_if = "Option::is_none")]
    own_terms: Option<String>,
    #[serde(skip_serializing_if = "is_default")]
    signs: Signs,
    /// When a webhook last said that there is something to fetch, or where none did, when the pull was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    ready_at: Option<UnixMillis>,
    /// Of each watch, the sign that it came after.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    come: BTreeMap<String, Position>,
    /// In the order in which they were cancelled.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cancelled: Vec<String>,
    /// Whether the pull that its monitoring began with is gone: then its account's events are with it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_alone: bool,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Agenda {
    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether anything was heard of the pull: a state of before there was an agenda has nothing.
    #[must_use]
    pub fn knows_signs(&self) -> bool {
        self.signs != Signs::default()
    }

    /// A sign of the pull's came.
    pub fn sign(&mut self, sign: Sign, position: Position, at: UnixMillis) {
        let since = Some(Since { position, at });
        match sign {
            Sign::Heard => self.signs.heard = since,
            Sign::Login => self.signs.login = since,
            Sign::Reconnect => self.signs.reconnect = since,
        }
    }

    /// There is something to fetch since then.
    pub fn ready(&mut self, at: UnixMillis) {
        self.ready_at = Some(at);
    }

    /// The same of a pull that is known from Canopy's list alone.
    pub fn ready_since(&mut self, created_at: UnixMillis) {
        self.ready_at.get_or_insert(created_at);
    }

    /// The pull that its monitoring began with is gone.
    pub fn left_alone(&mut self) {
        self.is_alone = true;
    }

    /// Whether its account's events are with it.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        self.is_alone
    }

    /// The pull was fetched: `terms` of what the account has, `None` where that is not known, or as before. Of an account that a refresh
    /// has told newer of they change nothing.
    pub fn fetched(&mut self, terms: Option<&[Term]>, position: Position, at: UnixMillis) {
        let since = Since { position, at };
        self.signs.fetched = Some(since);
        if let Some(terms) = terms {
            self.own_terms = Some(digest(terms));
            let as_of = self.ready_at.unwrap_or(at);
            if self.as_of.is_none_or(|known| known <= as_of) {
                self.learn(terms, as_of, since);
            }
        }
    }

    /// A refresh of the account was fetched, which was there `as_of` that time. What is older than what is known changes nothing.
    pub fn refreshed(&mut self, terms: &[Term], as_of: UnixMillis, position: Position, at: UnixMillis) {
        if self.is_older_than(as_of) {
            self.signs.fetched = Some(Since { position, at });
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

    /// The newest entry that something of the pull came with.
    #[must_use]
    pub fn last_sign(&self) -> Option<Position> {
        self.signs.heard.max(self.signs.fetched).map(|since| since.position)
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
            self.cancelled.push(schedule_id.to_owned());
            let surplus = self.cancelled.len().saturating_sub(MAX_CANCELLED);
            self.cancelled.drain(..surplus);
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
                let policies = self.policies.iter_mut().flatten().filter(|policy| policy.id == subject);
                policies.for_each(|policy| policy.announced(event_type, date, parts.clone().next()));
            }
            None => {
                let position = subject.parse().unwrap_or_default();
                self.come.insert(event_type.to_owned(), position);
            }
        }
    }

    /// What is called `schedule_id` and was scheduled by a caller cannot come.
    pub fn voided(&mut self, schedule_id: &str) {
        self.leaves(schedule_id);
    }

    /// Takes out what a caller scheduled; gives whether it was that.
    fn leaves(&mut self, schedule_id: &str) -> bool {
        let Some((event_type, position)) = schedule_id.rsplit_once('.') else { return false };
        let Ok(position) = position.parse::<Position>() else { return false };
        let named = |it: &&Waiting| it.position == position && it.event_type == event_type;
        let found = self.waiting.iter().find(named).cloned();
        found.is_some_and(|found| self.waiting.remove(&found))
    }

    /// All that is to come, in no order.
    pub fn due<'a>(&'a self, now: &'a Situation, plan: &'a Plan) -> impl Iterator<Item = Due<'a>> {
        self.waiting.iter().map(called).chain(self.automatic(now, plan))
    }

    fn automatic<'a>(&'a self, now: &'a Situation, plan: &'a Plan) -> impl Iterator<Item = Due<'a>> {
        let automatic = self.announcements(now, plan).chain(self.watches(now, plan));
        automatic.filter(|due| self.cancelled.is_empty() || !self.cancelled.contains(&due.schedule_id()))
    }

    /// What is announced of the account's policies.
    fn announcements<'a>(&'a self, now: &Situation, plan: &'a Plan) -> impl Iterator<Item = Due<'a>> {
        let policies = self.policies.as_ref().filter(|_| !now.is_refresh);
        policies.into_iter().flatten().flat_map(|policy| {
            policy.marks(plan).map(move |(at, mark)| {
                let timer = match mark {
                    Mark::Renewal(days) => Timer::Renewal(policy, days),
                    Mark::Expiry => Timer::Expiry(policy),
                };
                Due { at, timer }
            })
        })
    }

    fn watches<'a>(&'a self, now: &'a Situation, plan: &'a Plan) -> impl Iterator<Item = Due<'a>> {
        Watch::ALL.into_iter().filter_map(|watch| {
            let (millis, ..) = watch.span(plan)?;
            let since = watch.since(&self.signs, now)?;
            let has_come = self.come.get(watch.event_type()) == Some(&since.position);
            (!has_come).then(|| Due { at: since.at.plus(millis), timer: Timer::Watch(watch, since) })
        })
    }

    /// The first of all, unless something comes at the same time: they are in order of time.
    fn earliest<'a>(&'a self, now: &'a Situation, plan: &'a Plan) -> impl Iterator<Item = Due<'a>> {
        let first = self.waiting.first().map(|it| it.due);
        let called = self.waiting.iter().take_while(move |it| Some(it.due) == first).map(called);
        called.chain(self.automatic(now, plan))
    }

    /// When the next comes.
    #[must_use]
    pub fn next(&self, now: &Situation, plan: &Plan) -> Option<UnixMillis> {
        self.earliest(now, plan).map(|due| due.at).min()
    }

    /// The first that is due by `until`.
    #[must_use]
    pub fn first<'a>(&'a self, now: &'a Situation, plan: &'a Plan, until: UnixMillis) -> Option<Due<'a>> {
        let due = self.earliest(now, plan).filter(|due| due.at <= until);
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

fn called(waiting: &Waiting) -> Due<'_> {
    Due { at: waiting.due, timer: Timer::Called(waiting) }
}

fn digest(terms: &[Term]) -> String {
    let text = serde_json::to_vec(terms).expect("terms are plain data");
    hex::encode(&Sha256::digest(text)[..12])
}

#[cfg(test)]
mod tests;
