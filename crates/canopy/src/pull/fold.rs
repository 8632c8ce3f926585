//! The fold of a pull's event log into its state.
//!
//! Webhooks come in any order and more than once. The log takes each body once; this fold gives the same
//! state for every order of the same set of them, because each part of the state is a maximum, a union or
//! a count over the set. Of two `AUTH_STATUS` with an equal sequence and different bodies, which Canopy never
//! sends, the first that came stays. The state is bounded, so an event costs the same whatever came before.
//! Source: design, "The way of one pull"; contract, "Webhooks".

use super::{
    Called, Refresh,
    state::{Auth, Ranked, Reconnect, State, Tie},
};
use crate::{
    auth::AuthStatus,
    contract::Operation,
    webhook::{Event, Facts, Happening},
};

/// Most policies of `POLICY_AVAILABLE` kept: those with the lowest ids.
pub const MAX_POLICIES: usize = 500;

/// Most servicing actions kept: those with the lowest ids.
pub const MAX_SERVICING_ACTIONS: usize = 100;

/// Most refreshes of an account kept: the newest.
pub const MAX_REFRESHES: usize = 100;

/// What an event did to the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is part of the state.
    Applied,
    /// An `AUTH_STATUS` not above the last applied one: kept in the log, and nothing else.
    Stale,
    /// The log held its body before.
    Duplicate,
}

impl Outcome {
    /// As the log names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Stale => "stale",
            Self::Duplicate => "duplicate",
        }
    }
}

impl State {
    /// What an event that the log did not hold before will do. `digest` is the SHA-256 of its raw body.
    #[must_use]
    pub fn judge(&self, event: &Event, digest: &[u8; 32]) -> Outcome {
        let supersedes = |status: &AuthStatus, applied: &Auth| {
            status.rank(tie_of(digest)) > applied.status.rank(applied.tie)
        };
        match (&event.happening, &self.auth) {
            (Happening::Auth(status), Some(applied)) if !supersedes(status, applied) => Outcome::Stale,
            _ => Outcome::Applied,
        }
    }

    /// Folds it in.
    pub fn apply(&mut self, event: &Event, digest: &[u8; 32]) -> Outcome {
        let tie = tie_of(digest);
        if let Happening::Auth(status) = &event.happening {
            let outcome = self.judge(event, digest);
            if outcome == Outcome::Applied {
                self.auth = Some(Auth { tie, status: status.clone(), facts: event.facts.clone() });
            }
            return outcome;
        }
        self.add_facts(event, tie);
        let status = || Ranked(tie, event.facts.status.clone());
        match &event.happening {
            Happening::Complete => {
                self.no_policies = None;
                keep_highest(&mut self.complete, status());
            }
            Happening::PoliciesAvailable => {
                self.no_policies = None;
                keep_highest(&mut self.policies_available, status());
            }
            Happening::Error => {
                let error = Ranked((event.sequence, tie), event.facts.status.clone());
                keep_highest(&mut self.error, error);
            }
            Happening::Policy { policy_id, policy_type } => {
                let known = self.policies.entry(policy_id.clone()).or_default();
                *known = policy_type.clone().max(known.take());
                if self.policies.len() > MAX_POLICIES {
                    self.policies.pop_last();
                }
            }
            Happening::Reconnect { auth_status, reconnect_url } => {
                let reconnect =
                    Reconnect { auth_status: auth_status.clone(), reconnect_url: reconnect_url.clone() };
                keep_highest(&mut self.reconnect, Ranked(tie, reconnect));
            }
            Happening::ServicingWaiting { servicing_action_id } => {
                self.servicing.extend(servicing_action_id.clone());
                if self.servicing.len() > MAX_SERVICING_ACTIONS {
                    self.servicing.pop_last();
                }
            }
            Happening::Validation { status, completed_at } => {
                keep_highest(&mut self.validation, Ranked(completed_at.clone(), status.clone()));
            }
            Happening::DataUpdated => self.data_updates += 1,
            Happening::MonitoringEvents => self.monitoring_events += 1,
            Happening::Other | Happening::Auth(_) => {}
        }
        Outcome::Applied
    }

