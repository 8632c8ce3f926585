//! A pull's state as the back office and the page read it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::state::{LastOwn, Reconnect, State};
use crate::{
    auth::AuthView,
    html,
    id::{Id, PullId},
    metadata::Metadata,
    status::PullStatus,
};

/// What the webhooks of a pull say, put together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// The pull's status; `null` before any webhook named one.
    pub status: Option<PullStatus>,
    /// The login.
    pub auth: Option<AuthView>,
    /// `POLICIES_AVAILABLE` came, or `COMPLETE`.
    pub policies_available: bool,
    /// `COMPLETE` came.
    pub complete: bool,
    /// Whether the insurance company has no policies; `null` until a pull that was ready has been fetched.
    #[serde(default)]
    pub no_policies: Option<bool>,
    /// `PROVIDER_ERROR` or `INTERNAL_ERROR` while it stands.
    pub error: Option<PullStatus>,
    /// Policies announced one by one: id to type.
    pub policies: BTreeMap<Id, Option<String>>,
    /// Servicing actions that asked for the consumer's confirmation.
    pub servicing: BTreeSet<Id>,
    /// Present when a monitored refresh needs the consumer.
    pub reconnect: Option<Reconnect>,
    /// Status of the document validation.
    pub validation: Option<String>,
    /// How many `DATA_UPDATED` came.
    pub data_updates: u32,
    /// How many `MONITORING_EVENTS` came.
    pub monitoring_events: u32,
    /// The team.
    pub team_id: Option<Id>,
    /// The link.
    pub widget_id: Option<Id>,
    /// The online account holder.
    pub account_identifier: Option<String>,
    /// Whether the account is monitored.
    pub is_monitored: bool,
    /// The pull that the monitoring began with.
    pub initial_pull_id: Option<PullId>,
    /// The monitoring.
    pub monitoring_id: Option<Id>,
    /// The refreshes of its account, where the monitoring began with this one: the newest of them, oldest first.
    #[serde(default)]
    pub refreshed_pulls: Vec<PullId>,
    /// The agency's metadata.
    pub meta_data: Metadata,
    /// The last own event of each type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub own: BTreeMap<String, LastOwn>,
    /// The mark of the call that began it, for the edge alone.
    #[serde(skip)]
    pub call: Option<String>,
}

impl View {
    /// Whether the insurance company has taken the login.
    #[must_use]
    pub fn has_connected(&self) -> bool {
        self.auth.as_ref().is_some_and(AuthView::is_taken) || self.policies_available || self.complete
    }
}

impl State {
    /// Puts the state together for a reader.
    #[must_use]
    pub fn view(&self) -> View {
        let auth = self.auth.as_ref();
        let of_auth = auth.map(|auth| &auth.facts);
        View {
            status: self.status().cloned(),
            auth: auth.map(|auth| AuthView {
                sequence: auth.status.sequence,
                status: auth.status.status.clone(),
                options: auth.status.options.clone(),
                message: auth.status.login_error_message.as_deref().map(html::segments).unwrap_or_default(),
            }),
            policies_available: self.is_ready(),
            complete: self.is_complete(),
            no_policies: self.no_policies,
            error: self.error().cloned(),
            policies: self.policies.clone(),
            servicing: self.servicing.clone(),
            reconnect: self.reconnect.as_ref().map(|ranked| ranked.1.clone()),
            validation: self.validation.as_ref().map(|ranked| ranked.1.clone()),
            data_updates: self.data_updates,
            monitoring_events: self.monitoring_events,
            team_id: either(&self.facts.team_id, of_auth.map(|facts| &facts.team_id)),
            widget_id: either(&self.facts.widget_id, of_auth.map(|facts| &facts.widget_id)),
            account_identifier: either(
                &self.facts.account_identifier,
                of_auth.map(|facts| &facts.account_identifier),
            ),
            is_monitored: self.facts.is_monitored || of_auth.is_some_and(|facts| facts.is_monitored),
            initial_pull_id: self.initial_pull_id().cloned(),
            monitoring_id: self.monitoring_id().cloned(),
            refreshed_pulls: self.refreshes.clone(),
            meta_data: self.metadata().map(Metadata::without_call).unwrap_or_default(),
            own: self.own.clone(),
            call: self.metadata().and_then(Metadata::call),
        }
    }
}

