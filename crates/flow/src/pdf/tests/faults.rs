use serde_json::{Value, json};

use super::{PdfError, bound, of, rendered};

fn fault(document: &Value) -> String {
    rendered(document).unwrap_err().to_string()
}

fn table(columns: Value, rows: Value) -> Value {
    of(json!({ "table": { "columns": columns, "rows": rows } }))
}

#[test]
fn what_is_no_document_is_named_with_its_place() {
    for (document, message) in [
        (json!({ "blocks": [] }), "the document: missing field `title`"),
        (json!({ "title": 7, "blocks": [] }), "/title: invalid type: integer `7`, expected a string"),
        (json!({ "title": "T", "blocks": [], "logo": 1 }), "/logo: unknown field `logo`, expected one of"),
        (of(json!({ "picture": "x" })), "/blocks/0: unknown variant `picture`, expected one of"),
        (of(json!({ "line": false })), "/blocks/0/line: expected true; leave the block out instead"),
        (
            of(json!({ "facts": [["a", {}]] })),
            "/blocks/0/facts/0/1: expected a text, a number, true, false or null",
        ),
        (of(json!({ "facts": [["a"]] })), "/blocks/0/facts/0: invalid length 1, expected a tuple of size 2"),
        (
            table(json!([{ "title": "a", "align": "middle" }]), json!([])),
            "/blocks/0/table/columns/0/align: unknown variant `middle`, expected `left` or `right`",
        ),
    ] {
        let found = fault(&document);
        assert!(found.starts_with(message), "{found:?} is not {message:?}");
    }
}

#[test]
fn each_bound_holds_and_is_named_with_its_place() {
    let column = json!({ "title": "a" });
    let text = "x".repeat(bound::CHARACTERS + 1);
    for (document, message) in [
        (json!({ "title": " ", "blocks": [] }), "/title: expected a text, found nothing"),
        (json!({ "title": text, "blocks": [] }), "/title: expected at most 4000 characters, found 4001"),
        (
            json!({ "title": "T", "author": text, "blocks": [] }),
            "/author: expected at most 4000 characters, found 4001",
        ),
        (
            json!({ "title": "T", "language": "English!", "blocks": [] }),
            "/language: expected a language tag, such as en or es-US, found \"English!\"",
        ),
        (
            json!({ "title": "T", "created_at": "today", "blocks": [] }),
            "/created_at: expected an RFC 3339 time, such as 2026-01-31T09:30:00Z, found \"today\"",
        ),
        (
            json!({ "title": "T", "blocks": vec![json!({ "line": true }); 201] }),
            "/blocks: expected at most 200 blocks, found 201",
        ),
        (
            json!({ "title": "T", "blocks": [{ "facts": vec![["a", "b"]; 1_000] }, { "facts": vec![["a", "b"]; 1_001] }] }),
            "/blocks/1: expected at most 2000 rows in all tables and facts up to here, found 2001",
        ),
        (of(json!({ "text": text })), "/blocks/0/text: expected at most 4000 characters, found 4001"),
        (
            of(json!({ "facts": [["a", "b"], ["c", text]] })),
            "/blocks/0/facts/1/1: expected at most 4000 characters, found 4001",
        ),
        (table(json!([]), json!([])), "/blocks/0/table/columns: expected at least one column, found nothing"),
        (
            table(json!(vec![column.clone(); 13]), json!([])),
            "/blocks/0/table/columns: expected at most 12 columns, found 13",
        ),
        (
            table(json!([{ "title": "x".repeat(101) }]), json!([])),
            "/blocks/0/table/columns/0/title: expected at most 100 characters, found 101",
        ),
        (
            table(json!([{ "title": "a", "width": 0 }]), json!([])),
            "/blocks/0/table/columns/0/width: expected a weight from 0.001 to 1000, found 0",
        ),
        (
            table(json!([column, column]), json!([["a", "b"], ["c"]])),
            "/blocks/0/table/rows/1: expected 2 cells, one for each column, found 1",
        ),
    ] {
        assert_eq!(fault(&document), message);
    }
}

#[test]
fn a_document_has_no_more_pages_than_its_bound() {
    let block = json!({ "text": "a\n".repeat(bound::CHARACTERS / 2) });
    assert!(rendered(&json!({ "title": "T", "blocks": [block, block] })).is_ok());
    let blocks = vec![block; 10];
    let error = rendered(&json!({ "title": "T", "blocks": blocks })).unwrap_err();
    assert_eq!(error, PdfError::TooLong { at: "/blocks/2".to_owned(), most: bound::PAGES });
}
