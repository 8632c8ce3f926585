use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{File, Form, csv::tests::records, file, text::WIDTH};
use crate::{
    model::Model,
    name::Name,
    redact::Redact,
    table::Part,
    tests::{intake, mutated, published},
    view::Intake,
};

/// A pull in a form, as text.
fn shown(pull: &Value, form: Form, redact: Redact, table: Option<Part>) -> String {
    let text = pull.to_string();
    let intake = intake(Model::of(&text).unwrap(), redact);
    String::from_utf8_lossy(&file(form, &intake, &["It changed.".to_owned()], table).body).into_owned()
}

/// The intake of a pull's text.
pub fn of(text: &str, redact: Redact) -> Intake<'_> {
    intake(Model::of(text).unwrap(), redact)
}

/// A file's text.
pub fn text(file: &File) -> &str {
    std::str::from_utf8(&file.body).unwrap()
}

/// Sentences, one longer than a line.
pub fn changes() -> Vec<String> {
    vec!["The premium of the auto policy rose from $1,000 to $1,100.".to_owned(), "word ".repeat(60)]
}

/// The pulls' texts.
pub fn texts_of_pulls() -> Vec<String> {
    pulls().iter().map(Value::to_string).collect()
}

fn pulls() -> Vec<Value> {
    published().into_iter().chain([json!({ "pull": {} })]).collect()
}

#[test]
fn every_form_takes_every_pull() {
    for pull in pulls() {
        for (name, form) in Form::NAMES {
            let shown = shown(&pull, *form, Redact::Nothing, None);
            assert!(!shown.is_empty(), "{name}");
            if let Ok(directory) = std::env::var("SHOW_FORMS") {
                let id = pull["pull"]["pull_id"].as_str().unwrap_or("empty").to_owned();
                std::fs::write(format!("{directory}/{}.{name}", &id[..id.len().min(8)]), &shown).unwrap();
            }
        }
    }
}

/// `value` without the ids that rows belong by.
fn nameless(value: &Value) -> Value {
    const IDS: [&str; 4] = ["policy_id", "vehicle_id", "dwelling_id", "location_id"];
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(name, _)| !IDS.contains(&name.as_str()));
            Value::Object(kept.map(|(name, value)| (name.clone(), nameless(value))).collect())
        }
        Value::Array(items) => items.iter().map(nameless).collect(),
        other => other.clone(),
    }
}

#[test]
fn what_stands_in_a_row_without_an_id_is_shown_with_it() {
    for pull in published() {
        let text = shown(&pull, Form::Text, Redact::Nothing, None);
        let policies = text.split("CLAIMS").next().unwrap();
        let shown = shown(&nameless(&pull), Form::Text, Redact::Nothing, None);
        for line in policies.lines() {
            assert!(shown.contains(line), "{line}\n{shown}");
        }
    }
}

#[test]
fn the_flat_form_has_the_same_members_for_all_and_no_depth() {
    let members = |pull: &Value| -> Vec<String> {
        let flat: Value = serde_json::from_str(&shown(pull, Form::Flat, Redact::Nothing, None)).unwrap();
        let flat = flat.as_object().unwrap();
        assert!(flat.values().all(|value| !value.is_array() && !value.is_object()));
        flat.keys().cloned().collect()
    };
    let all: Vec<_> = pulls().iter().map(members).collect();
    assert!(
        all.iter().all(|its| *its == all[0])
            && all[0].contains(&"vehicle_1_garaging_address_state".to_owned())
    );
}

#[test]
fn no_line_of_a_note_is_too_long() {
    for pull in pulls() {
        for line in shown(&pull, Form::Text, Redact::Nothing, None).lines() {
            assert!(line.chars().count() <= WIDTH && line.trim_end() == line, "{line:?}");
        }
    }
}

#[test]
fn a_table_reads_back_as_it_is_in_json() {
    for pull in published() {
        let json: Value = serde_json::from_str(&shown(&pull, Form::Json, Redact::Nothing, None)).unwrap();
        for part in Part::ALL.iter().filter(|part| !part.is_single()) {
            let table = shown(&pull, Form::Csv, Redact::Nothing, Some(*part));
            let mut reader = ::csv::Reader::from_reader(table.strip_prefix('\u{feff}').unwrap().as_bytes());
            let head = reader.headers().unwrap().clone();
            let rows = json[part.as_str()].as_array().unwrap();
            let records: Vec<_> = reader.records().map(Result::unwrap).collect();
            assert_eq!(records.len(), rows.len(), "{}", part.as_str());
            for (record, row) in records.iter().zip(rows) {
                for (name, cell) in head.iter().zip(record) {
                    match row.get(name) {
                        Some(Value::Null) => assert_eq!(cell, "", "{name}"),
                        Some(Value::String(text)) => assert_eq!(cell, text, "{name}"),
                        Some(Value::Number(number)) => assert_eq!(cell, number.to_string(), "{name}"),
                        Some(Value::Bool(flag)) => assert_eq!(cell, flag.to_string(), "{name}"),
                        _ => {}
                    }
                }
            }
        }
    }
}

