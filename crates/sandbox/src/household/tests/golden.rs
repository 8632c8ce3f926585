//! What the intake makes of each login's pull, and of the pulls that Canopy publishes, kept to be looked at: a change of the
//! mapping shows as a change of these files. `UPDATE_GOLDEN=1` writes them anew.

use std::{collections::HashSet, fmt::Write, fs, path::PathBuf};

use intake::{
    day::Day,
    gaps::Thresholds,
    model::Model,
    redact::Redact,
    view::{Asked, Intake},
};
use serde_json::{Map, Value, json};

use super::view;
use crate::logins::{self, Outcome};

/// The day that the households of [`view`] are of.
const DAY: &str = "2026-09-21";

/// Pulls by what their files are called.
fn pulls() -> Vec<(String, Value)> {
    let contract: Value = serde_json::from_str(include_str!("../../../../../contract/openapi.json")).unwrap();
    let get = &contract["paths"]["/teams/{teamId}/pulls/{pullId}"]["get"];
    let examples = &get["responses"]["200"]["content"]["application/json"]["examples"];
    let published = examples.as_object().unwrap().iter().map(|(name, example)| {
        let name = name.split(' ').next().unwrap_or_default().to_lowercase();
        (format!("published_{name}"), example["value"].clone())
    });
    let logins = logins::all().iter().filter(|login| login.outcome == Outcome::Success);
    let households =
        logins.map(|login| (login.username.clone(), json!({ "pull": view(&login.username, &Value::Null) })));
    published.chain(households).collect()
}

fn intake(text: &str) -> Intake<'_> {
    let asked = Asked {
        version: 1,
        day: Day::parse(DAY).unwrap(),
        initial_pull_id: None,
        stored: &HashSet::new(),
        redact: Redact::Nothing,
        thresholds: &Thresholds::default(),
    };
    Intake::of(Model::of(text).unwrap(), &asked)
}

/// A row on one line: without what is absent, and without what came where it is the contract's own word.
fn line(row: &Value) -> String {
    let Some(members) = row.as_object() else { return row.to_string() };
    let is_said = |name: &str, value: &Value| {
        let plain = name.strip_suffix("_raw").and_then(|plain| members.get(plain));
        !value.is_null() && plain != Some(value)
    };
    let said = members.iter().filter(|(name, value)| is_said(name, value));
    let said: Map<_, _> = said.map(|(name, value)| (name.clone(), shortened(value))).collect();
    Value::Object(said).to_string()
}

/// Ids by their first characters: they are made up, and long.
fn shortened(value: &Value) -> Value {
    match value {
        Value::String(text) if text.len() == 36 && text.matches('-').count() == 4 => json!(text[..8]),
        Value::Array(items) => items.iter().map(shortened).collect(),
        Value::Object(_) => serde_json::from_str(&line(value)).unwrap(),
        other => other.clone(),
    }
}

fn shown(intake: &Intake<'_>) -> String {
    let json = serde_json::to_value(intake).unwrap();
    let mut shown = String::new();
    for (part, rows) in json.as_object().unwrap() {
        let rows: Vec<&Value> = rows.as_array().map_or_else(|| vec![rows], |rows| rows.iter().collect());
        if !rows.is_empty() {
            writeln!(shown, "{part}").unwrap();
        }
        for row in rows {
            writeln!(shown, "  {}", line(row)).unwrap();
        }
    }
    shown
}

#[test]
fn every_pull_maps_as_was_looked_at() {
    let directory = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/household/tests/golden"));
    let is_update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut kept: HashSet<String> = HashSet::new();
    for (name, pull) in pulls() {
        let text = pull.to_string();
        let intake = intake(&text);
        assert!(intake.model.not_understood.is_empty(), "{name}: {:?}", intake.model.not_understood);
        let (file, shown) = (directory.join(format!("{name}.txt")), shown(&intake));
        if is_update {
            fs::create_dir_all(&directory).unwrap();
            fs::write(&file, &shown).unwrap();
        }
        let golden = fs::read_to_string(&file).unwrap_or_default();
        let differs = shown.lines().zip(golden.lines()).find(|(one, other)| one != other);
        assert!(shown == golden, "{name}: {differs:?}");
        kept.insert(format!("{name}.txt"));
    }
    for entry in fs::read_dir(&directory).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(kept.contains(&name), "{name} is of no pull");
    }
}
