use serde_json::{Value, json};

use super::{Form, file};
use crate::{
    model::Model,
    redact::Redact,
    table::Part,
    tests::{intake, published},
};

/// A pull in a form, as text.
fn shown(pull: &Value, form: Form, redact: Redact, table: Option<Part>) -> String {
    let text = pull.to_string();
    let intake = intake(Model::of(&text).unwrap(), redact);
    String::from_utf8_lossy(&file(form, &intake, &["It changed.".to_owned()], table).body).into_owned()
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
            assert!(line.chars().count() <= super::text::WIDTH && line.trim_end() == line, "{line:?}");
        }
    }
}

#[test]
fn a_table_reads_back_as_it_is_in_json() {
    for pull in published() {
        let json: Value = serde_json::from_str(&shown(&pull, Form::Json, Redact::Nothing, None)).unwrap();
        for part in Part::ALL.iter().filter(|part| !part.is_single()) {
            let table = shown(&pull, Form::Csv, Redact::Nothing, Some(*part));
            let mut reader = csv::Reader::from_reader(table.strip_prefix('\u{feff}').unwrap().as_bytes());
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
