use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Document, PdfError, reader::read, render};
use crate::pdf::{
    clean::cleaned,
    face::Faces,
    layout::lay_out,
    page::{Piece, Run},
    style::{BOTTOM, FOOT, PAGE, SIDE, TOP},
};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[A-Za-z0-9 ,.@/-]{0,60}",
        2 => "\\PC{0,40}",
        1 => "(\\PC|[\0\r\n\t\u{301}\u{323}\u{ad}]){0,60}",
        1 => "[a-złễ \n]{200,600}",
    ]
}

fn cell() -> impl Strategy<Value = Value> {
    prop_oneof![
        5 => text().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ]
}

fn table() -> impl Strategy<Value = Value> {
    let column = ("\\PC{0,30}", proptest::option::of(1.0_f32..50.0), any::<bool>()).prop_map(
        |(title, width, right)| {
            let mut column = json!({ "title": title });
            if let Some(width) = width {
                column["width"] = json!(width);
            }
            if right {
                column["align"] = json!("right");
            }
            column
        },
    );
    (1..=12_usize).prop_flat_map(move |columns| {
        let rows = proptest::collection::vec(proptest::collection::vec(cell(), columns), 0..6);
        (proptest::collection::vec(column.clone(), columns), rows)
            .prop_map(|(columns, rows)| json!({ "table": { "columns": columns, "rows": rows } }))
    })
}

fn document() -> impl Strategy<Value = Value> {
    let block = prop_oneof![
        text().prop_map(|text| json!({ "heading": text })),
        text().prop_map(|text| json!({ "text": text })),
        proptest::collection::vec((text(), cell()), 0..8).prop_map(|facts| json!({ "facts": facts })),
        table(),
        Just(json!({ "line": true })),
        Just(json!({ "space": true })),
    ];
    let name = || proptest::option::of(text());
    let more = proptest::collection::vec(block, 0..6);
    ("[A-Z]\\PC{0,60}", name(), name(), more).prop_map(|(title, subtitle, author, blocks)| {
        json!({ "title": title, "subtitle": subtitle, "author": author, "blocks": blocks })
    })
}

/// The texts of a document in their order; blank paragraphs are left out.
fn texts(document: &Value) -> Vec<String> {
    let mut texts = Vec::new();
    let mut paragraph = |value: &Value| {
        let text = value.as_str().map(cleaned).unwrap_or_default();
        texts.extend((!text.is_empty()).then_some(text));
    };
    paragraph(&document["title"]);
    paragraph(&document["subtitle"]);
    for block in document["blocks"].as_array().unwrap() {
        for kind in ["heading", "text"] {
            let text = block[kind].as_str().map(cleaned).unwrap_or_default();
            texts.extend((!text.is_empty()).then_some(text));
        }
        let cell = |value: &Value| match value {
            Value::Null => "—".to_owned(),
            Value::Bool(flag) => if *flag { "Yes" } else { "No" }.to_owned(),
            Value::String(text) => cleaned(text),
            other => other.to_string(),
        };
        let rows = |value: &Value| value.as_array().cloned().unwrap_or_default();
        texts.extend(rows(&block["facts"]).iter().flat_map(&rows).map(|value| cell(&value)));
        texts.extend(rows(&block["table"]["columns"]).iter().map(|column| cell(&column["title"])));
        texts.extend(rows(&block["table"]["rows"]).iter().flat_map(&rows).map(|value| cell(&value)));
    }
    texts.into_iter().map(|text| text.replace('\n', " ")).collect()
}

fn is_within(run: &Run, faces: &Faces) -> bool {
    let shown = run.text.trim_end_matches(' ');
    let width = faces.of(run.style.weight).width(None, shown, run.style.size);
    let foot = run.style == FOOT;
    run.x >= SIDE - 0.1
        && (run.x + width <= PAGE.0 - SIDE + 0.1)
        && run.y > TOP
        && (foot || run.y < BOTTOM)
        && run.y < PAGE.1 - 20.0
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn all_text_of_a_document_comes_out_in_order_and_within_the_page(document in document()) {
        let parsed = Document::read(&document).unwrap();
        let file = match render(&parsed) {
            // Long texts in narrow columns.
            Err(PdfError::TooLong { .. }) => return Ok(()),
            file => file.unwrap(),
        };
        let read: Vec<_> = read(&file).elements.into_iter().map(|(_, text)| text).collect();
        prop_assert_eq!(read, texts(&document));
        let faces = Faces::new();
        for page in lay_out(&parsed, &faces).unwrap().pages {
            for piece in &page.pieces {
                match piece {
                    Piece::Marked(_, runs) | Piece::Repeated(runs) => {
                        for run in runs {
                            prop_assert!(is_within(run, &faces), "{:?}", run);
                        }
                    }
                    Piece::Fill(fill) => prop_assert!(fill.x >= SIDE && fill.x + fill.width <= PAGE.0 - SIDE + 0.1),
                }
            }
        }
    }
}
