//! The tasks of a pull.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Cursor, Kind, kind::run_id};
use crate::{
    id::{PullId, SubscriptionId},
    pull::{Record, Standing},
    time::UnixMillis,
};

/// An open task of one pull.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Task {
    /// What it is about.
    pub kind: Kind,
    /// The monitoring, the servicing action, or the subscription; empty for the others.
    pub subject: String,
    /// When it was first seen. Where it is written already that stays.
    pub since: UnixMillis,
}

/// What tells a task from the others of its pull.
pub type Key = (Kind, String);

impl Task {
    /// What tells it from the others of its pull.
    #[must_use]
    pub fn key(&self) -> Key {
        (self.kind, self.subject.clone())
    }
}

/// A pull's open tasks, in order, but that it stands still.
#[must_use]
pub fn of(record: &Record) -> Vec<Task> {
    let state = &record.state;
    let told = |kind, subject: String| Task { kind, subject, since: record.updated_at };
    let reconnect = state.needs_reconnect().then(|| {
        let monitoring = state.monitoring_id().map(ToString::to_string);
        told(Kind::Reconnect, monitoring.unwrap_or_default())
    });
    let unconfirmed = state.unconfirmed().map(|action| told(Kind::Confirmation, action.to_string()));
    let failed = record.outbox.list().filter(|(_, row)| row.standing == Standing::Failed);
    let failed = failed.map(|(_, row)| row.due).min();
    let failed = failed.map(|since| Task { kind: Kind::FailedWork, subject: String::new(), since });
    reconnect.into_iter().chain(unconfirmed).chain(failed).collect()
}

/// That deliveries to a subscription were given up, the first of them then.
#[must_use]
pub fn of_dead_letters((subscription, since): (SubscriptionId, UnixMillis)) -> Task {
    Task { kind: Kind::Delivery, subject: subscription.to_string(), since }
}

/// A task as the back office reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(into = "Value")]
pub struct Shown {
    /// The pull, the task, and where the next page begins.
    pub place: Cursor,
}

