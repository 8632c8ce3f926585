//! What tasks there are, and what is done about each.

use crate::{contract::Operation, proxy::PREFIX};

/// What a task is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A monitored refresh needs the consumer.
    Reconnect,
    /// The consumer is asked to confirm a change to a policy.
    Confirmation,
    /// Something of the pull was given up.
    FailedWork,
    /// The pull stands still.
    Stalled,
    /// Deliveries to one of the agency's own endpoints were given up.
    Delivery,
    /// A workflow waits for a person's yes or no.
    Approval,
    /// A workflow stands at a step that failed.
    FailedRun,
}

/// Where something is done about a task.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Link {
    method: &'static str,
    path: String,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Reconnect,
        Self::Confirmation,
        Self::FailedWork,
        Self::Stalled,
        Self::Delivery,
        Self::Approval,
        Self::FailedRun,
    ];

    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reconnect => "RECONNECT",
            Self::Confirmation => "CONFIRMATION",
            Self::FailedWork => "FAILED_WORK",
            Self::Stalled => "STALLED",
            Self::Delivery => "DELIVERY",
            Self::Approval => "APPROVAL",
            Self::FailedRun => "FAILED_RUN",
        }
    }

    /// Reads what [`Kind::as_str`] gave.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// What a person does about it.
    #[must_use]
    pub fn what_to_do(self) -> &'static str {
        match self {
            Self::Reconnect => {
                "The insurance company asks for the consumer before it gives newer data. Send them a fresh link: it is good once, and not for long."
            }
            Self::Confirmation => {
                "The insurance company has said what it would change. Ask the consumer to confirm or reject it where they signed in."
            }
            Self::FailedWork => {
                "Something that follows a pull's events was given up: its outbox says what and why. Mend the cause, then have it tried again."
            }
            Self::Stalled => {
                "Nothing has come of the pull for a while. Ask the consumer whether they left, and compare with Canopy's list."
            }
            Self::Delivery => {
                "One of your endpoints did not take events of this pull for a day, and they were given up: GET …/deliveries?state=dead says why. Mend it, then have them sent again with {\"state\": \"dead\"}."
            }
            Self::Approval => {
                "A workflow asks whether it may go on: look at what it is about to do, then say yes or no, here or by the link that it sent."
            }
            Self::FailedRun => {
                "A step of a workflow was given up: the run says which and why. Mend the cause, then have it tried again, or cancel the run."
            }
        }
    }

    /// Where that is done. `subject` is the monitoring, the servicing action, the subscription, or the run's number.
    #[must_use]
    pub fn link(self, pull_id: Option<&str>, subject: Option<&str>) -> Link {
        let below = |operation: Operation, parameter: &str, subject: &str| {
            let path = operation.row().path.replace("{teamId}", "-").replace(parameter, subject);
            Link { method: operation.row().method.as_str(), path: format!("{PREFIX}{path}") }
        };
        let pull = format!("/api/v1/pulls/{}", pull_id.unwrap_or_default());
        match (self, subject) {
            (Self::Reconnect, Some(id)) => below(Operation::GetReconnectToken, "{monitoringId}", id),
            (Self::Confirmation, Some(id)) => below(Operation::GetServicing, "{servicingActionId}", id),
            (Self::Delivery, Some(id)) => {
                Link { method: "POST", path: format!("/api/v1/subscriptions/{id}/replay") }
            }
            (Self::Approval | Self::FailedRun, Some(subject)) => {
                Link { method: "GET", path: format!("/api/v1/runs/{}", run_id(pull_id, subject)) }
            }
            (Self::FailedWork, _) => Link { method: "POST", path: format!("{pull}/retry") },
            _ => Link { method: "GET", path: pull },
        }
    }
}

/// A run, by its pull and its number there, or by its instance and its number there.
#[must_use]
pub fn run_id(pull_id: Option<&str>, subject: &str) -> String {
    pull_id.map_or_else(|| format!("i-{subject}"), |pull_id| format!("p-{pull_id}-{subject}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{contract::Found, listing::NEEDS, routes};

    #[test]
    fn each_kind_is_read_as_it_is_written_and_its_link_is_a_route() {
        for kind in Kind::ALL {
            assert_eq!(Kind::read(kind.as_str()), Some(kind));
            for subject in [Some("s-1"), None] {
                let Link { method, path } = kind.link(Some("p-1"), subject);
                let leads = match path.strip_prefix(PREFIX) {
                    Some(below) => {
                        let found = Found::at(below).unwrap();
                        found.operations().iter().any(|operation| operation.row().method.as_str() == method)
                    }
                    None => routes::Found::at(&path).unwrap().endpoint(method).is_ok(),
                };
                assert!(leads, "{path}");
            }
        }
        assert_eq!(Kind::read("reconnect"), None);
        // Lists of pulls take those that are written down.
        assert!(NEEDS.iter().all(|kind| Kind::read(kind).is_some_and(|kind| kind != Kind::Stalled)));
        assert_eq!(NEEDS.len() + 1, Kind::ALL.len());
    }
}
