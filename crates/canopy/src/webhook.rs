//! A webhook's body, read once into what the pull's fold needs of it.
//!
//! Only an object with a `pull_id` is required. Every other member is read by itself: what is of another type,
//! unreadable or unknown is left to the event log, which keeps the raw body. Source: contract, "Webhooks".

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    auth::{AuthStatus, Sequence},
    id::{Id, PullId},
    json,
    metadata::Metadata,
    status::{MAX_STATUS_LENGTH, PullStatus},
    text::cut,
};

/// Largest webhook body taken, in bytes. Source: design, "HTTP surface".
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Longest event type kept: types are words.
const MAX_TYPE_LENGTH: usize = 64;

/// Longest URL kept from an event.
const MAX_URL_LENGTH: usize = 2048;

/// Longest account identifier kept.
const MAX_ACCOUNT_LENGTH: usize = 256;

/// What is looked at in a body. However large the rest is, it is neither copied nor taken apart.
const MEMBERS: [&str; 11] = [
    "pull_id",
    "event_type",
    "sequence",
    "status",
    "team_id",
    "widget_id",
    "account_identifier",
    "is_monitored",
    "monitoring",
    "meta_data",
    "data",
];

/// A body that is no webhook of Canopy's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Not JSON, or not an object.
    #[error("expected a JSON object")]
    NotJson,
    /// No `pull_id`, or one that is no identifier.
    #[error("expected pull_id: {0}")]
    PullId(crate::id::InvalidId),
}

/// What happened. Types that Canopy adds later are kept by name and change no more than the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Happening {
    /// `AUTH_STATUS`
    Auth(AuthStatus),
    /// `POLICY_AVAILABLE`
    Policy {
        /// `data.policy_id`
        policy_id: Id,
        /// `data.policy_type`
        policy_type: Option<String>,
    },
    /// `POLICIES_AVAILABLE`
    PoliciesAvailable,
    /// `COMPLETE`
    Complete,
    /// `ERROR`
    Error,
    /// `MONITORING_RECONNECT`
    Reconnect {
        /// `data.auth_status`
        auth_status: Option<PullStatus>,
        /// `data.reconnect_url`
        reconnect_url: Option<String>,
    },
    /// `MONITORING_EVENTS`
    MonitoringEvents,
    /// `DATA_UPDATED`
    DataUpdated,
    /// `SERVICING_WAITING_FOR_CONSUMER_CONFIRMATION`
    ServicingWaiting {
        /// `data.servicing_action_id`
        servicing_action_id: Option<Id>,
    },
    /// `VALIDATION_COMPLETE`
    Validation {
        /// `data.status`
        status: String,
        /// `data.completed_at`
        completed_at: Option<String>,
    },
    /// Any other type, and a known type whose `data` has not what makes it one.
    Other,
}

/// The common fields of a webhook.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The pull's status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<PullStatus>,
    /// The team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team_id: Option<Id>,
    /// The link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub widget_id: Option<Id>,
    /// The online account holder, the same across pulls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_identifier: Option<String>,
    /// Whether the account is refreshed on an interval.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_monitored: bool,
    /// The pull that the monitoring began with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_pull_id: Option<PullId>,
    /// The monitoring.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monitoring_id: Option<Id>,
    /// The agency's metadata.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
}

/// Which pull a webhook is of, and what it calls itself: all that is needed to bring it to its pull's object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The pull it belongs to.
    pub pull_id: PullId,
    /// Its type as Canopy wrote it; empty when it had none.
    pub event_type: String,
}

impl Envelope {
    /// Reads it from a webhook's raw body, which [`Event::parse`] will take too.
    ///
    /// # Errors
    /// [`BodyError`] when it is no JSON object, or has no usable `pull_id`.
    pub fn parse(body: &[u8]) -> Result<Self, BodyError> {
        let body = json::body(body);
        let [pull_id, event_type] =
            json::members(&body, ["pull_id", "event_type"]).ok_or(BodyError::NotJson)?;
        Self::of(pull_id, event_type)
    }

    fn of(pull_id: Option<&RawValue>, event_type: Option<&RawValue>) -> Result<Self, BodyError> {
        let pull_id = json::text(pull_id).unwrap_or_default();
        let pull_id = PullId::parse(&pull_id).map_err(BodyError::PullId)?;
        Ok(Self { pull_id, event_type: word(event_type).unwrap_or_default() })
    }
}

