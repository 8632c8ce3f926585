use std::{
    collections::BTreeSet,
    io::{Cursor, Read},
};

use serde_json::{Value, json};
use zip::ZipArchive;

use crate::{
    forms::{
        Form, file,
        tests::{of, text, texts_of_pulls},
    },
    redact::Redact,
    schema::Kind,
    table::{Column, Part},
};

/// The records of a table, its head first.
pub fn records(body: &[u8]) -> Vec<Vec<String>> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).expect("a byte order mark");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(body);
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// The files of an archive.
fn unzipped(body: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(body)).unwrap();
    let one = |at| {
        let mut file = archive.by_index(at).unwrap();
        let mut body = Vec::new();
        file.read_to_end(&mut body).unwrap();
        (file.name().to_owned(), body)
    };
    (0..Part::ALL.len()).map(one).collect()
}

/// What the JSON form says of a column, as names with the cells that they are to be read back as.
fn cells(column: &Column, before: &str, row: &Value, into: &mut Vec<(String, String)>) {
    let name = column.name.as_str();
    let own = format!("{before}{name}");
    let cell = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) if text.starts_with(['=', '+', '-', '@']) => format!("'{text}"),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(|item| item.as_str().unwrap()).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    };
    match column.kind {
        Kind::Object(_) => {
            column.columns.iter().for_each(|inner| cells(inner, &format!("{own}_"), &row[name], into));
        }
        Kind::Named(_) | Kind::Names(_) => {
            into.push((own.clone(), cell(&row[name])));
            into.push((format!("{own}_raw"), cell(&row[&format!("{name}_raw")])));
        }
        _ => into.push((own, cell(&row[name]))),
    }
}

#[test]
fn a_table_is_read_back_as_the_cells_that_it_was_written_of() {
    for pull in texts_of_pulls() {
        let intake = of(&pull, Redact::Nothing);
        let json: Value = serde_json::from_slice(&file(Form::Json, &intake, &[], None).body).unwrap();
        for part in Part::ALL {
            let file = file(Form::Csv, &intake, &[], Some(*part));
            assert!(text(&file).ends_with("\r\n"));
            let mut records = records(&file.body).into_iter();
            let head = records.next().unwrap();
            let rows = match &json[part.as_str()] {
                Value::Array(rows) => rows.clone(),
                Value::Null => Vec::new(),
                one => vec![one.clone()],
            };
            assert_eq!(head.iter().collect::<BTreeSet<_>>().len(), head.len(), "{part:?}");
            assert_eq!(records.len(), rows.len(), "{part:?}");
            for (record, row) in records.zip(rows) {
                let mut expected = Vec::new();
                part.columns().iter().for_each(|column| cells(column, "", &row, &mut expected));
                let read: Vec<_> = head.iter().cloned().zip(record).collect();
                assert_eq!(read, expected, "{part:?}");
            }
        }
    }
}

#[test]
fn the_archive_has_each_table_once_and_the_same_bytes_each_time() {
    for pull in texts_of_pulls() {
        let intake = of(&pull, Redact::Nothing);
        let archive = file(Form::Csv, &intake, &[], None);
        assert_eq!(archive.body, file(Form::Csv, &intake, &[], None).body);
        for (part, (name, body)) in Part::ALL.iter().zip(unzipped(&archive.body)) {
            assert_eq!(name, format!("{}.csv", part.as_str()));
            assert_eq!(body, file(Form::Csv, &intake, &[], Some(*part)).body);
            assert_eq!(records(&body).len(), 1 + intake.model.part(*part).len());
        }
    }
}

#[test]
fn text_that_a_spreadsheet_would_run_stays_text_and_numbers_stay_numbers() {
    for (given, written) in [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("a=1", "a=1"),
        ("1, \"2\"\n3", "1, \"2\"\n3"),
        (" =1", " =1"),
    ] {
        let vehicle = json!({ "vehicle_id": "v", "make": given, "features": [given, "b"], "uses": [given] });
        let policy =
            json!({ "policy_id": "p", "status": given, "total_premium_cents": -5, "vehicles": [vehicle] });
        let pull = json!({ "pull": { "policies": [policy] } }).to_string();
        let intake = of(&pull, Redact::Nothing);
        let cell = |part, column: &str| {
            let records = records(&file(Form::Csv, &intake, &[], Some(part)).body);
            let at = records[0].iter().position(|name| name == column).unwrap();
            records[1][at].clone()
        };
        assert_eq!(cell(Part::Vehicles, "make"), written);
        assert_eq!(cell(Part::Vehicles, "features"), format!("{written}; b"));
        assert_eq!(cell(Part::Vehicles, "uses_raw"), written);
        assert_eq!(cell(Part::Policies, "status_raw"), written);
        assert_eq!(cell(Part::Policies, "total_premium_cents"), "-5");
    }
}
