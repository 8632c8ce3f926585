//! The policies of an account, and what is announced of each.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Data, Plan, Term, since::Since};
use crate::time::UnixMillis;

/// Most policies of an account whose days are followed: those that come first.
pub const MAX_POLICIES: usize = 500;

/// Event types.
pub(super) const RENEWAL_DUE: &str = "EDGE_POLICY_RENEWAL_DUE";
pub(super) const EXPIRED: &str = "EDGE_POLICY_EXPIRED";

/// A policy, as the newest snapshot that has it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Names it within the account: its id where it was first seen, unless another has that.
    pub(super) id: String,
    pub(super) term: Term,
    /// What brought this term.
    pub(super) since: Since,
    /// Whether it was seen before with another term.
    #[serde(default)]
    pub(super) was_known: bool,
    /// Days before the renewal, as announced last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    renewal_announced: Option<u16>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    expiry_announced: bool,
    /// Whether the newest snapshot has it no more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_gone: bool,
}

impl Policy {
    fn first_seen(id: String, term: Term, since: Since) -> Self {
        Self {
            id,
            term,
            since,
            was_known: false,
            renewal_announced: None,
            expiry_announced: false,
            is_gone: false,
        }
    }

    /// The same policy as `term` has it from `since` on. What was announced of a term stays announced as long as its days stay.
    fn with(self, term: Term, since: Since) -> Self {
        if !term.has_the_days_of(&self.term) {
            return Self { was_known: true, ..Self::first_seen(self.id, term, since) };
        }
        // What is followed again is announced from then on, be it that the policy is back or that it holds after all.
        let holds_again = self.term.is_over() && !term.is_over();
        let is_back = self.is_gone || holds_again;
        let since = if is_back { since } else { self.since };
        let was_known = (self.was_known || self.is_gone) && !holds_again;
        Self { term, since, was_known, is_gone: false, ..self }
    }

    /// What is to be announced of it, and when.
    pub(super) fn marks(&self, plan: &Plan) -> impl Iterator<Item = (UnixMillis, Mark)> {
        let renewals = (!self.is_gone && !self.term.is_over()).then(|| self.renewals(plan));
        let is_followed =
            plan.times.expired && !self.expiry_announced && !self.is_gone && !self.term.is_void();
        let expiry = self.term.expiry_date.filter(|_| is_followed).and_then(|day| plan.zone.start_of(day));
        let expiry = expiry.filter(|at| *at >= self.since.at).map(|at| (at, Mark::Expiry));
        renewals.into_iter().flatten().chain(expiry)
    }

    /// Of the days that are past when it is first seen the nearest comes at once.
    fn renewals(&self, plan: &Plan) -> Vec<(UnixMillis, Mark)> {
        let Some(renewal) = self.term.renewal() else { return Vec::new() };
        if plan.zone.start_of(renewal).is_none_or(|begins| begins <= self.since.at) {
            return Vec::new();
        }
        let due = |days: &u16| Some((plan.zone.start_of(renewal.before(*days)?)?, *days));
        let due: Vec<_> = plan.times.renewal_days.iter().filter_map(due).collect();
        let past = due.iter().filter(|(at, _)| *at < self.since.at && !self.was_known);
        let nearest = past.map(|(_, days)| *days).min();
        let is_due = |(at, days): &(UnixMillis, u16)| *at >= self.since.at || Some(*days) == nearest;
        let is_left = |days: u16| self.renewal_announced.is_none_or(|announced| days < announced);
        let due = due.into_iter().filter(is_due).filter(|(_, days)| is_left(*days));
        due.map(|(at, days)| (at.max(self.since.at), Mark::Renewal(days))).collect()
    }

    /// Notes what was announced, by the parts of its name after the type.
    pub(super) fn announced(&mut self, event_type: &str, date: &str, days: Option<&str>) {
        let is_of = |day: Option<super::Day>| day.is_some_and(|day| day.to_string() == date);
        match event_type {
            RENEWAL_DUE if is_of(self.term.renewal()) => {
                self.renewal_announced = days.and_then(|days| days.parse().ok());
            }
            EXPIRED if is_of(self.term.expiry_date) => self.expiry_announced = true,
            _ => {}
        }
    }

    /// What goes with its events.
    pub(super) fn data(&self, days_before: Option<u16>) -> Data {
        let Term { policy_id, policy_type, status, expiry_date, renewal_date, .. } = &self.term;
        let mut data = json!({
            "policy_id": policy_id, "policy_type": policy_type, "status": status, "expiry_date": expiry_date,
            "renewal_date": renewal_date,
        });
        if let Some(days) = days_before {
            data["days_before"] = days.into();
        }
        Data::of(&data)
    }

    /// Why nothing more is announced of the term that `before` had.
    pub(super) fn why_not(&self, before: &Self) -> String {
        let of = |policy: &Self| policy.term.expiry_date.or(policy.term.renewal_date);
        match (of(before), of(self)) {
            _ if self.is_gone => "the newest snapshot has no such policy".to_owned(),
            _ if self.term.is_over() => {
                format!("the policy is {}", self.term.status.as_deref().unwrap_or_default())
            }
            (Some(was), Some(is)) if is > was => format!("the policy was renewed: it now expires on {is}"),
            (Some(was), Some(is)) if is < was => {
                format!("the policy's days were changed: it now expires on {is}")
            }
            (_, None) => "the policy has no expiry date any more".to_owned(),
            _ => format!(
                "the policy's days were changed: its renewal is now on {}",
                self.term.renewal().map(|day| day.to_string()).unwrap_or_default()
            ),
        }
    }
}

/// A day of a policy's that is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// So many days before its renewal.
    Renewal(u16),
    /// Its expiry.
    Expiry,
}

/// The policies of an account after a snapshot that has `terms`.
pub(super) fn learned(known: Vec<Policy>, terms: &[Term], since: Since) -> Vec<Policy> {
    let mut before = known;
    let mut policies: Vec<Policy> = Vec::with_capacity(terms.len());
    for term in terms.iter().take(MAX_POLICIES) {
        let of = |policy: &Policy| term.is_of_the_policy_of(&policy.term);
        // Of one that is there twice the first counts.
        if policies.iter().any(of) {
            continue;
        }
        let by_id = before.iter().position(|policy| policy.term.policy_id == term.policy_id);
        policies.push(match by_id.or_else(|| before.iter().position(of)) {
            Some(at) => before.remove(at).with(term.clone(), since),
            None => Policy::first_seen(name(term, before.iter().chain(&policies)), term.clone(), since),
        });
    }
    let gone = before.into_iter().map(|policy| Policy { is_gone: true, ..policy });
    policies.extend(gone);
    policies.truncate(MAX_POLICIES);
    policies
}

/// A name that no other policy of the account has.
fn name<'p>(term: &Term, others: impl Iterator<Item = &'p Policy> + Clone) -> String {
    let is_free = |name: &String| others.clone().all(|other| other.id != *name);
    let names = (2..).map(|number| format!("{}-{number}", term.policy_id));
    std::iter::once(term.policy_id.to_string()).chain(names).find(is_free).unwrap_or_default()
}
