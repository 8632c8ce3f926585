use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn rendered(table: &Value) -> Result<Vec<u8>, CsvError> {
    render(&Table::read(table)?)
}

/// The records of a file, its head first.
fn records(table: &Value) -> Vec<Vec<String>> {
    let file = rendered(table).unwrap();
    let file = file.strip_prefix("\u{feff}".as_bytes()).expect("a byte order mark");
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(file);
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn columns_take_members_cells_and_what_pointers_lead_to() {
    let rows = json!([{ "a": 1, "b": "x" }, ["y", null], { "c": 1 }]);
    assert_eq!(
        records(&json!({ "columns": ["a", "b"], "rows": rows })),
        [["a", "b"], ["1", "x"], ["y", ""], ["", ""]]
    );
    let titled = |title: &str, value: &str| json!({ "title": title, "value": value });
    let columns =
        json!([titled("Name", "/insured/name"), titled("Tags", "tags"), "flag", titled("/", "/a~1b")]);
    let rows =
        json!([{ "insured": { "name": "Nguyễn" }, "tags": ["a", 2, true], "flag": false, "a/b": -1.5 }]);
    assert_eq!(
        records(&json!({ "columns": columns, "rows": rows })),
        [["Name", "Tags", "flag", "/"], ["Nguyễn", "a; 2; true", "false", "-1.5"]]
    );
}

#[test]
fn what_a_spreadsheet_would_run_is_defused_and_numbers_stay_numbers() {
    let rows = json!([["=1+1"], ["@a"], ["\t=1"], ["-5"], [-5], [["=a", "b"]], [[-1, 2]]]);
    let cells: Vec<_> = records(&json!({ "columns": ["+title"], "rows": rows })).concat();
    assert_eq!(cells, ["'+title", "'=1+1", "'@a", "'\t=1", "'-5", "-5", "'=a; b", "'-1; 2"]);
}

#[test]
fn each_fault_is_named_with_its_place() {
    let titled = json!([{ "title": "A", "value": "a" }]);
    for (table, message) in [
        (json!({ "columns": [], "rows": [] }), "/columns: expected at least one column, found none"),
        (
            json!({ "columns": vec!["a"; 101], "rows": [] }),
            "/columns: expected at most 100 columns, found 101",
        ),
        (
            json!({ "columns": ["a"], "rows": vec![["a"]; 10_001] }),
            "/rows: expected at most 10000 rows, found 10001",
        ),
        (
            json!({ "columns": ["a", "b"], "rows": [["a", "b"], ["c"]] }),
            "/rows/1: expected 2 cells, one for each column, found 1",
        ),
        (
            json!({ "columns": titled, "rows": [["a"]] }),
            "/rows/0: expected an object, as a column names the member \"a\"; found a list",
        ),
        (
            json!({ "columns": ["a"], "rows": [[{}]] }),
            "/rows/0/0: expected a text, a number, true, false, null or a list of those",
        ),
        (
            json!({ "columns": ["a/b"], "rows": [{ "a/b": {} }] }),
            "/rows/0/a~1b: expected a text, a number, true, false, null or a list of those",
        ),
        (json!({ "columns": ["a"], "rows": [7] }), "/rows/0: expected an object or a list"),
        (
            json!({ "columns": [{ "title": "a" }], "rows": [] }),
            "/columns/0: expected a name, or an object of a title and a value",
        ),
        (json!({ "columns": ["a"] }), "the table: missing field `rows`"),
    ] {
        assert_eq!(rendered(&table).unwrap_err().to_string(), message);
    }
    let long = json!({ "columns": ["a"], "rows": vec![["x".repeat(90_000)]; 20] });
    let error = rendered(&long).unwrap_err();
    assert!(matches!(&error, CsvError::TooLarge { at, .. } if at.starts_with("/rows/1")), "{error}");
}

proptest! {
    #[test]
    fn cells_are_read_back_as_they_were_given(
        rows in proptest::collection::vec(proptest::collection::vec("\\PC{0,20}|[=+@\t\r\n\",-]{0,4}", 3), 0..20),
    ) {
        let table = json!({ "columns": ["a", "b", "c"], "rows": rows });
        let read = records(&table);
        prop_assert_eq!(read.len(), rows.len() + 1);
        for (read, given) in read[1..].iter().flatten().zip(rows.iter().flatten()) {
            let defused = read.strip_prefix('\'').filter(|_| !given.starts_with('\''));
            prop_assert_eq!(defused.unwrap_or(read), given.as_str());
            prop_assert!(!read.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']));
        }
    }
}
