//! The outbox: work that follows an event, done after the webhook was answered.
//! Source: design, "The way of one pull", 3 and 4.

use std::fmt;

use super::{Outcome, State};
use crate::{
    id::{DocumentId, SubscriptionId},
    webhook::Event,
};

/// One piece of work. Each is safe to repeat: it reads from Canopy or overwrites a copy with the newest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// Tell the session that started the pull.
    Notify,
    /// Copy the state to KV.
    Copy,
    /// Fetch the pull from Canopy and store it as the next version.
    Fetch,
    /// Tell the pull that the monitoring began with of this refresh.
    Link,
    /// Download one document.
    Document(DocumentId),
    /// Deliver to one subscription what it has not got yet.
    Deliver(SubscriptionId),
    /// Go on with the runs of workflows.
    Runs,
    /// Delete the pull.
    Erase,
}

impl Work {
    /// Reads the name that [`fmt::Display`] gives.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "notify" => Some(Self::Notify),
            "copy" => Some(Self::Copy),
            "fetch" => Some(Self::Fetch),
            "link" => Some(Self::Link),
            "runs" => Some(Self::Runs),
            "erase" => Some(Self::Erase),
            _ => match name.split_once(':')? {
                ("document", id) => DocumentId::parse(id).ok().map(Self::Document),
                ("deliver", id) => SubscriptionId::parse(id).ok().map(Self::Deliver),
                _ => None,
            },
        }
    }

    /// Whether it is somebody else's endpoint that it waits for: it holds up none of the pull's own work, and is never given
    /// up as a whole.
    #[must_use]
    pub fn is_delivery(&self) -> bool {
        matches!(self, Self::Deliver(_) | Self::Runs)
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Notify => f.write_str("notify"),
            Self::Copy => f.write_str("copy"),
            Self::Fetch => f.write_str("fetch"),
            Self::Link => f.write_str("link"),
            Self::Runs => f.write_str("runs"),
            Self::Erase => f.write_str("erase"),
            Self::Document(id) => write!(f, "document:{id}"),
            Self::Deliver(id) => write!(f, "deliver:{id}"),
        }
    }
}

/// The work that follows `event`, after it has been folded into `state`.
///
/// A repeated body calls for the fetch that its first arrival called for: two equal `DATA_UPDATED` a week apart look like
/// a retry of one. Source: design, "A pull's log".
pub fn follows(event: &Event, outcome: Outcome, state: &State) -> impl Iterator<Item = Work> {
    let applied = outcome == Outcome::Applied;
    [
        (applied && state.session().is_some()).then_some(Work::Notify),
        applied.then_some(Work::Copy),
        (outcome != Outcome::Stale && event.happening.calls_for_fetch()).then_some(Work::Fetch),
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn after(event_type: &str, outcome: Outcome, session: bool) -> Vec<Work> {
        let metadata = if session { json!({"edge_session": "s"}) } else { json!({}) };
        let body = json!({"pull_id": "p", "event_type": event_type, "meta_data": metadata, "sequence": 1,
            "data": {"auth_status": "X"}});
        let event = Event::parse(body.to_string().as_bytes()).unwrap();
        let mut state = State::default();
        state.apply(&event, &[0; 32]);
        follows(&event, outcome, &state).collect()
    }

    #[test]
    fn the_types_that_bring_data_call_for_a_fetch() {
        for event_type in ["POLICIES_AVAILABLE", "COMPLETE", "DATA_UPDATED", "MONITORING_EVENTS"] {
            assert_eq!(after(event_type, Outcome::Applied, false), [Work::Copy, Work::Fetch], "{event_type}");
        }
        for event_type in ["AUTH_STATUS", "POLICY_AVAILABLE", "ERROR", "VALIDATION_COMPLETE", "NEW"] {
            assert_eq!(after(event_type, Outcome::Applied, true), [Work::Notify, Work::Copy], "{event_type}");
        }
    }

    #[test]
    fn a_stale_event_calls_for_nothing() {
        assert_eq!(after("AUTH_STATUS", Outcome::Stale, true), []);
    }

    #[test]
    fn a_repeated_body_repeats_the_log_and_not_the_need() {
        for event_type in ["POLICIES_AVAILABLE", "COMPLETE", "DATA_UPDATED", "MONITORING_EVENTS"] {
            assert_eq!(after(event_type, Outcome::Duplicate, true), [Work::Fetch], "{event_type}");
        }
        assert_eq!(after("AUTH_STATUS", Outcome::Duplicate, true), []);
    }

    #[test]
    fn work_is_known_by_its_name() {
        let document = Work::Document(DocumentId::parse("d-1").unwrap());
        let deliver = Work::Deliver(SubscriptionId::parse("s-1").unwrap());
        for work in [Work::Notify, Work::Copy, Work::Fetch, Work::Link, Work::Erase, document, deliver] {
            assert_eq!(Work::parse(&work.to_string()), Some(work));
        }
        assert_eq!(Work::parse("document:a/b"), None);
        assert_eq!(Work::parse("deliver:"), None);
        assert_eq!(Work::parse("other"), None);
    }
}