impl From<Shown> for Value {
    fn from(Shown { place }: Shown) -> Self {
        let Cursor { since, pull_id, kind, subject } = &place;
        let subject = Some(subject.as_str()).filter(|subject| !subject.is_empty());
        let pull_id = pull_id.as_ref().map(PullId::as_str);
        let of = |wanted: Kind| subject.filter(|_| *kind == wanted);
        let mut shown = json!({
            "task_id": place.task_id(),
            "kind": kind.as_str(),
            "pull_id": pull_id,
            "since": since.rfc3339(),
            "monitoring_id": of(Kind::Reconnect),
            "servicing_action_id": of(Kind::Confirmation),
            "what_to_do": kind.what_to_do(),
            "link": kind.link(pull_id, subject),
        });
        if let Some(subscription) = of(Kind::Delivery) {
            shown["subscription_id"] = subscription.into();
        }
        if let Some(number) = of(Kind::Approval).or(of(Kind::FailedRun)) {
            shown["run_id"] = run_id(pull_id, number).into();
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        contract::Operation,
        id::{Id, PullId},
        pull::{Called, Entry, LogEnd, Running, Work},
        retry::{Failure, Reason},
        signature,
        webhook::Event,
    };

    struct Pull(Record);

    impl Pull {
        fn new() -> Self {
            Self(Record::new(PullId::parse("p-1").unwrap(), UnixMillis(1), Running::default()))
        }

        fn end(&self) -> LogEnd {
            self.0.end.next(UnixMillis(self.0.end.position * 10 + 10))
        }

        fn hears(&mut self, event_type: &str, data: Value) -> &mut Self {
            let body = json!({"pull_id": "p-1", "event_type": event_type, "status": "X", "data": data,
                "monitoring": {"monitoring_id": "m-1", "initial_pull_id": "p-0"}});
            let body = body.to_string();
            let event = Event::parse(body.as_bytes()).unwrap();
            self.0.take_up(&Entry::Webhook(&event, &signature::digest(body.as_bytes())), self.end());
            self
        }

        fn is_asked(&mut self, operation: Operation, actions: &[&str], status: Option<&str>) -> &mut Self {
            let called = Called {
                operation: operation.row().id.to_owned(),
                monitoring_status: status.map(str::to_owned),
                servicing_action_ids: actions.iter().map(|id| Id::parse(id).unwrap()).collect(),
                ..Called::default()
            };
            self.0.take_up(&Entry::Called(&called), self.end());
            self
        }

        fn tasks(&self) -> Vec<(Kind, String, i64)> {
            of(&self.0).into_iter().map(|task| (task.kind, task.subject, task.since.0)).collect()
        }
    }

    #[test]
    fn a_reconnect_is_open_until_the_account_is_back_or_left() {
        let reconnect = json!({"reconnect_url": "https://a.example"});
        let mut pull = Pull::new();
        assert_eq!(pull.tasks(), []);
        pull.hears("MONITORING_RECONNECT", reconnect);
        let open = vec![(Kind::Reconnect, "m-1".to_owned(), 10)];
        assert_eq!(pull.tasks(), open);
        for (operation, status, is_open) in [
            (Operation::PatchMonitoring, None, true),
            (Operation::PatchMonitoring, Some("STOPPED"), false),
            (Operation::PatchMonitoring, Some("ACTIVE"), true),
            (Operation::DeleteMonitoring, None, false),
            (Operation::CreateMonitoring, None, true),
            (Operation::DeleteMonitoring, Some("STOPPED"), false),
            (Operation::CreateMonitoring, Some("ACTIVE"), true),
        ] {
            assert_eq!(
                pull.is_asked(operation, &[], status).tasks().len(),
                usize::from(is_open),
                "{status:?}"
            );
        }
        assert_eq!(pull.tasks(), open);
        assert_eq!(pull.hears("POLICIES_AVAILABLE", json!({})).tasks(), []);
    }

    #[test]
    fn a_confirmation_is_open_until_it_is_answered_or_the_pull_has_ended() {
        let mut pull = Pull::new();
        for action in ["a-1", "a-2"] {
            let data = json!({"servicing_action_id": action});
            pull.hears("SERVICING_WAITING_FOR_CONSUMER_CONFIRMATION", data);
        }
        let subjects = |pull: &Pull| pull.tasks().into_iter().map(|task| task.1).collect::<Vec<_>>();
        assert_eq!(subjects(&pull), ["a-1", "a-2"]);
        assert_eq!(subjects(pull.is_asked(Operation::CreateServicings, &["a-2"], None)), ["a-1", "a-2"]);
        assert_eq!(subjects(pull.is_asked(Operation::ConfirmServicing, &["a-1"], None)), ["a-2"]);
        assert!(subjects(pull.hears("ERROR", json!({}))).is_empty());
        assert!(subjects(pull.hears("COMPLETE", json!({}))).is_empty());
    }

    #[test]
    fn failed_work_is_one_task_since_the_first_of_it() {
        let mut pull = Pull::new();
        pull.hears("COMPLETE", json!({}));
        for (work, last) in [(Work::Fetch, 50), (Work::Link, 40)] {
            let refused = |at| Failure {
                reason: Reason::Refused,
                status: Some(403),
                at: UnixMillis(at),
                retry_after: None,
            };
            while !pull.0.outbox.fail(&work, &refused(last), 0) {
                assert_eq!(pull.tasks().len(), usize::from(work == Work::Link), "it is tried again");
                pull.0.outbox.take_due(UnixMillis(i64::MAX / 2), 0);
            }
        }
        assert_eq!(pull.tasks(), [(Kind::FailedWork, String::new(), 40)]);
        pull.0.outbox.retry(UnixMillis(60));
        assert_eq!(pull.tasks(), []);
    }

    #[test]
    fn a_task_says_what_it_is_about() {
        let place = Cursor {
            since: UnixMillis(0),
            pull_id: Some(PullId::parse("p-1").unwrap()),
            kind: Kind::Reconnect,
            subject: "m-1".to_owned(),
        };
        let shown = json!(Shown { place });
        assert_eq!(shown["task_id"], "RECONNECT.p-1.m-1");
        assert_eq!((&shown["monitoring_id"], &shown["servicing_action_id"]), (&json!("m-1"), &Value::Null));
        let path = "/canopy/api/v1.0.0/teams/-/monitorings/m-1/reconnectToken";
        assert_eq!(shown["link"], json!({"method": "GET", "path": path}));
        assert_eq!(shown.get("subscription_id"), None);
    }

    #[test]
    fn dead_letters_are_sent_again_at_their_subscription() {
        let task = of_dead_letters((SubscriptionId::parse("s-1").unwrap(), UnixMillis(7)));
        let Task { kind, subject, since } = task;
        let shown =
            json!(Shown { place: Cursor { since, pull_id: PullId::parse("p-1").ok(), kind, subject } });
        assert_eq!((&shown["kind"], &shown["subscription_id"]), (&json!("DELIVERY"), &json!("s-1")));
        assert_eq!(shown["link"], json!({"method": "POST", "path": "/api/v1/subscriptions/s-1/replay"}));
    }
}