fn either<T: Clone>(own: &Option<T>, other: Option<&Option<T>>) -> Option<T> {
    own.clone().or_else(|| other.and_then(Clone::clone))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{signature, webhook::Event};

    fn state(bodies: &[Value]) -> State {
        let mut state = State::default();
        for body in bodies {
            let body = body.to_string();
            state.apply(&Event::parse(body.as_bytes()).unwrap(), &signature::digest(body.as_bytes()));
        }
        state
    }

    fn event(event_type: &str, status: &str, sequence: Option<u64>) -> Value {
        json!({"pull_id": "p", "event_type": event_type, "status": status, "sequence": sequence})
    }

    #[test]
    fn the_status_is_the_end_of_the_pull_where_it_is_known() {
        let login = event("AUTH_STATUS", "PULLING_DATA", Some(4));
        let error = event("ERROR", "PROVIDER_ERROR", None);
        let policies = event("POLICIES_AVAILABLE", "SUCCESS", None);
        let complete = event("COMPLETE", "SUCCESS", None);
        assert_eq!(state(&[]).status(), None);
        assert_eq!(state(&[event("NEW", "QUEUED", None)]).status(), Some(&PullStatus::Queued));
        assert_eq!(
            state(&[event("NEW", "QUEUED", None), login.clone()]).status(),
            Some(&PullStatus::PullingData)
        );
        assert_eq!(state(&[policies.clone(), login.clone()]).status(), Some(&PullStatus::Success));
        let failed = state(&[error.clone(), policies, login]);
        assert_eq!(
            (failed.status(), failed.error()),
            (Some(&PullStatus::ProviderError), Some(&PullStatus::ProviderError))
        );
        let mended = state(&[complete, error]);
        assert_eq!((mended.status(), mended.error()), (Some(&PullStatus::Success), None));
    }

    #[test]
    fn options_are_told_at_whatever_status_they_came_with() {
        let odd = json!({"pull_id": "p", "event_type": "AUTH_STATUS", "sequence": 1,
            "data": {"auth_status": "BRAND_NEW", "options": {"sms": "Text"}}});
        let auth = serde_json::to_string(&state(&[odd]).view().auth).unwrap();
        let expected =
            r#"{"sequence":1,"status":"BRAND_NEW","options":[{"key":"sms","label":"Text"}],"message":[]}"#;
        assert_eq!(auth, expected);
    }

    #[test]
    fn a_login_has_connected_once_it_was_taken() {
        let login = |status: &str| json!({"pull_id": "p", "event_type": "AUTH_STATUS", "sequence": 1, "data": {"auth_status": status}});
        for (body, is_so) in [
            (login("IDENTITY_VERIFICATION"), false),
            (login("NOT_AUTHENTICATED"), false),
            (login("GETTING_CONSUMERS"), true),
            (login("PROVIDER_ERROR"), false),
            (event("POLICIES_AVAILABLE", "SUCCESS", None), true),
            (event("COMPLETE", "SUCCESS", None), true),
        ] {
            assert_eq!(state(std::slice::from_ref(&body)).view().has_connected(), is_so, "{body}");
        }
    }

    #[test]
    fn the_mark_of_a_call_is_known_and_not_shown() {
        let view = state(&[
            json!({"pull_id": "p", "event_type": "NEW", "meta_data": {"lead": 7, "edge_call": "m"}}),
        ])
        .view();
        assert_eq!(view.call.as_deref(), Some("m"));
        let shown = serde_json::to_string(&view).unwrap();
        assert!(shown.contains(r#""meta_data":{"lead":7}"#) && !shown.contains("edge_call"), "{shown}");
    }

    #[test]
    fn a_login_after_an_error_overtakes_it_when_both_have_a_sequence() {
        let error = event("ERROR", "INTERNAL_ERROR", Some(5));
        assert_eq!(
            state(&[error.clone(), event("AUTH_STATUS", "QUEUED", Some(4))]).error(),
            Some(&PullStatus::InternalError)
        );
        assert_eq!(state(&[error, event("AUTH_STATUS", "QUEUED", Some(6))]).error(), None);
    }

    #[test]
    fn the_view_shows_a_message_as_safe_segments_only() {
        let locked = json!({"pull_id": "p", "event_type": "AUTH_STATUS", "meta_data": {"edge_session": "s"},
            "data": {"auth_status": "NOT_AUTHENTICATED", "sequence": 1,
                "login_error_message": "<b>Locked.</b> <a href=\"https://x.example/\">Unlock</a>"}});
        let state = state(&[locked]);
        let shown = serde_json::to_value(state.view().auth).unwrap();
        assert_eq!(
            shown["message"],
            json!([{"text": "Locked. "}, {"text": "Unlock", "href": "https://x.example/"}])
        );
        assert_eq!(state.session().unwrap().as_str(), "s");
    }
}
