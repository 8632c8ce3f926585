//! From a table to its file.

use std::borrow::Cow;

use canopy::formula::defused;
use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};
use serde_json::Value;

use super::{
    error::CsvError,
    table::{Column, Row, Table},
};

/// Rows of a table.
pub const ROWS: usize = 10_000;

/// Columns of a table.
pub const COLUMNS: usize = 100;

/// Bytes of a file.
pub const BYTES: usize = 1_000_000;

const MARK: &[u8] = "\u{feff}".as_bytes();

/// Between the items of a list in one cell.
const BETWEEN: &str = "; ";

/// The file of a table. Text that a spreadsheet would run is defused ([`canopy::formula`]); a number of JSON is not text.
///
/// ```
/// let table = serde_json::json!({ "columns": ["Policy", "Premium"], "rows": [["H-1", 1240.5], ["=A1", -3]] });
/// let file = flow::csv::render(&flow::csv::Table::read(&table)?)?;
/// let text = "\u{feff}\"Policy\",\"Premium\"\r\n\"H-1\",\"1240.5\"\r\n\"'=A1\",\"-3\"\r\n";
/// assert_eq!(file, text.as_bytes());
/// # Ok::<(), flow::csv::CsvError>(())
/// ```
///
/// # Errors
/// [`CsvError`], where the table is not within its bounds or a row does not fit its columns.
pub fn render(table: &Table) -> Result<Vec<u8>, CsvError> {
    let columns = table.columns.len();
    most("/columns", "columns", COLUMNS, columns)?;
    most("/rows", "rows", ROWS, table.rows.len())?;
    if columns == 0 {
        return Err(CsvError::NoColumns { at: "/columns".to_owned() });
    }
    let mut builder = WriterBuilder::new();
    builder.terminator(Terminator::CRLF).quote_style(QuoteStyle::Always);
    let mut writer = builder.from_writer(MARK.to_vec());
    let titles = table.columns.iter().map(|column| match column {
        Column::Name(title) | Column::Titled { title, .. } => defused(Cow::Borrowed(title)),
    });
    write(&mut writer, "/columns", titles)?;
    for (index, row) in table.rows.iter().enumerate() {
        let at = format!("/rows/{index}");
        let cells = cells(&at, &table.columns, row)?;
        write(&mut writer, &at, cells.into_iter())?;
    }
    let file = writer.into_inner().expect("memory takes the rest");
    within(file.len(), "/rows").map(|()| file)
}

fn write<'c>(
    writer: &mut Writer<Vec<u8>>,
    at: &str,
    record: impl Iterator<Item = Cow<'c, str>>,
) -> Result<(), CsvError> {
    writer
        .write_record(record.map(|cell| cell.into_owned()))
        .expect("memory takes each record, and each has as many cells as the head");
    // Without what waits in the writer's own buffer, of a few kilobytes.
    within(writer.get_ref().len(), at)
}

fn within(bytes: usize, at: &str) -> Result<(), CsvError> {
    if bytes <= BYTES { Ok(()) } else { Err(CsvError::TooLarge { at: at.to_owned(), most: BYTES }) }
}

fn most(at: &str, of: &'static str, most: usize, found: usize) -> Result<(), CsvError> {
    if found <= most { Ok(()) } else { Err(CsvError::TooMany { at: at.to_owned(), of, most, found }) }
}

/// A row's cells, as many as there are columns.
fn cells<'t>(at: &str, columns: &[Column], row: &'t Row) -> Result<Vec<Cow<'t, str>>, CsvError> {
    match row {
        Row::Object(members) => {
            let value = |column: &Column| {
                let (path, value) = match column {
                    Column::Titled { value, .. } if value.starts_with('/') => {
                        (value.clone(), pointed(members, &value[1..]))
                    }
                    Column::Name(name) | Column::Titled { value: name, .. } => {
                        (format!("/{}", name.replace('~', "~0").replace('/', "~1")), members.get(name))
                    }
                };
                value.map_or(Ok(Cow::Borrowed("")), |value| cell(&format!("{at}{path}"), value))
            };
            columns.iter().map(value).collect()
        }
        Row::List(cells) => {
            let member = columns.iter().find_map(|column| match column {
                Column::Titled { value, .. } => Some(value.clone()),
                Column::Name(_) => None,
            });
            if let Some(member) = member {
                return Err(CsvError::List { at: at.to_owned(), member });
            }
            if cells.len() != columns.len() {
                return Err(CsvError::Cells {
                    at: at.to_owned(),
                    columns: columns.len(),
                    found: cells.len(),
                });
            }
            let cell = |(index, value)| cell(&format!("{at}/{index}"), value);
            cells.iter().enumerate().map(cell).collect()
        }
    }
}

/// What a JSON pointer leads to, its first stroke left out.
fn pointed<'v>(members: &'v serde_json::Map<String, Value>, path: &str) -> Option<&'v Value> {
    let (first, rest) = path.find('/').map_or((path, ""), |at| path.split_at(at));
    members.get(&first.replace("~1", "/").replace("~0", "~"))?.pointer(rest)
}

fn cell<'v>(at: &str, value: &'v Value) -> Result<Cow<'v, str>, CsvError> {
    match value {
        Value::Null => Ok(Cow::Borrowed("")),
        Value::Bool(flag) => Ok(Cow::Borrowed(if *flag { "true" } else { "false" })),
        Value::Number(number) => Ok(Cow::Owned(number.to_string())),
        Value::String(text) => Ok(defused(Cow::Borrowed(text))),
        Value::Array(items) if !items.iter().any(|item| item.is_array() || item.is_object()) => {
            let items = items.iter().map(|item| cell(at, item)).collect::<Result<Vec<_>, _>>()?;
            // As a whole it is text, even if its first item is a number.
            Ok(Cow::Owned(defused(items.join(BETWEEN).into()).into_owned()))
        }
        Value::Array(_) | Value::Object(_) => Err(CsvError::Cell { at: at.to_owned() }),
    }
}
