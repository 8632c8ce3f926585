//! Each template is played to its end on a real household, with every choice that its configuration has.

use serde_json::{Value as Json, json};

use super::{
    household::{asks, begun, complete, refreshed, renewal},
    play::Stage,
};
use crate::{field::Type, gallery::all, run::World};

/// The templates' flows, each with what starts it.
pub fn flows() -> Vec<(&'static str, &'static str, World)> {
    vec![
        ("book-report", "report", World::default()),
        ("book-report", "report_at_once", World::default()),
        ("chat-summary", "summarize", complete()),
        ("crm-contact", "contact", complete()),
        ("monitoring-switch", "switch", complete()),
        ("new-pull-alerts", "alert", begun()),
        ("reconnect-nudge", "nudge", asks()),
        ("renewal-reminders", "remind", renewal()),
        ("summary-pdf", "summary", complete()),
        ("threshold-alerts", "changes", refreshed()),
        ("threshold-alerts", "waiting", World::default()),
        ("webhook-action", "act", complete()),
    ]
}

#[test]
fn all_flows_are_played() {
    let played: Vec<_> = flows().iter().map(|(name, flow, _)| format!("{name} {flow}")).collect();
    let known = all().keys().flat_map(|name| {
        let stage = Stage::of(name);
        stage.group.flows.keys().map(|flow| format!("{name} {flow}")).collect::<Vec<_>>()
    });
    assert_eq!(played, known.collect::<Vec<_>>());
}

#[test]
fn each_is_started_and_calls_whom_its_example_names() {
    for (name, flow, world) in flows() {
        let stage = Stage::of(name);
        assert!(stage.starts(flow, &world), "{name} {flow}");
        let played = stage.ends_well(flow, &world);
        let hosts: &[&str] = match name {
            "book-report" => &["api.resend.com"],
            "chat-summary" => &["api.openai.com", "api.hubapi.com", "api.hubapi.com"],
            "crm-contact" => &["api.hubapi.com", "api.hubapi.com"],
            "monitoring-switch" => &[],
            "new-pull-alerts" => &["hooks.slack.com", "hooks.slack.com"],
            "reconnect-nudge" => &["api.twilio.com", "api.twilio.com", "api.twilio.com"],
            "renewal-reminders" => &["api.resend.com", "api.twilio.com"],
            "summary-pdf" => &["api.resend.com", "api.resend.com"],
            "threshold-alerts" => &["default0000.05.environment.api.powerplatform.com"],
            _ => &["crm.agency.example"],
        };
        assert_eq!(played.hosts(), hosts, "{name} {flow}");
        assert!(
            played.calls.iter().all(|(_, request)| request.auth.is_some()),
            "{name}: each has its secret"
        );
    }
}

/// Every word of every enum, and every yes or no the other way.
#[test]
fn every_choice_ends_well_and_sends_something() {
    for (name, flow, world) in flows() {
        let stage = Stage::of(name).full();
        for (field, declared) in &stage.group.config {
            let values: Vec<Json> = match declared.kind {
                Type::Enum => declared.values.iter().map(|value| json!(value)).collect(),
                Type::Boolean => vec![json!(true), json!(false)],
                _ => continue,
            };
            for value in values {
                let played = stage.clone().with(json!({ field: value })).ends_well(flow, &world);
                assert!(!played.calls.is_empty() || !played.asked.is_empty(), "{name} {field} {value}");
            }
        }
    }
}