    /// Takes what a snapshot says that was fetched when the pull was ready. Gives whether that was news.
    pub fn fetched(&mut self, no_policies: Option<bool>) -> bool {
        std::mem::replace(&mut self.no_policies, no_policies) != no_policies
    }

    /// Takes what was asked of Canopy about the pull.
    pub fn called(&mut self, called: &Called) {
        match called.operation() {
            Some(Operation::ConfirmServicing) => {
                self.answered.extend(called.servicing_action_ids.iter().cloned());
                while self.answered.len() > MAX_SERVICING_ACTIONS {
                    self.answered.pop_last();
                }
            }
            Some(Operation::CreateMonitoring) => {
                self.monitoring.clone_from(&called.monitoring_id);
                self.is_left = false;
            }
            Some(Operation::DeleteMonitoring) => self.is_left = true,
            _ => {}
        }
        if let Some(status) = &called.monitoring_status {
            self.is_left = status == "STOPPED";
        }
    }

    /// Takes a refresh of its account. Gives whether that was news.
    pub fn refreshed(&mut self, refresh: &Refresh) -> bool {
        if refresh.monitoring_id.is_some() {
            self.monitoring.clone_from(&refresh.monitoring_id);
        }
        if self.has_refresh(&refresh.pull_id) {
            return false;
        }
        self.refreshes.push(refresh.pull_id.clone());
        let surplus = self.refreshes.len().saturating_sub(MAX_REFRESHES);
        self.refreshes.drain(..surplus);
        true
    }

    fn add_facts(&mut self, event: &Event, tie: Tie) {
        let Facts {
            status,
            team_id,
            widget_id,
            account_identifier,
            is_monitored,
            initial_pull_id,
            monitoring_id,
            metadata,
        } = &event.facts;
        raise(&mut self.facts.team_id, team_id);
        raise(&mut self.facts.widget_id, widget_id);
        raise(&mut self.facts.account_identifier, account_identifier);
        raise(&mut self.facts.initial_pull_id, initial_pull_id);
        raise(&mut self.facts.monitoring_id, monitoring_id);
        self.facts.is_monitored |= is_monitored;
        if let Some(metadata) = metadata {
            let rank = match event.happening {
                Happening::Complete => 2,
                Happening::PoliciesAvailable => 1,
                _ => 0,
            };
            let new = Ranked((rank, tie), metadata.clone());
            if self.metadata.as_ref().is_none_or(|kept| new.0 > kept.0) {
                self.metadata = Some(new);
            }
        }
        if status.is_some() {
            keep_highest(&mut self.other_status, Ranked(tie, status.clone()));
        }
    }
}

fn tie_of(digest: &[u8; 32]) -> Tie {
    Tie::from_be_bytes(*digest.first_chunk().expect("a SHA-256 has 32 bytes"))
}

fn keep_highest<T: Ord>(kept: &mut Option<T>, new: T) {
    if kept.as_ref().is_none_or(|kept| new > *kept) {
        *kept = Some(new);
    }
}