#[test]
fn what_a_consumer_wrote_is_text_wherever_it_stands() {
    let hostile = "=HYPERLINK(\"https://x\")</style><script>alert(1)</script>\n\"'&";
    let mut pull = published()[1].clone();
    for place in [
        "/pull/first_name",
        "/pull/policies/0/description",
        "/pull/policies/1/vehicles/0/make",
        "/pull/documents/0/title",
    ] {
        *pull.pointer_mut(place).unwrap() = hostile.into();
    }
    let html = shown(&pull, Form::Html, Redact::Nothing, None);
    assert!(!html.contains("<script") && html.contains("&lt;script&gt;"));
    assert_eq!(html.matches("<style>").count(), 1);
    for outside in [" style=", " src=", "url(", "@import", "href=\"http", "<link"] {
        assert!(!html.contains(outside), "{outside}: nothing is loaded, and the style is one");
    }
    let csv = shown(&pull, Form::Csv, Redact::Nothing, Some(Part::Contact));
    assert!(csv.contains("\"'=HYPERLINK(\"\"https://x\"\")"), "{csv}");
}

#[test]
fn what_is_left_out_stands_in_no_form() {
    let secrets = [
        ("Clark", Redact::Contact),
        ("Kent", Redact::Contact),
        ("clark.kent@theplanet.com", Redact::Contact),
        ("8885550000", Redact::Contact),
        ("1987-05-03", Redact::Contact),
        ("344 Clinton", Redact::Contact),
        ("1G1FK1R62J0158884", Redact::Ids),
        ("SUP1234017", Redact::Ids),
        ("HO132483", Redact::Ids),
    ];
    let pull = &published()[1];
    for (secret, redact) in secrets {
        for (name, form) in Form::NAMES {
            let plain = shown(pull, *form, Redact::Nothing, None);
            for redact in [redact, Redact::All] {
                assert!(!shown(pull, *form, redact, None).contains(secret), "{secret} in {name}");
            }
            assert!(plain.contains(secret) || *form != Form::Json, "{secret}");
        }
    }
}

#[test]
fn the_style_is_the_one_that_is_allowed() {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    use sha2::{Digest, Sha256};
    let hash = format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(super::STYLE)));
    assert_eq!(hash, super::STYLE_HASH);
    let headers = include_str!("../../../../www/_headers");
    assert_eq!(
        headers.matches(&format!("style-src 'self' '{hash}'")).count(),
        3,
        "www/_headers allows it on /intake.html"
    );
}

#[test]
fn every_form_of_every_pull_says_what_it_is() {
    for pull in texts_of_pulls() {
        let intake = of(&pull, Redact::Nothing);
        let id = intake.model.pull().text(Name::pull_id).unwrap_or("pull").to_owned();
        for (name, form) in Form::NAMES {
            let file = file(*form, &intake, &changes(), None);
            let expected = match form {
                Form::Json | Form::Flat => ("application/json", None),
                Form::Text => ("text/plain;charset=utf-8", None),
                Form::Html => ("text/html;charset=utf-8", None),
                Form::Csv => ("application/zip", Some(format!("intake-{id}-v1.zip"))),
            };
            assert_eq!((file.content_type, file.name), expected, "{name}");
        }
        let table = file(Form::Csv, &intake, &[], Some(Part::SharedLimits));
        assert_eq!(table.name, Some(format!("intake-{id}-v1-shared_limits.csv")));
    }
}

#[test]
fn a_file_is_never_named_by_what_is_no_id() {
    let pull = json!({ "pull": { "pull_id": "a\"\r\nb/../c" } }).to_string();
    let file = file(Form::Csv, &of(&pull, Redact::Nothing), &[], None);
    assert_eq!(file.name.as_deref(), Some("intake-pull-v1.zip"));
}

/// Texts of a pull that stand under a name that `is` says yes to.
fn texts(value: &Value, is: &impl Fn(&str) -> bool, into: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| texts(item, is, into)),
        Value::Object(members) => {
            for (name, value) in members {
                if let Some(text) = value.as_str().filter(|text| is(name) && !text.is_empty()) {
                    into.insert(text.to_owned());
                }
                texts(value, is, into);
            }
        }
        _ => {}
    }
}

