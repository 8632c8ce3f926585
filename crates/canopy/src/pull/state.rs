//! All that the webhooks of a pull have said: what the fold keeps of them, and what follows from it at once.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Position, is_refresh};
use crate::{
    auth::{AuthStatus, Sequence},
    id::{Id, PullId, SessionId},
    metadata::Metadata,
    schedule::{Agenda, Data, OwnEvent, Situation, is_deleting},
    status::PullStatus,
    time::UnixMillis,
    webhook::Facts,
};

/// Most types of own events kept: those that came last.
const MAX_OWN: usize = 100;

/// Most of their data kept, in bytes: the row of a pull holds 2 MB.
const MAX_OWN_BYTES: usize = 256 * 1024;

/// Type of the entry that the pull is gone which the monitoring began with.
pub const FIRST_PULL_GONE: &str = "EDGE_FIRST_PULL_GONE";

/// A value with the rank that decides between it and another: the higher one stays.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Ranked<R, T>(pub R, pub T);

/// Tells two different bodies of one type apart: the head of the body's SHA-256.
pub(super) type Tie = u64;

/// An error's status: the one with the highest sequence counts.
pub(super) type RankedError = Ranked<(Option<Sequence>, Tie), Option<PullStatus>>;

/// How a monitored account gets its consumer back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reconnect {
    /// `data.auth_status`
    pub auth_status: Option<PullStatus>,
    /// The link to send to the consumer.
    pub reconnect_url: Option<String>,
}

/// The winning `AUTH_STATUS` with the common fields it came with: a stale one adds none of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Auth {
    pub tie: Tie,
    pub status: AuthStatus,
    pub facts: Facts,
}

/// All that a pull's webhooks say. Nothing but the fold of its log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) auth: Option<Auth>,
    /// Common fields of all other events; `status` and `metadata` stand in the ranked members below.
    pub(super) facts: Facts,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) metadata: Option<Ranked<(u8, Tie), Metadata>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) complete: Option<Ranked<Tie, Option<PullStatus>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) policies_available: Option<Ranked<Tie, Option<PullStatus>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<RankedError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) other_status: Option<Ranked<Tie, Option<PullStatus>>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) policies: BTreeMap<Id, Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reconnect: Option<Ranked<Tie, Reconnect>>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) servicing: BTreeSet<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) validation: Option<Ranked<Option<String>, String>>,
    /// What the newest snapshot says. An event after which there is more to fetch makes it unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) no_policies: Option<bool>,
    /// The refreshes of its account, the oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) refreshes: Vec<PullId>,
    /// Servicing actions that the consumer has answered through the edge.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) answered: BTreeSet<Id>,
    /// Its monitoring, where that began with this pull: as the last of its calls and refreshes has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) monitoring: Option<Id>,
    /// Whether its monitoring was stopped through the edge.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_left: bool,
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) data_updates: u32,
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) monitoring_events: u32,
    /// The last own event of each type.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) own: BTreeMap<String, LastOwn>,
    /// What is to come.
    #[serde(skip_serializing_if = "Agenda::is_empty")]
    pub(super) agenda: Agenda,
}