impl From<Event> for Envelope {
    fn from(Event { pull_id, event_type, .. }: Event) -> Self {
        Self { pull_id, event_type }
    }
}

/// One verified webhook, parsed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The pull it belongs to.
    pub pull_id: PullId,
    /// Its type as Canopy wrote it; empty when it had none.
    pub event_type: String,
    /// Its sequence: [`AuthStatus::sequence`], or any other event's that has one.
    pub sequence: Option<Sequence>,
    /// What happened.
    pub happening: Happening,
    /// The common fields.
    pub facts: Facts,
}

impl Event {
    /// Parses a webhook's raw body.
    ///
    /// # Errors
    /// [`BodyError`] when it is no JSON object, or has no usable `pull_id`.
    pub fn parse(body: &[u8]) -> Result<Self, BodyError> {
        let body = json::body(body);
        let members = json::members(&body, MEMBERS).ok_or(BodyError::NotJson)?;
        let [
            pull_id,
            event_type,
            sequence,
            status,
            team_id,
            widget_id,
            account,
            is_monitored,
            monitoring,
            metadata,
            data,
        ] = members;
        let Envelope { pull_id, event_type } = Envelope::of(pull_id, event_type)?;
        let [initial_pull_id, monitoring_id] =
            json::members_of(monitoring, ["initial_pull_id", "monitoring_id"]);
        let status = json::text_or_number(status).map(PullStatus::from);
        let sequence = json::integer_or_text(sequence);
        let happening = Happening::read(&event_type, sequence, status.as_ref(), data);
        let sequence = match &happening {
            Happening::Auth(auth) => auth.sequence,
            _ => sequence,
        };
        Ok(Self {
            pull_id,
            event_type,
            sequence,
            happening,
            facts: Facts {
                status,
                team_id: id(team_id),
                widget_id: id(widget_id),
                account_identifier: short(account, MAX_ACCOUNT_LENGTH),
                is_monitored: json::is_true(is_monitored),
                initial_pull_id: json::text_or_number(initial_pull_id).and_then(|id| PullId::parse(&id).ok()),
                monitoring_id: id(monitoring_id),
                metadata: metadata.and_then(Metadata::read),
            },
        })
    }
}

impl Happening {
    fn read(
        event_type: &str,
        sequence: Option<Sequence>,
        status: Option<&PullStatus>,
        data: Option<&RawValue>,
    ) -> Self {
        let known = match event_type {
            "POLICIES_AVAILABLE" => Some(Self::PoliciesAvailable),
            "COMPLETE" => Some(Self::Complete),
            "ERROR" => Some(Self::Error),
            "MONITORING_EVENTS" => Some(Self::MonitoringEvents),
            "DATA_UPDATED" => Some(Self::DataUpdated),
            "AUTH_STATUS" => AuthStatus::read(data, sequence, status).map(Self::Auth),
            "POLICY_AVAILABLE" => read_policy(data),
            "MONITORING_RECONNECT" => Some(read_reconnect(data)),
            "SERVICING_WAITING_FOR_CONSUMER_CONFIRMATION" => {
                let [action] = json::members_of(data, ["servicing_action_id"]);
                Some(Self::ServicingWaiting { servicing_action_id: id(action) })
            }
            "VALIDATION_COMPLETE" => read_validation(data),
            _ => None,
        };
        known.unwrap_or(Self::Other)
    }

    /// Whether Canopy has something new to fetch after this. Source: design, "The way of one pull", 4.
    #[must_use]
    pub fn calls_for_fetch(&self) -> bool {
        matches!(self, Self::PoliciesAvailable | Self::Complete | Self::DataUpdated | Self::MonitoringEvents)
    }
}

fn read_policy(data: Option<&RawValue>) -> Option<Happening> {
    let [policy_id, policy_type] = json::members_of(data, ["policy_id", "policy_type"]);
    Some(Happening::Policy { policy_id: id(policy_id)?, policy_type: short(policy_type, MAX_TYPE_LENGTH) })
}

fn read_reconnect(data: Option<&RawValue>) -> Happening {
    let [auth_status, reconnect_url] = json::members_of(data, ["auth_status", "reconnect_url"]);
    Happening::Reconnect {
        auth_status: short(auth_status, MAX_STATUS_LENGTH).map(PullStatus::from),
        reconnect_url: short(reconnect_url, MAX_URL_LENGTH),
    }
}

