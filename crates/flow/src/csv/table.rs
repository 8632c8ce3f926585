//! What is to be rendered.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::error::CsvError;

/// A table, as a step's `table` gives it. Its bounds are [`super::ROWS`], [`super::COLUMNS`] and [`super::BYTES`];
/// [`super::render`] holds it to them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// From left to right.
    pub columns: Vec<Column>,
    /// From top to bottom, below the columns' titles.
    pub rows: Vec<Row>,
}

/// A column: its title, and where a row has what it says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub enum Column {
    /// `"Carrier"`: the member of that name, or of a list the cell at the column's place.
    Name(String),
    /// `{ "title": "Carrier", "value": "carrier" }`: a member's name, or a JSON pointer (RFC 6901), which begins with `/`.
    Titled { title: String, value: String },
}

/// A row. A member that it does not have is an empty cell.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
pub enum Row {
    Object(Map<String, Value>),
    /// As many cells as there are columns.
    List(Vec<Value>),
}

impl TryFrom<Value> for Column {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let mut members = match value {
            Value::String(name) => return Ok(Self::Name(name)),
            Value::Object(members) if members.len() == 2 => members,
            _ => return Err("expected a name, or an object of a title and a value"),
        };
        match (members.remove("title"), members.remove("value")) {
            (Some(Value::String(title)), Some(Value::String(value))) => Ok(Self::Titled { title, value }),
            _ => Err("expected an object of a title and a value, both texts"),
        }
    }
}

impl TryFrom<Value> for Row {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        match value {
            Value::Object(members) => Ok(Self::Object(members)),
            Value::Array(cells) => Ok(Self::List(cells)),
            _ => Err("expected an object or a list"),
        }
    }
}

impl Table {
    /// Reads a table from JSON.
    ///
    /// # Errors
    /// [`CsvError::Shape`] with the place of the first value that is not as it is to be.
    pub fn read(value: &Value) -> Result<Self, CsvError> {
        crate::place::read(value).map_err(|(at, problem)| CsvError::Shape { at, problem })
    }
}
