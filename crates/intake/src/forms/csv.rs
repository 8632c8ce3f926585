//! Tables for a spreadsheet. Source: RFC 4180; a byte order mark, by which spreadsheets know that it is UTF-8.

use std::{
    borrow::Cow,
    io::{Cursor, Write},
};

use canopy::formula::defused;
use csv::{QuoteStyle, Terminator, WriterBuilder};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use crate::{
    cell::{Cell, Row},
    schema::Kind,
    table::{Column, Part},
    view::Intake,
};

const MARK: &[u8] = "\u{feff}".as_bytes();

/// Between the texts of a list.
const BETWEEN: &str = "; ";

/// One table.
pub fn table(intake: &Intake<'_>, part: Part) -> Vec<u8> {
    let mut builder = WriterBuilder::new();
    builder.terminator(Terminator::CRLF).quote_style(QuoteStyle::Always);
    let mut writer = builder.from_writer(MARK.to_vec());
    let mut head = Vec::new();
    part.columns().iter().for_each(|column| names(column, "", &mut head));
    let written = writer.write_record(&head).and_then(|()| {
        intake.model.part(part).iter().try_for_each(|row| {
            let mut record = Vec::with_capacity(head.len());
            part.columns().iter().for_each(|column| values(column, Some(row), &mut record));
            writer.write_record(record.iter().map(|cell| cell.as_bytes()))
        })
    });
    written.expect("memory takes each record, and each has as many cells as the head");
    writer.into_inner().expect("memory takes the rest")
}

/// All tables, one file each, not compressed: at the same moment whenever it is made.
pub fn zipped(intake: &Intake<'_>) -> Vec<u8> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for part in Part::ALL {
        let written = zip.start_file(format!("{}.csv", part.as_str()), options);
        written.and_then(|()| Ok(zip.write_all(&table(intake, *part))?)).expect("memory takes each file");
    }
    zip.finish().expect("memory takes the directory").into_inner()
}

fn names(column: &Column, before: &str, head: &mut Vec<String>) {
    let name = format!("{before}{}", column.name);
    match column.kind {
        Kind::Object(_) => column.columns.iter().for_each(|inner| names(inner, &format!("{name}_"), head)),
        Kind::Named(_) | Kind::Names(_) => head.extend([name.clone(), format!("{name}_raw")]),
        _ => head.push(name),
    }
}

/// As many cells as [`names`] gives.
fn values<'r>(column: &Column, row: Option<&'r Row<'_>>, record: &mut Vec<Cow<'r, str>>) {
    let cell = row.and_then(|row| row.get(column.name));
    let text = match cell {
        Some(Cell::Text(text)) => Cow::Borrowed(text.as_ref()),
        Some(Cell::Flag(flag)) => Cow::Borrowed(if *flag { "true" } else { "false" }),
        Some(Cell::Integer(number)) => Cow::Owned(number.to_string()),
        Some(Cell::Texts(texts)) => {
            let items = texts.iter().map(|text| defused(Cow::Borrowed(text)));
            Cow::Owned(items.collect::<Vec<_>>().join(BETWEEN))
        }
        Some(Cell::Json(json)) => Cow::Borrowed(json.get()),
        Some(Cell::Object(_) | Cell::Rows(_)) | None => Cow::Borrowed(""),
    };
    match (column.kind, cell) {
        (Kind::Object(_), cell) => {
            let inner = if let Some(Cell::Object(row)) = cell { Some(row) } else { None };
            column.columns.iter().for_each(|column| values(column, inner, record));
        }
        (Kind::Named(_), cell) => {
            let word = cell.and_then(Cell::text).and_then(|text| column.word(text));
            record.extend([Cow::Borrowed(word.unwrap_or_default()), defused(text)]);
        }
        (Kind::Names(_), Some(Cell::Texts(texts))) => {
            let words: Vec<_> = texts.iter().filter_map(|text| column.word(text)).collect();
            record.extend([Cow::Owned(words.join(BETWEEN)), defused(text)]);
        }
        (Kind::Names(_), _) => record.extend([Cow::Borrowed(""), Cow::Borrowed("")]),
        (Kind::Integer | Kind::Cents | Kind::Decimal, _) => record.push(text),
        _ => record.push(defused(text)),
    }
}

#[cfg(test)]
pub mod tests;