#[test]
fn nothing_of_a_published_pull_that_is_left_out_stands_in_any_form() {
    const CONTACT: &[&str] = &[
        "first_name",
        "middle_name",
        "last_name",
        "policy_owner_full_name",
        "agent_full_name",
        "representative_name",
        "full_address",
        "street",
        "date_of_birth_str",
    ];
    const IDS: &[&str] = &[
        "vin",
        "drivers_license",
        "carrier_policy_number",
        "mortgage_loan_number",
        "carrier_claim_identifier",
        "fein",
    ];
    let is_contact = |name: &str| {
        CONTACT.contains(&name)
            || name.ends_with("email")
            || name.ends_with("phone")
            || name.ends_with("phone_number")
            || (name.starts_with("owner") && name.ends_with("_name"))
    };
    let is_id = |name: &str| IDS.contains(&name);
    let birthday = "1987-05-03".to_owned();
    for pull in published() {
        let (mut contact, mut ids) = (BTreeSet::from([birthday.clone()]), BTreeSet::new());
        texts(&pull, &is_contact, &mut contact);
        texts(&pull, &is_id, &mut ids);
        assert!(contact.len() > 10 && !ids.is_empty());
        let pull = pull.to_string();
        for (redact, hidden) in [
            (Redact::Contact, contact.clone()),
            (Redact::Ids, ids.clone()),
            (Redact::All, contact.union(&ids).cloned().collect()),
        ] {
            let intake = of(&pull, redact);
            for (name, form) in Form::NAMES {
                let body = file(*form, &intake, &changes(), None).body;
                let body = String::from_utf8_lossy(&body);
                for text in &hidden {
                    assert!(!body.contains(text.as_str()), "{redact:?} {name}: {text}");
                }
            }
        }
    }
}

#[test]
fn no_form_grows_with_the_square_of_the_pull() {
    let sizes = |pull: &Value| -> Vec<usize> {
        Form::NAMES.iter().map(|(_, form)| shown(pull, *form, Redact::Nothing, None).len()).collect()
    };
    let vehicle =
        |at: usize| json!({"vehicle_id": format!("v{at}"), "coverages": [{"name": format!("COVER_{at}")}]});
    // Each vehicle with a coverage that no other has, and as many policies of one id.
    let of = |count: usize| {
        let vehicles: Vec<Value> = (0..count).map(vehicle).collect();
        let mut policies = vec![json!({"policy_id": "p", "vehicles": vehicles})];
        policies.extend((0..count).map(|_| json!({"policy_id": "p", "policy_type": "AUTO"})));
        sizes(&json!({"pull": {"policies": policies}}))
    };
    for ((few, many), (name, _)) in of(50).into_iter().zip(of(400)).zip(Form::NAMES) {
        assert!(many < few * 10, "{name}: {few} to {many} for eight times as much");
    }
}

#[test]
fn what_all_vehicles_share_stands_once() {
    let vehicle = |at: i64| {
        json!({"vehicle_id": format!("v{at}"), "coverages": [
            {"name": "BODILY_INJURY_LIABILITY", "per_person_limit_cents": 10_000_000},
            {"name": "COLLISION", "deductible_cents": 50_000 + at * 100},
        ]})
    };
    let vehicles: Vec<Value> = (0..6).map(vehicle).collect();
    let pull =
        json!({"pull": {"policies": [{"policy_id": "p", "policy_type": "AUTO", "vehicles": vehicles}]}});
    let page = shown(&pull, Form::Html, Redact::Nothing, None);
    assert_eq!(page.matches("$100,000 ").count(), 1);
    assert_eq!(page.matches("<caption>Coverages by vehicle</caption>").count(), 2);
}

/// A quarter of the cases: each has six forms and a table for each part.
fn fewer() -> ProptestConfig {
    let all = ProptestConfig::default();
    ProptestConfig { cases: all.cases / 4, ..all }
}

proptest! {
    #![proptest_config(fewer())]
    #[test]
    fn a_mutated_pull_has_every_form(
        which in 0..2_usize,
        edits in prop::collection::vec((any::<u64>(), 0..5_u8, mutated::other()), 1..8),
    ) {
        let mut pull = published()[which].clone();
        for (at, edit, with) in &edits {
            mutated::change(&mut pull["pull"], *at, *edit, with);
        }
        if !pull["pull"].is_object() {
            return Ok(());
        }
        let pull = pull.to_string();
        let intake = of(&pull, Redact::Nothing);
        for (_, form) in Form::NAMES {
            let file = file(*form, &intake, &[], None);
            if *form == Form::Text {
                prop_assert!(text(&file).lines().all(|line| line.chars().count() <= WIDTH));
            }
        }
        let members = |intake: &Intake<'_>| -> Vec<String> {
            let flat: Value = serde_json::from_slice(&file(Form::Flat, intake, &[], None).body).unwrap();
            flat.as_object().unwrap().keys().cloned().collect()
        };
        prop_assert_eq!(members(&intake), members(&of(r#"{"pull":{}}"#, Redact::Nothing)));
        for part in Part::ALL {
            let records = records(&file(Form::Csv, &intake, &[], Some(*part)).body);
            prop_assert_eq!(records.len(), 1 + intake.model.part(*part).len());
        }
    }
}
