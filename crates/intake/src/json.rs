//! A model as JSON: each column of each row, absent ones as `null`.

use std::borrow::Cow;

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;

use crate::{
    cell::{Cell, Row},
    model::MAPPING,
    schema::Kind,
    table::{Column, Part},
    view::Intake,
};

/// The version of the form: it grows when what stands there comes to mean something else.
pub const INTAKE: u32 = 1;

/// A row with what its columns are.
#[derive(Debug)]
pub struct Written<'r, 'a>(pub &'r Row<'a>, pub &'static [Column]);

impl Serialize for Written<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for column in self.1 {
            let (name, cell) = (column.name.as_str(), self.0.get(column.name));
            match (column.kind, cell) {
                (_, None) => {
                    map.serialize_entry(name, &())?;
                    if matches!(column.kind, Kind::Named(_) | Kind::Names(_)) {
                        map.serialize_entry(&format!("{name}_raw"), &())?;
                    }
                }
                (Kind::Named(_), Some(Cell::Text(text))) => {
                    map.serialize_entry(name, &column.word(text))?;
                    map.serialize_entry(&format!("{name}_raw"), text)?;
                }
                (Kind::Names(_), Some(Cell::Texts(texts))) => {
                    let words: Vec<_> = texts.iter().filter_map(|text| column.word(text)).collect();
                    map.serialize_entry(name, &words)?;
                    map.serialize_entry(&format!("{name}_raw"), texts)?;
                }
                (Kind::Decimal, Some(Cell::Text(digits))) => map.serialize_entry(name, &number(digits))?,
                (_, Some(Cell::Flag(flag))) => map.serialize_entry(name, flag)?,
                (_, Some(Cell::Integer(number))) => map.serialize_entry(name, number)?,
                (_, Some(Cell::Text(text))) => map.serialize_entry(name, text)?,
                (_, Some(Cell::Texts(texts))) => map.serialize_entry(name, texts)?,
                (_, Some(Cell::Object(row))) => map.serialize_entry(name, &Written(row, &column.columns))?,
                (_, Some(Cell::Json(json))) => map.serialize_entry(name, json)?,
                (_, Some(Cell::Rows(_))) => map.serialize_entry(name, &())?,
            }
        }
        map.end()
    }
}

/// Digits as a number of JSON.
fn number(digits: &str) -> Option<Cow<'_, RawValue>> {
    serde_json::from_str(digits).ok().map(Cow::Borrowed)
}

impl Serialize for Intake<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("intake", &INTAKE)?;
        map.serialize_entry("mapping", &MAPPING)?;
        map.serialize_entry("version", &self.version)?;
        map.serialize_entry("day", &self.day.iso())?;
        for part in Part::ALL {
            let rows = self.model.part(*part).iter().map(|row| Written(row, part.columns()));
            if part.is_single() {
                map.serialize_entry(part.as_str(), &rows.collect::<Vec<_>>().first())?;
            } else {
                map.serialize_entry(part.as_str(), &rows.collect::<Vec<_>>())?;
            }
        }
        map.serialize_entry("gaps", &self.gaps)?;
        map.serialize_entry("missing", &self.missing)?;
        map.serialize_entry("not_understood", &self.model.not_understood)?;
        map.serialize_entry("not_understood_more", &self.model.not_listed)?;
        map.end()
    }
}
