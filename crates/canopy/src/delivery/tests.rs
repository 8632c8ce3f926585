use serde_json::{Value, json};

use super::*;
use crate::{
    id::PullId,
    pull::{Kind, State, View},
    time::UnixMillis,
    webhook::Event,
};

const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

fn view() -> View {
    let body = json!({"pull_id": "p-1", "event_type": "COMPLETE", "status": "SUCCESS", "account_identifier": "jane",
        "meta_data": {"lead": "4711", "deep": {"er": [1, "two", {"x": 1}]}}});
    let mut state = State::default();
    state.apply(&Event::parse(body.to_string().as_bytes()).unwrap(), &[0; 32]);
    state.view()
}

fn body(form: Form, entry: &str, intake: Option<&str>) -> Value {
    let pull_id = PullId::parse("p-1").unwrap();
    let headline = Headline {
        pull_id: &pull_id,
        position: 7,
        kind: Some(Kind::Own),
        event_type: "QUOTE_SENT",
        outcome: "applied",
        effective_at: NOW,
        origin: "https://edge.example",
    };
    let message =
        Message { headline, entry, pull: r#"{"pull_id":"p-1","revision":8}"#, view: &view(), intake };
    serde_json::from_str(&message.body(form)).unwrap()
}

const ENTRY: &str = r#"{"position":7,"kind":"own","body":{"event_type":"QUOTE_SENT","data":{"carrier":"acme","premium":{"cents":98000},"tags":["a","b"]}}}"#;

#[test]
fn an_event_has_the_entry_the_view_and_the_link() {
    let body = body(Form::Event, ENTRY, Some("{}"));
    assert_eq!(body["type"], "QUOTE_SENT");
    assert_eq!(body["timestamp"], "2023-11-14T22:13:20.000Z");
    assert_eq!(body["data"]["entry"], serde_json::from_str::<Value>(ENTRY).unwrap());
    assert_eq!(body["data"]["pull"]["revision"], 8);
    assert_eq!(body["data"]["link"], "https://edge.example/api/v1/pulls/p-1");
    assert!(body["data"].get("intake").is_none());
}

#[test]
fn the_intake_goes_along_where_it_is_asked_for_and_is_there() {
    assert_eq!(body(Form::Intake, ENTRY, Some(r#"{"version":1}"#))["data"]["intake"]["version"], 1);
    assert_eq!(body(Form::Intake, ENTRY, None)["data"].get("intake"), Some(&Value::Null));
    let large = format!("{{\"a\":\"{}\"}}", "a".repeat(1024 * 1024));
    assert_eq!(body(Form::Intake, ENTRY, Some(&large))["data"]["intake"], Value::Null);
}

#[test]
fn what_is_flat_has_no_depth() {
    let body =
        body(Form::Flat, ENTRY, Some(r#"{"contact_email":"jane@example.com","policy_1_number":null}"#));
    let members = body.as_object().unwrap();
    assert!(members.values().all(|value| !value.is_object() && !value.is_array()), "{body}");
    for (name, value) in [
        ("id", json!("p-1_7")),
        ("type", json!("QUOTE_SENT")),
        ("status", json!("SUCCESS")),
        ("complete", json!(true)),
        ("account_identifier", json!("jane")),
        ("data_carrier", json!("acme")),
        ("data_premium_cents", json!(98000)),
        ("data_tags", json!("a, b")),
        ("metadata_lead", json!("4711")),
        ("metadata_deep_er", json!("1, two")),
        ("intake_contact_email", json!("jane@example.com")),
        ("intake_policy_1_number", Value::Null),
    ] {
        assert_eq!(members.get(name), Some(&value), "{name}");
    }
}

#[test]
fn what_is_too_large_goes_without_its_body() {
    let entry =
        format!(r#"{{"position":7,"kind":"own","body":{{"data":"{}"}}}}"#, "a".repeat(2 * 1024 * 1024));
    let body = body(Form::Event, &entry, None);
    assert_eq!(body["data"]["entry"], json!({"position": 7, "kind": "own", "body": null}));
    assert_eq!(body["data"]["pull"], Value::Null);
    assert_eq!(body["data"]["link"], "https://edge.example/api/v1/pulls/p-1");
}

#[test]
fn a_sample_is_like_what_comes() {
    for form in [Form::Event, Form::Intake, Form::Flat] {
        let sample: Value =
            serde_json::from_str(&sample(form, "COMPLETE", "https://edge.example", NOW)).unwrap();
        assert_eq!(sample["type"], "COMPLETE");
        if form != Form::Flat {
            assert_eq!(sample["data"]["entry"]["kind"], "webhook");
            assert_eq!(sample["data"]["pull"]["complete"], false);
        }
    }
}
