//! Pulls as the contract publishes them, mapped.

use std::collections::HashSet;

use serde_json::Value;

use crate::{
    day::Day,
    gaps::Thresholds,
    model::Model,
    redact::Redact,
    view::{Asked, Intake},
};

/// The published pulls.
pub fn published() -> Vec<Value> {
    let contract: Value = serde_json::from_str(include_str!("../../../contract/openapi.json")).unwrap();
    let get = &contract["paths"]["/teams/{teamId}/pulls/{pullId}"]["get"];
    let examples = &get["responses"]["200"]["content"]["application/json"]["examples"];
    examples.as_object().unwrap().values().map(|example| example["value"].clone()).collect()
}

/// A model as it is answered on the first day of 2026.
pub fn intake(model: Model<'_>, redact: Redact) -> Intake<'_> {
    let asked = Asked {
        version: 1,
        day: Day::parse("2026-01-01").unwrap(),
        stored: &HashSet::new(),
        redact,
        thresholds: &Thresholds::default(),
    };
    Intake::of(model, &asked)
}

#[test]
fn the_published_pulls_are_understood_whole() {
    let published = published();
    assert_eq!(published.len(), 2);
    for pull in published {
        let text = pull.to_string();
        let model = Model::of(&text).unwrap();
        assert_eq!(model.not_understood, []);
        let kept = model.stored();
        let again = Model::of_stored(&kept).unwrap();
        let (one, other) = (intake(model, Redact::Nothing), intake(again, Redact::Nothing));
        let json = serde_json::to_string(&one).unwrap();
        assert_eq!(json, serde_json::to_string(&other).unwrap());
        if std::env::var("SHOW").is_ok() {
            println!("{json}");
        }
    }
}