/// An own event, as it is seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastOwn {
    /// Of its entry.
    pub position: Position,
    /// When it counts.
    #[serde(with = "crate::schedule::rfc3339")]
    pub effective_at: UnixMillis,
    /// What goes with it.
    pub data: Data,
    /// Whether the consumer's page is told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub page: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl State {
    /// The edge session that started this pull.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        self.metadata()?.session()
    }

    /// Whether the insurance company has no policies, as far as is known.
    #[must_use]
    pub fn no_policies(&self) -> Option<bool> {
        self.no_policies
    }

    /// The pull that its monitoring began with.
    #[must_use]
    pub fn initial_pull_id(&self) -> Option<&PullId> {
        let of_auth = || self.auth.as_ref()?.facts.initial_pull_id.as_ref();
        self.facts.initial_pull_id.as_ref().or_else(of_auth)
    }

    /// The monitoring that it belongs to.
    #[must_use]
    pub fn monitoring_id(&self) -> Option<&Id> {
        let of_auth = || self.auth.as_ref()?.facts.monitoring_id.as_ref();
        self.monitoring.as_ref().or(self.facts.monitoring_id.as_ref()).or_else(of_auth)
    }

    /// Whether it knows of this refresh of its account.
    #[must_use]
    pub fn has_refresh(&self, refresh: &PullId) -> bool {
        self.refreshes.contains(refresh)
    }

    /// Whether the consumer has to sign in again before the account is refreshed.
    #[must_use]
    pub fn needs_reconnect(&self) -> bool {
        self.reconnect.is_some() && !self.is_ready() && !self.is_left
    }

    /// Servicing actions that wait for the consumer: with the pull's end none does any more.
    pub fn unconfirmed(&self) -> impl Iterator<Item = &Id> {
        let has_ended = self.is_complete() || self.error().is_some();
        let waits = move |action: &&Id| !has_ended && !self.answered.contains(*action);
        self.servicing.iter().filter(waits)
    }

    /// `COMPLETE` came: the documents are there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete.is_some()
    }

    /// There is something of the pull to fetch.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.policies_available.is_some() || self.is_complete()
    }

    /// The pull's status: the end of the pull where it is known, else where the login stands.
    #[must_use]
    pub fn status(&self) -> Option<&PullStatus> {
        let auth = self.auth.as_ref();
        self.complete
            .as_ref()
            .map(|complete| complete.1.as_ref().unwrap_or(&PullStatus::Success))
            .or_else(|| self.error())
            .or_else(|| self.policies_available.as_ref()?.1.as_ref())
            .or_else(|| auth?.facts.status.as_ref())
            .or_else(|| Some(&auth?.status.status))
            .or_else(|| self.other_status.as_ref()?.1.as_ref())
    }

    /// The error that the pull ended with: not one that a later login or `COMPLETE` has overtaken.
    #[must_use]
    pub fn error(&self) -> Option<&PullStatus> {
        let Ranked((sequence, _), status) = self.error.as_ref()?;
        let login = self.auth.as_ref().and_then(|auth| auth.status.sequence);
        let overtaken = self.is_complete() || (sequence.is_some() && login > *sequence);
        (!overtaken).then(|| status.as_ref().unwrap_or(&PullStatus::ProviderError))
    }

    /// What is to come.
    #[must_use]
    pub fn agenda(&self) -> &Agenda {
        &self.agenda
    }

    /// How it stands, as far as what is to come depends on it.
    #[must_use]
    pub fn situation(&self, pull_id: &PullId) -> Situation {
        let status = self.status();
        let has_ended = self.is_complete() || self.error().is_some();
        Situation {
            is_refresh: !self.agenda.is_alone()
                && is_refresh(pull_id.as_str(), self.initial_pull_id().map(PullId::as_str)),
            asks: !has_ended && status.is_some_and(|status| status.question().is_some()),
            is_under_way: !has_ended && status.is_some_and(PullStatus::is_passing),
            needs_reconnect: self.needs_reconnect(),
            is_unauthenticated: self.is_unauthenticated(),
        }
    }

    fn is_unauthenticated(&self) -> bool {
        let has_brought = self.is_ready() || self.agenda.known().is_some() || !self.policies.is_empty();
        !has_brought && self.status().is_none_or(PullStatus::is_before_sign_in)
    }

    /// Whether it is to be deleted: that was announced, and nothing has come of it since.
    #[must_use]
    pub fn is_to_be_deleted(&self) -> bool {
        let announced =
            self.own.iter().filter(|(name, _)| is_deleting(name)).map(|(_, own)| own.position).max();
        announced.is_some() && self.agenda.last_sign() < announced
    }

    /// An own event came: the last of its type.
    pub(super) fn happened(&mut self, event: &OwnEvent, position: Position) {
        let OwnEvent { event_type, effective_at, data, page, .. } = event;
        let last = LastOwn { position, effective_at: *effective_at, data: data.clone(), page: *page };
        self.own.insert(event_type.clone(), last);
        if event_type == FIRST_PULL_GONE {
            self.agenda.left_alone();
        }
        let size = |own: &BTreeMap<_, LastOwn>| own.values().map(|own| own.data.size()).sum::<usize>();
        while self.own.len() > MAX_OWN || size(&self.own) > MAX_OWN_BYTES {
            let oldest = self.own.iter().min_by_key(|(_, own)| own.position).map(|(name, _)| name.clone());
            oldest.into_iter().for_each(|name| drop(self.own.remove(&name)));
        }
    }

    /// How far the login has come.
    #[must_use]
    pub fn login_sequence(&self) -> Option<Sequence> {
        self.auth.as_ref()?.status.sequence
    }

    /// The agency's metadata, with the edge's own member.
    pub(super) fn metadata(&self) -> Option<&Metadata> {
        let of_auth = || self.auth.as_ref()?.facts.metadata.as_ref();
        self.metadata.as_ref().map(|ranked| &ranked.1).or_else(of_auth)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::webhook::Event;

    /// As it stands in objects: statuses known and unknown, with and without a rank to decide by.
    const STORED: &str = r#"{"auth":{"tie":8629121775128815872,"status":{"sequence":3,"status":"IDENTITY_VERIFICATION_OPTIONS","login_error_message":"Locked.","options":[{"key":"sms","label":"Text 1234"}]},"facts":{"status":"IDENTITY_VERIFICATION","team_id":"t","metadata":{"edge_session":"s"}}},"facts":{},"complete":[12629386595112521338,"BRAND_NEW"],"policies_available":[18030112153827481583,"SUCCESS"],"error":[[2,18009122572139439381],"PROVIDER_ERROR"],"other_status":[18030112153827481583,"SUCCESS"],"reconnect":[3987730715166828780,{"auth_status":"NOT_AUTHENTICATED","reconnect_url":"https://a.example"}],"validation":["2026-01-01","VERIFIED"]}"#;

    #[test]
    fn a_stored_state_is_read_and_written_as_it_stands() {
        let state: State = serde_json::from_str(STORED).unwrap();
        assert_eq!(serde_json::to_string(&state).unwrap(), STORED);
        assert_eq!(
            state.complete,
            Some(Ranked(12_629_386_595_112_521_338, Some(PullStatus::read("BRAND_NEW"))))
        );
        assert_eq!(state.error().cloned(), None);
        assert_eq!(state.policies_available.unwrap().1, Some(PullStatus::Success));
    }

    #[test]
    fn of_two_statuses_that_nothing_else_tells_apart_the_higher_text_stays() {
        let tie = 12_629_386_595_112_521_338_u64.to_be_bytes();
        let digest = std::array::from_fn(|at| tie.get(at).copied().unwrap_or_default());
        for (status, stays) in
            [("ANOTHER", "BRAND_NEW"), ("SUCCESS", "SUCCESS"), ("ZZZ", "ZZZ"), ("", "BRAND_NEW")]
        {
            let mut state: State = serde_json::from_str(STORED).unwrap();
            let complete = json!({"pull_id": "p", "event_type": "COMPLETE", "status": status}).to_string();
            state.apply(&Event::parse(complete.as_bytes()).unwrap(), &digest);
            assert_eq!(state.status().unwrap().as_str(), stays);
        }
    }
}