/// Identifiers do not change within a pull; should two differ, the higher stays in every order.
fn raise<T: Ord + Clone>(kept: &mut Option<T>, new: &Option<T>) {
    if new > kept {
        kept.clone_from(new);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        id::{Id, PullId},
        signature,
    };

    fn fold<'a>(bodies: impl IntoIterator<Item = &'a String>) -> (State, Vec<Outcome>) {
        let (mut state, mut seen, mut outcomes) = (State::default(), BTreeSet::new(), Vec::new());
        for body in bodies {
            let digest = signature::digest(body.as_bytes());
            if seen.insert(digest) {
                outcomes.push(state.apply(&Event::parse(body.as_bytes()).unwrap(), &digest));
            }
        }
        (state, outcomes)
    }

    fn auth(sequence: u64, status: &str) -> String {
        json!({"pull_id": "p", "event_type": "AUTH_STATUS", "status": status,
            "data": {"auth_status": status, "sequence": sequence}})
        .to_string()
    }

    #[test]
    fn a_lower_and_an_equal_sequence_change_nothing() {
        let (state, outcomes) = fold(&[auth(2, "PULLING_DATA"), auth(1, "QUEUED"), auth(2, "SUCCESS")]);
        assert_eq!(outcomes, [Outcome::Applied, Outcome::Stale, Outcome::Stale]);
        assert_eq!(state, fold(&[auth(2, "PULLING_DATA")]).0);
    }

    #[test]
    fn a_stale_status_leaves_none_of_its_common_fields() {
        let first = json!({"pull_id": "p", "event_type": "AUTH_STATUS", "account_identifier": "a", "sequence": 1,
            "status": "QUEUED"});
        let orders = [[first.to_string(), auth(2, "SUCCESS")], [auth(2, "SUCCESS"), first.to_string()]];
        assert_eq!(fold(&orders[0]).0, fold(&orders[1]).0);
    }

    #[test]
    fn the_state_stays_bounded() {
        let bodies: Vec<String> = (0..MAX_POLICIES + 50)
            .flat_map(|n| {
                let policy = json!({"pull_id": "p", "event_type": "POLICY_AVAILABLE", "data": {"policy_id": format!("{n:05}")}});
                let action = json!({"pull_id": "p", "event_type": "SERVICING_WAITING_FOR_CONSUMER_CONFIRMATION",
                    "data": {"servicing_action_id": format!("{n:05}")}});
                [policy.to_string(), action.to_string()]
            })
            .collect();
        let (state, _) = fold(&bodies);
        assert_eq!((state.policies.len(), state.servicing.len()), (MAX_POLICIES, MAX_SERVICING_ACTIONS));
        assert_eq!(state, fold(bodies.iter().rev()).0);
    }

    #[test]
    fn what_is_kept_of_calls_and_refreshes_is_bounded() {
        let mut state = State::default();
        for number in 0..2 * MAX_REFRESHES {
            let pull_id = PullId::parse(&format!("r-{number:04}")).unwrap();
            let refresh = Refresh {
                pull_id,
                monitoring_id: Some(Id::parse(&format!("m-{number}")).unwrap()),
                terms: None,
                as_of: None,
            };
            assert!(state.refreshed(&refresh) && !state.refreshed(&refresh), "once");
            state.called(&Called {
                operation: Operation::ConfirmServicing.row().id.to_owned(),
                servicing_action_ids: (0..2)
                    .map(|n| Id::parse(&format!("a-{number}-{n}")).unwrap())
                    .collect(),
                ..Called::default()
            });
        }
        let shown = state.view().refreshed_pulls;
        assert_eq!(
            (shown.len(), shown[0].as_str()),
            (MAX_REFRESHES, "r-0100"),
            "the newest, the oldest first"
        );
        assert_eq!(state.answered.len(), MAX_SERVICING_ACTIONS);
        assert_eq!(state.monitoring_id().unwrap().as_str(), "m-199");
    }

    #[test]
    fn the_state_survives_storage() {
        let complete =
            json!({"pull_id": "p", "event_type": "COMPLETE", "status": "SUCCESS", "meta_data": {"a": 1}});
        let (state, _) = fold(&[auth(3, "SUCCESS"), complete.to_string()]);
        let json = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<State>(&json).unwrap(), state);
    }

    /// Any event of the contract; sequences are made unique by the caller, as Canopy's are.
    fn event() -> impl Strategy<Value = Value> {
        let kinds = prop::sample::select(vec![
            "AUTH_STATUS",
            "POLICY_AVAILABLE",
            "POLICIES_AVAILABLE",
            "COMPLETE",
            "ERROR",
            "MONITORING_RECONNECT",
            "MONITORING_EVENTS",
            "DATA_UPDATED",
            "SERVICING_WAITING_FOR_CONSUMER_CONFIRMATION",
            "VALIDATION_COMPLETE",
            "UNHEARD_OF",
        ]);
        let statuses = prop::sample::select(vec![
            "QUEUED",
            "IDENTITY_VERIFICATION",
            "NOT_AUTHENTICATED",
            "SUCCESS",
            "PROVIDER_ERROR",
            "NEW",
        ]);
        let data = (0..4u8, statuses.clone()).prop_map(|(n, status)| {
            json!({"auth_status": status, "policy_id": format!("policy-{n}"), "policy_type": status,
                "servicing_action_id": format!("action-{n}"), "reconnect_url": format!("https://a/{n}"),
                "status": status, "completed_at": format!("2026-01-0{n}"), "login_error_message": status})
        });
        (kinds, statuses, data, any::<[Option<bool>; 6]>(), 0..3u8).prop_map(
            |(kind, status, data, has, n)| {
                let id = |present: Option<bool>| present.map(|high| if high { "id-1" } else { "id-0" });
                json!({"pull_id": "p", "event_type": kind, "status": has[0].map(|_| status), "data": data,
                "team_id": id(has[1]), "widget_id": id(has[2]), "account_identifier": id(has[3]),
                "is_monitored": has[4], "monitoring": {"monitoring_id": id(has[4])},
                "meta_data": has[5].map(|_| json!({"n": n})), "sequence": null})
            },
        )
    }

    /// A set of bodies, and an arrival of it: every body at least once, in any order, some repeated.
    fn arrivals() -> impl Strategy<Value = (Vec<String>, Vec<String>)> {
        (prop::collection::vec(event(), 1..20), any::<bool>()).prop_flat_map(|(events, sequenced)| {
            let bodies: Vec<String> = events
                .into_iter()
                .enumerate()
                .map(|(at, mut event)| {
                    if sequenced && event["event_type"] != "UNHEARD_OF" {
                        event["sequence"] = json!(at);
                    }
                    event.to_string()
                })
                .collect();
            let arrival = prop::collection::vec(prop::sample::select(bodies.clone()), 0..20)
                .prop_map({
                    let bodies = bodies.clone();
                    move |repeated| [bodies.clone(), repeated].concat()
                })
                .prop_shuffle();
            (Just(bodies), arrival)
        })
    }

    /// Bodies of which many share a sequence, in the order in which they come.
    fn shared_sequences() -> impl Strategy<Value = Vec<String>> {
        let event = (event(), 0..4u8).prop_map(|(mut event, sequence)| {
            event["sequence"] = json!(sequence);
            event.to_string()
        });
        prop::collection::vec(event, 1..20)
    }

    /// The arrival without each `AUTH_STATUS` that shares its sequence with another body before it.
    fn first_of_each_sequence(arrival: &[String]) -> Vec<String> {
        let mut first = BTreeMap::new();
        let stays = |body: &&String| {
            let event: Value = serde_json::from_str(body).unwrap();
            event["event_type"] != "AUTH_STATUS"
                || *first.entry(event["sequence"].as_u64()).or_insert_with(|| (*body).clone()) == **body
        };
        arrival.iter().filter(stays).cloned().collect()
    }

    proptest! {
        #[test]
        fn of_equal_sequences_the_first_that_came_stays(arrival in shared_sequences()) {
            let kept = first_of_each_sequence(&arrival);
            let (state, _) = fold(&arrival);
            prop_assert_eq!(&state, &fold(&kept).0);
            prop_assert_eq!(&state, &fold(kept.iter().rev()).0);
        }

        #[test]
        fn any_order_and_repetition_ends_in_the_same_state((bodies, arrival) in arrivals()) {
            prop_assert_eq!(fold(&arrival).0, fold(&bodies).0);
        }
    }
}
