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
}

/// Where something is done about a task.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Link {
    method: &'static str,
    path: String,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Reconnect, Self::Confirmation, Self::FailedWork, Self::Stalled, Self::Delivery];

    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reconnect => "RECONNECT",
            Self::Confirmation => "CONFIRMATION",
            Self::FailedWork => "FAILED_WORK",
            Self::Stalled => "STALLED",
            Self::Delivery => "DELIVERY",
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
        }
    }

    /// Where that is done. `subject` is the monitoring, the servicing action, or the subscription.
    #[must_use]
    pub fn link(self, pull_id: &str, subject: Option<&str>) -> Link {
        let below = |operation: Operation, parameter: &str, subject: &str| {
            let path = operation.row().path.replace("{teamId}", "-").replace(parameter, subject);
            Link { method: operation.row().method.as_str(), path: format!("{PREFIX}{path}") }
        };
        let pull = format!("/api/v1/pulls/{pull_id}");
        match (self, subject) {
            (Self::Reconnect, Some(id)) => below(Operation::GetReconnectToken, "{monitoringId}", id),
            (Self::Confirmation, Some(id)) => below(Operation::GetServicing, "{servicingActionId}", id),
            (Self::Delivery, Some(id)) => {
                Link { method: "POST", path: format!("/api/v1/subscriptions/{id}/replay") }
            }
            (Self::FailedWork, _) => Link { method: "POST", path: format!("{pull}/retry") },
            _ => Link { method: "GET", path: pull },
        }
    }
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
                let Link { method, path } = kind.link("p-1", subject);
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