fn read_validation(data: Option<&RawValue>) -> Option<Happening> {
    let [status, completed_at] = json::members_of(data, ["status", "completed_at"]);
    Some(Happening::Validation {
        status: short(status, MAX_TYPE_LENGTH)?,
        completed_at: short(completed_at, MAX_TYPE_LENGTH),
    })
}

/// Text of which the head is enough.
fn word(raw: Option<&RawValue>) -> Option<String> {
    json::text_or_number(raw).map(|text| cut(&text, MAX_TYPE_LENGTH).to_owned())
}

/// Text that is whole or nothing.
fn short(raw: Option<&RawValue>, most: usize) -> Option<String> {
    json::text_or_number(raw).filter(|text| text.len() <= most)
}

fn id(raw: Option<&RawValue>) -> Option<Id> {
    Id::parse(&json::text_or_number(raw)?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn parse(body: &Value) -> Event {
        Event::parse(body.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn an_envelope_says_what_its_event_says() {
        let bodies: [&[u8]; 7] = [
            br#"{"pull_id":"P-1","event_type":"COMPLETE","data":{"a":[1]}}"#,
            br#"{"event_type":7,"pull_id":"p","pull_id":"q"}"#,
            br#"{"pull_id":"p"}"#,
            br#"{"pull_id":7}"#,
            br#"{"pull_id":"a/b","event_type":"X"}"#,
            b"[1]",
            b"\xff",
        ];
        for body in bodies {
            let event = Event::parse(body);
            assert_eq!(Envelope::parse(body), event.map(Envelope::from), "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn each_type_of_the_contract_is_read() {
        let read = |event_type: &str, data: Value| {
            parse(&json!({"pull_id": "p", "event_type": event_type, "data": data})).happening
        };
        assert!(matches!(
            read("AUTH_STATUS", json!({"auth_status": "SUCCESS", "sequence": 4})),
            Happening::Auth(AuthStatus { sequence: Some(4), .. })
        ));
        assert_eq!(
            read("POLICY_AVAILABLE", json!({"policy_id": "x", "policy_type": "AUTO"})),
            Happening::Policy { policy_id: Id::parse("x").unwrap(), policy_type: Some("AUTO".to_owned()) }
        );
        assert_eq!(read("POLICIES_AVAILABLE", Value::Null), Happening::PoliciesAvailable);
        assert_eq!(read("COMPLETE", json!({})), Happening::Complete);
        assert_eq!(read("ERROR", Value::Null), Happening::Error);
        assert_eq!(read("MONITORING_EVENTS", json!([])), Happening::MonitoringEvents);
        assert_eq!(read("DATA_UPDATED", json!({"updates": []})), Happening::DataUpdated);
        assert_eq!(
            read("MONITORING_RECONNECT", json!({"auth_status": "X", "reconnect_url": "https://a"})),
            Happening::Reconnect {
                auth_status: Some(PullStatus::read("X")),
                reconnect_url: Some("https://a".to_owned())
            }
        );
        assert_eq!(
            read("SERVICING_WAITING_FOR_CONSUMER_CONFIRMATION", json!({"servicing_action_id": "s"})),
            Happening::ServicingWaiting { servicing_action_id: Some(Id::parse("s").unwrap()) }
        );
        assert_eq!(
            read("VALIDATION_COMPLETE", json!({"status": "VERIFIED"})),
            Happening::Validation { status: "VERIFIED".to_owned(), completed_at: None }
        );
        assert_eq!(read("SOMETHING_NEW", json!({"a": 1})), Happening::Other);
        assert_eq!(read("POLICY_AVAILABLE", json!("odd")), Happening::Other);
    }

    #[test]
    fn a_sequence_at_the_top_level_counts_as_one_in_data() {
        let top =
            parse(&json!({"pull_id": "p", "event_type": "AUTH_STATUS", "sequence": 5, "status": "QUEUED"}));
        assert_eq!(top.sequence, Some(5));
        assert!(matches!(top.happening, Happening::Auth(AuthStatus { sequence: Some(5), .. })));
    }

    #[test]
    fn members_of_another_type_are_left_to_the_log() {
        let odd = parse(&json!({
            "pull_id": "p", "event_type": [7], "status": [], "team_id": "a/b", "monitoring": "x",
            "is_monitored": "yes", "meta_data": 3, "account_identifier": {}, "sequence": {}, "new": 1
        }));
        assert_eq!(odd.facts, Facts::default());
        assert_eq!((odd.event_type.as_str(), odd.happening), ("", Happening::Other));
    }

    #[test]
    fn metadata_is_read_as_object_and_as_string() {
        for metadata in [json!({"edge_session": "s"}), json!("{\"edge_session\":\"s\"}")] {
            let event = parse(&json!({"pull_id": "p", "meta_data": metadata}));
            assert_eq!(event.facts.metadata.unwrap().session().unwrap().as_str(), "s");
        }
    }

    #[test]
    fn what_is_no_webhook_is_refused() {
        for data in ["null", "true", "-1", "1", "1.5", "\"x\"", "[1,[2]]", "{}"] {
            let event = Event::parse(format!(r#"{{"pull_id":"p","data":{data}}}"#).as_bytes());
            assert_eq!(event.unwrap().happening, Happening::Other, "{data}");
        }
        for body in ["", "null", "[]", "{", "7", "\u{feff}", r#"{"pull_id":"a"} {"pull_id":"b"}"#] {
            assert_eq!(Event::parse(body.as_bytes()), Err(BodyError::NotJson), "{body}");
        }
        for body in
            ["{}", r#"{"pull_id":null}"#, r#"{"pull_id":7}"#, r#"{"pull_id":""}"#, r#"{"pull_id":"../x"}"#]
        {
            assert!(matches!(Event::parse(body.as_bytes()), Err(BodyError::PullId(_))), "{body}");
        }
        assert!(matches!(Event::parse(b"{\"pull_id\":\"\xff\"}"), Err(BodyError::PullId(_))));
    }

    #[test]
    fn what_cannot_be_read_in_one_place_costs_nothing_elsewhere() {
        let nested = "[".repeat(200_000) + &"]".repeat(200_000);
        for odd in [r#""\ud83d""#, "1e400", r#""A\u0000B""#, &nested] {
            for frame in [
                format!(r#"{{"meta_data":{{"x":{odd},"y":{odd}}},"pull_id":"p","event_type":"COMPLETE","status":"SUCCESS"}}"#),
                format!(r#"{{"x":{odd},"pull_id":"p","event_type":"COMPLETE","status":"SUCCESS"}}"#),
                format!(r#"{{"pull_id":"p","event_type":"COMPLETE","status":"SUCCESS","data":{odd}}}"#),
                format!(r#"{{"pull_id":"p","event_type":"COMPLETE","status":"SUCCESS","team_id":{odd}}}"#),
                r#"{"\ud83d":1,"pull_id":"p","event_type":"COMPLETE","status":"SUCCESS"}"#.to_owned(),
                r#"{"pull_id":"o","pull_id":"P","event_type":"X","event_type":"COMPLETE","status":"SUCCESS"}"#.to_owned(),
                "\u{feff}{\"pull_id\":\"p\",\"event_type\":\"COMPLETE\",\"status\":\"SUCCESS\"}".to_owned(),
            ] {
                let event = Event::parse(frame.as_bytes()).unwrap();
                assert_eq!((event.pull_id.as_str(), &event.happening), ("p", &Happening::Complete), "{frame:.90}");
                assert_eq!(event.facts.status, Some(PullStatus::Success));
                let text = serde_json::to_string(&event).unwrap();
                assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event, "on the way to its pull");
            }
        }
    }

    #[test]
    fn numbers_count_as_their_digits_where_text_is_expected() {
        let event = Event::parse(br#"{"pull_id":"p","event_type":7,"account_identifier":1e400}"#).unwrap();
        assert_eq!(
            (event.event_type.as_str(), event.facts.account_identifier.as_deref()),
            ("7", Some("1e400"))
        );
    }

    proptest! {
        #[test]
        fn no_bytes_whatever_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Event::parse(&body);
        }

        #[test]
        fn an_event_survives_the_way_to_its_pull(sequence: u64, status in "[A-Z_]{0,70}", kind in "[A-Z_]{1,20}") {
            let event = parse(&json!({"pull_id": "p", "event_type": kind, "status": status,
                "data": {"auth_status": status, "sequence": sequence, "mfa_options": {"a": "b"}}}));
            let json = serde_json::to_string(&event).unwrap();
            prop_assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
        }
    }
}
