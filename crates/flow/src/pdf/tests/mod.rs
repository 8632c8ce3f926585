mod faults;
mod properties;
mod reader;

use serde_json::{Value, json};

use self::reader::{File, read};
use super::*;

/// A summary as an agency sends it.
const SUMMARY: &str = include_str!("summary.json");

fn rendered(document: &Value) -> Result<Vec<u8>, PdfError> {
    render(&Document::read(document)?)
}

fn file(document: &Value) -> File {
    read(&rendered(document).unwrap())
}

/// A document of one block.
fn of(block: Value) -> Value {
    json!({ "title": "T", "blocks": [block] })
}

#[test]
fn a_summary_is_read_in_its_order() {
    let summary: Value = serde_json::from_str(SUMMARY).unwrap();
    let file = file(&summary);
    assert_eq!(file.elements[..2], [element("H1", &summary["title"]), element("P", &summary["subtitle"])]);
    let roles: Vec<_> = file.elements.iter().map(|(role, _)| role.as_str()).collect();
    let of_role = |role: &str| roles.iter().filter(|other| **other == role).count();
    let count = |kind: &str| {
        summary["blocks"].as_array().unwrap().iter().filter(|block| block.get(kind).is_some()).count()
    };
    assert_eq!(of_role("H1"), 1);
    assert_eq!(of_role("H2"), count("heading"));
    assert_eq!(of_role("P"), 1 + count("text"));
    let table = file.elements.iter().position(|(_, text)| text == "Coverage").unwrap();
    let texts: Vec<_> = file.elements[table..].iter().map(|(_, text)| text.as_str()).take(6).collect();
    assert_eq!(
        texts,
        ["Coverage", "Limit", "Deductible", "Bodily injury liability", "$100,000 / $300,000", "—"]
    );
}

fn element(role: &str, text: &Value) -> (String, String) {
    (role.to_owned(), text.as_str().unwrap().to_owned())
}

#[test]
fn the_same_document_is_the_same_file() {
    let summary: Value = serde_json::from_str(SUMMARY).unwrap();
    assert_eq!(rendered(&summary).unwrap(), rendered(&summary).unwrap());
}

#[test]
fn names_print_right_and_what_the_font_lacks_is_still_copied() {
    let names = "Nguyễn Łukasz Peña O’Brien Đặng 王小明 🏠 Nguye\u{302}\u{303}n";
    let file = file(&of(json!({ "text": names })));
    assert_eq!(file.elements[1].1, "Nguyễn Łukasz Peña O’Brien Đặng 王小明 🏠 Nguyễn");
}

#[test]
fn values_of_each_type_are_printed() {
    let file = file(&of(
        json!({ "facts": [["a", "x"], ["b", 12.5], ["c", true], ["d", false], ["e", null], ["f", ""]] }),
    ));
    let cells: Vec<_> =
        file.elements[1..].iter().map(|(role, text)| (role.as_str(), text.as_str())).collect();
    let pairs = [("a", "x"), ("b", "12.5"), ("c", "Yes"), ("d", "No"), ("e", "—"), ("f", "")];
    assert_eq!(cells, pairs.map(|(label, value)| [("TH", label), ("TD", value)]).concat());
}

#[test]
fn a_long_table_goes_on_below_its_heading_row_once_more() {
    let rows: Vec<_> = (0..200).map(|row| json!([format!("row {row}"), row])).collect();
    let file = file(&of(
        json!({ "table": { "columns": [{ "title": "Name" }, { "title": "Number" }], "rows": rows } }),
    ));
    assert!((4..9).contains(&file.pages.len()), "{}", file.pages.len());
    for (index, page) in file.pages.iter().enumerate() {
        let foot = ["T".to_owned(), format!("Page {} of {}", index + 1, file.pages.len())];
        let head = ["Name".to_owned(), "Number".to_owned()];
        let repeated = if index == 0 { foot.to_vec() } else { [head, foot].concat() };
        assert_eq!(page.repeated, repeated);
    }
    let cells: Vec<_> = file.elements[3..].iter().map(|(_, text)| text.clone()).collect();
    assert_eq!(cells, (0..200).flat_map(|row| [format!("row {row}"), row.to_string()]).collect::<Vec<_>>());
}

#[test]
fn a_row_higher_than_a_page_goes_on_on_the_next() {
    let columns: Vec<_> =
        (0..bound::COLUMNS).map(|_| json!({ "title": "W".repeat(bound::TITLE_CHARACTERS) })).collect();
    let mut row = vec![json!("x"); bound::COLUMNS];
    row[3] = json!("word ".repeat(300).trim_end());
    let file = file(&of(json!({ "table": { "columns": columns, "rows": [row] } })));
    assert!(file.pages.len() > 5);
    assert_eq!(file.elements[1 + bound::COLUMNS + 3].1, "word ".repeat(300).trim_end());
}

#[test]
fn a_heading_keeps_with_what_follows_it() {
    let row = json!({ "table": { "columns": [{ "title": "C" }], "rows": [["cell"]] } });
    for lines in 30..60 {
        for follows in
            [json!({ "text": "one\ntwo\nthree" }), json!({ "facts": [["label", "value"]] }), row.clone()]
        {
            let before = json!({ "text": vec!["line"; lines].join("\n") });
            let blocks = [before, json!({ "heading": "Heading" }), follows];
            let file = file(&json!({ "title": "T", "blocks": blocks }));
            let page = |text: &str| {
                file.pages.iter().position(|page| page.marked.iter().any(|mark| mark.contains(text)))
            };
            assert_eq!(page("Heading"), page(&file.elements[3].1), "{lines}");
        }
    }
}

#[test]
fn a_small_table_is_on_one_page() {
    let rows: Vec<_> = (0..6).map(|row| json!([format!("row {row}")])).collect();
    let table = json!({ "table": { "columns": [{ "title": "Name" }], "rows": rows } });
    for lines in 30..46 {
        let before = json!({ "text": vec!["line"; lines].join("\n") });
        let file = file(&json!({ "title": "T", "blocks": [before, table] }));
        assert!(file.pages.iter().all(|page| [0, 7].contains(
            &page.marked.iter().filter(|mark| *mark == "Name" || mark.starts_with("row")).count()
        )));
    }
}

#[test]
fn the_file_says_what_it_is() {
    let mut summary: Value = serde_json::from_str(SUMMARY).unwrap();
    summary["created_at"] = json!("2026-01-31T23:30:00-05:00");
    summary["title"] = json!("Auto & <Home>");
    let file = file(&summary);
    assert_eq!(file.language, "en-US");
    assert_eq!(file.info["Title"], "Auto & <Home>");
    assert_eq!(file.info["CreationDate"], "D:20260201043000Z");
    assert!(file.metadata.contains("<rdf:li xml:lang=\"x-default\">Auto &amp; &lt;Home&gt;</rdf:li>"));
    assert!(file.metadata.contains("<xmp:CreateDate>2026-01-31T23:30:00-05:00</xmp:CreateDate>"));
    summary["created_at"].take();
    let without = reader::read(&rendered(&summary).unwrap());
    assert!(!without.info.contains_key("CreationDate") && !without.metadata.contains("CreateDate"));
}
