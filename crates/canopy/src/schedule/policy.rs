//! The policies of an account, and what is announced of each.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Data, Plan, Term,
    due::{Due, Since, Timer},
};
use crate::id::Id;

/// Most policies of an account whose days are followed: those that come first.
pub const MAX_POLICIES: usize = 500;

/// Event types.
pub(super) const RENEWAL_DUE: &str = "EDGE_POLICY_RENEWAL_DUE";
pub(super) const EXPIRED: &str = "EDGE_POLICY_EXPIRED";

/// A policy, as the newest snapshot that has it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Its id where it was first seen: other pulls may have others.
    pub(super) id: Id,
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
    fn first_seen(term: Term, since: Since) -> Self {
        Self {
            id: term.policy_id.clone(),
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
            return Self { id: self.id, was_known: true, ..Self::first_seen(term, since) };
        }
        let since = if self.is_gone { since } else { self.since };
        Self { term, since, was_known: self.was_known || self.is_gone, is_gone: false, ..self }
    }

    /// What is to be announced of it: the renewal, so many days before, and the expiry.
    pub(super) fn timers<'a>(&'a self, plan: &'a Plan) -> impl Iterator<Item = Due<'a>> {
        let is_followed = !self.is_gone && !self.term.is_over();
        let renewals = is_followed.then(|| self.renewals(plan)).into_iter().flatten();
        let expiry = (is_followed && plan.times.expired && !self.expiry_announced).then(|| {
            let at = plan.zone.start_of(self.term.expiry_date?)?;
            (at >= self.since.at).then_some(Due { at, timer: Timer::Expiry(self) })
        });
        renewals.chain(expiry.flatten())
    }

    /// Of the days that are past when it is first seen the nearest comes at once.
    fn renewals<'a>(&'a self, plan: &'a Plan) -> impl Iterator<Item = Due<'a>> {
        let renewal = self.term.renewal();
        let begins = renewal.and_then(|day| plan.zone.start_of(day));
        let is_ahead = begins.is_some_and(|begins| begins > self.since.at);
        let due = move |days: u16| Some((plan.zone.start_of(renewal?.before(days)?)?, days));
        let days = plan.times.renewal_days.iter().filter(move |_| is_ahead);
        let due = days.filter_map(move |days| due(*days)).collect::<Vec<_>>();
        let nearest =
            due.iter().filter(|(at, _)| *at < self.since.at && !self.was_known).map(|(_, days)| *days).min();
        due.into_iter()
            .filter(move |(at, days)| *at >= self.since.at || Some(*days) == nearest)
            .filter(|(_, days)| self.renewal_announced.is_none_or(|announced| *days < announced))
            .map(|(at, days)| Due { at: at.max(self.since.at), timer: Timer::Renewal(self, days) })
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

/// The policies of an account after a snapshot that has `terms`.
pub(super) fn learned(known: Vec<Policy>, terms: &[Term], since: Since) -> Vec<Policy> {
    let mut before = known;
    let mut policies = Vec::with_capacity(terms.len());
    for term in terms.iter().take(MAX_POLICIES) {
        let of = |policy: &Policy| term.is_of_the_policy_of(&policy.term);
        // Of one that is there twice the first counts.
        if policies.iter().any(of) {
            continue;
        }
        let by_id = before.iter().position(|policy| policy.term.policy_id == term.policy_id);
        policies.push(match by_id.or_else(|| before.iter().position(of)) {
            Some(at) => before.remove(at).with(term.clone(), since),
            None => Policy::first_seen(term.clone(), since),
        });
    }
    let gone = before.into_iter().map(|policy| Policy { is_gone: true, ..policy });
    policies.extend(gone);
    policies.truncate(MAX_POLICIES);
    policies
}
