//! How large a document may be. What holds them is that one is rendered in memory, while somebody waits.

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    document::{Block, Cell, Document, Table},
    error::PdfError,
};

/// Blocks of a document.
pub const BLOCKS: usize = 200;

/// Rows of all tables and facts of a document.
pub const ROWS: usize = 2_000;

/// Columns of a table: of more, none would be wide enough for a word.
pub const COLUMNS: usize = 12;

/// Characters of one text.
pub const CHARACTERS: usize = 4_000;

/// Characters of a column's title, so that a page always has room for rows below the heading row.
pub const TITLE_CHARACTERS: usize = 100;

/// Characters of a language tag. Source: RFC 5646, section 4.4.1.
pub const LANGUAGE_CHARACTERS: usize = 35;

/// The most that a column's weight may be; the least is one part of it.
pub const WEIGHT: f32 = 1_000.0;

/// Pages of a document.
pub const PAGES: usize = 100;

/// The first of a document's faults.
pub fn check(document: &Document) -> Result<(), PdfError> {
    text("/title", &document.title)?;
    if document.title.trim().is_empty() {
        return Err(PdfError::Empty { at: "/title".to_owned(), expected: "a text" });
    }
    for (at, given) in [("/subtitle", &document.subtitle), ("/author", &document.author)] {
        given.as_deref().map_or(Ok(()), |given| text(at, given))?;
    }
    document.language.as_deref().map_or(Ok(()), language)?;
    document.created_at.as_deref().map_or(Ok(()), |given| moment(given).map(|_| ()))?;
    most("/blocks", "blocks", BLOCKS, document.blocks.len())?;
    let mut rows = 0;
    document.blocks.iter().enumerate().try_for_each(|(index, block)| {
        rows += match block {
            Block::Facts(facts) => facts.len(),
            Block::Table(table) => table.rows.len(),
            Block::Heading(_) | Block::Text(_) | Block::Line(_) | Block::Space(_) => 0,
        };
        most(&format!("/blocks/{index}"), "rows in all tables and facts up to here", ROWS, rows)?;
        check_block(&format!("/blocks/{index}"), block)
    })
}

fn check_block(at: &str, block: &Block) -> Result<(), PdfError> {
    match block {
        Block::Heading(given) => text(&format!("{at}/heading"), given),
        Block::Text(given) => text(&format!("{at}/text"), given),
        Block::Facts(facts) => facts.iter().enumerate().try_for_each(|(row, (label, value))| {
            text(&format!("{at}/facts/{row}/0"), label)?;
            cell(&format!("{at}/facts/{row}/1"), value)
        }),
        Block::Table(table) => check_table(&format!("{at}/table"), table),
        Block::Line(_) | Block::Space(_) => Ok(()),
    }
}

fn check_table(at: &str, table: &Table) -> Result<(), PdfError> {
    let columns = table.columns.len();
    most(&format!("{at}/columns"), "columns", COLUMNS, columns)?;
    if columns == 0 {
        return Err(PdfError::Empty { at: format!("{at}/columns"), expected: "at least one column" });
    }
    for (index, column) in table.columns.iter().enumerate() {
        let title = format!("{at}/columns/{index}/title");
        most(&title, "characters", TITLE_CHARACTERS, column.title.chars().count())?;
        if let Some(width) = column.width
            && !(1.0 / WEIGHT..=WEIGHT).contains(&width)
        {
            let expected = "a weight from 0.001 to 1000";
            return Err(PdfError::Form {
                at: format!("{at}/columns/{index}/width"),
                expected,
                found: width.to_string(),
            });
        }
    }
    table.rows.iter().enumerate().try_for_each(|(row, cells)| {
        let at = format!("{at}/rows/{row}");
        if cells.len() != columns {
            return Err(PdfError::Cells { at, columns, found: cells.len() });
        }
        cells.iter().enumerate().try_for_each(|(column, value)| cell(&format!("{at}/{column}"), value))
    })
}

fn cell(at: &str, cell: &Cell) -> Result<(), PdfError> {
    if let Cell::Text(given) = cell { text(at, given) } else { Ok(()) }
}

fn text(at: &str, text: &str) -> Result<(), PdfError> {
    most(at, "characters", CHARACTERS, text.chars().count())
}

fn most(at: &str, of: &'static str, most: usize, found: usize) -> Result<(), PdfError> {
    if found <= most { Ok(()) } else { Err(PdfError::TooMany { at: at.to_owned(), of, most, found }) }
}

fn language(tag: &str) -> Result<(), PdfError> {
    let part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    if tag.len() <= LANGUAGE_CHARACTERS && tag.split('-').all(part) {
        return Ok(());
    }
    let expected = "a language tag, such as en or es-US";
    Err(PdfError::Form { at: "/language".to_owned(), expected, found: format!("{tag:?}") })
}

/// A document's `created_at`.
pub fn moment(text: &str) -> Result<OffsetDateTime, PdfError> {
    OffsetDateTime::parse(text, &Rfc3339).map_err(|_| PdfError::Form {
        at: "/created_at".to_owned(),
        expected: "an RFC 3339 time, such as 2026-01-31T09:30:00Z",
        found: format!("{:?}", text.chars().take(40).collect::<String>()),
    })
}
