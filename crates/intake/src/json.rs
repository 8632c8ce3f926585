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
pub struct Written<'r, 'a>(pub &'r Row<'a>, pub &'r [Column]);

impl Serialize for Written<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for column in self.1 {
            let (name, cell) = (column.name.as_str(), self.0.get(column.name));
            map.serialize_entry(name, &Shown(column, cell))?;
            if matches!(column.kind, Kind::Named(_) | Kind::Names(_)) {
                match cell {
                    Some(Cell::Text(text)) => map.serialize_entry(&format!("{name}_raw"), text)?,
                    Some(Cell::Texts(texts)) => map.serialize_entry(&format!("{name}_raw"), texts)?,
                    _ => map.serialize_entry(&format!("{name}_raw"), &())?,
                }
            }
        }
        map.end()
    }
}

/// What stands under a column, as the column's kind is written.
#[derive(Debug)]
pub struct Shown<'r, 'a>(pub &'r Column, pub Option<&'r Cell<'a>>);

impl Serialize for Shown<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(column, Some(cell)) = self else { return serializer.serialize_none() };
        match (column.kind, cell) {
            (Kind::Named(_), Cell::Text(text)) => column.word(text).serialize(serializer),
            (Kind::Names(_), Cell::Texts(texts)) => {
                serializer.collect_seq(texts.iter().filter_map(|text| column.word(text)))
            }
            (Kind::Decimal, Cell::Text(digits)) => number(digits).serialize(serializer),
            (_, Cell::Flag(flag)) => flag.serialize(serializer),
            (_, Cell::Integer(number)) => number.serialize(serializer),
            (_, Cell::Text(text)) => text.serialize(serializer),
            (_, Cell::Texts(texts)) => texts.serialize(serializer),
            (_, Cell::Object(row)) => Written(row, &column.columns).serialize(serializer),
            (_, Cell::Json(json)) => json.serialize(serializer),
            (_, Cell::Rows(_)) => serializer.serialize_none(),
        }
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
