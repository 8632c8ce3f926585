//! What is to be rendered.

use serde::Deserialize;
use serde_json::{Number, Value};

use super::error::PdfError;

/// A document, as a step's `document` gives it. Its bounds are those of [`super::bound`]; [`super::render`] holds it to them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Stands above everything, in the window's title bar and in the file's metadata. Not blank.
    pub title: String,
    /// Stands below the title.
    pub subtitle: Option<String>,
    /// A language tag of BCP 47, by which a screen reader chooses its voice; `en` where none is given.
    pub language: Option<String>,
    /// Whom it is from: at the foot of each page and in the metadata.
    pub author: Option<String>,
    /// When it was made, RFC 3339. Only for the metadata: nothing of a clock is in the file otherwise.
    pub created_at: Option<String>,
    /// From top to bottom.
    pub blocks: Vec<Block>,
}

/// One part of a document: an object of one member, whose name says what it is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// Keeps with what follows it.
    Heading(String),
    /// A paragraph. Line breaks stay.
    Text(String),
    /// Labels with their values, one pair a row.
    Facts(Vec<(String, Cell)>),
    /// Rows below a heading row, which each page repeats.
    Table(Table),
    /// A rule over the whole width.
    Line(Set),
    /// An empty line.
    Space(Set),
}

/// A table.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// From left to right.
    pub columns: Vec<Column>,
    /// Each as many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
}

/// A column of a [`Table`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// What the heading row says of it.
    pub title: String,
    /// Where none is given, right if it has numbers and nothing else, left otherwise.
    pub align: Option<Align>,
    /// Its share of the width against the other columns' (1 where only they have one). Where no column has any, the widths
    /// follow what is in the cells.
    pub width: Option<f32>,
}

/// At which side of a column its cells begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// As text reads.
    Left,
    /// As numbers line up.
    Right,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
pub enum Cell {
    /// As it is.
    Text(String),
    /// As JSON writes it.
    Number(Number),
    /// Yes or No.
    Flag(bool),
    /// An em dash.
    Nothing,
}

impl TryFrom<Value> for Cell {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        match value {
            Value::String(text) => Ok(Self::Text(text)),
            Value::Number(number) => Ok(Self::Number(number)),
            Value::Bool(flag) => Ok(Self::Flag(flag)),
            Value::Null => Ok(Self::Nothing),
            Value::Array(_) | Value::Object(_) => Err("expected a text, a number, true, false or null"),
        }
    }
}

/// `true`, as the value of a block that has no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "bool")]
pub struct Set;

impl TryFrom<bool> for Set {
    type Error = &'static str;

    fn try_from(value: bool) -> Result<Self, Self::Error> {
        if value { Ok(Self) } else { Err("expected true; leave the block out instead") }
    }
}

impl Document {
    /// Reads a document from JSON.
    ///
    /// # Errors
    /// [`PdfError::Shape`] with the place of the first value that is not as it is to be.
    pub fn read(value: &Value) -> Result<Self, PdfError> {
        crate::place::read(value).map_err(|(at, problem)| PdfError::Shape { at, problem })
    }
}
