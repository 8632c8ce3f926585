//! A model as it is kept beside its snapshot: what is there, with the mapping that made it.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
    ser::SerializeMap,
};

use crate::{
    cell::{Cell, Row},
    model::{MAPPING, Model},
    read::NotUnderstood,
    schema::Kind,
    table::{Column, Part},
};

#[derive(Serialize)]
struct Kept<'m, 'a> {
    mapping: u32,
    #[serde(serialize_with = "parts")]
    parts: &'m Model<'a>,
    not_understood: &'m [NotUnderstood],
    not_listed: usize,
}

#[derive(Deserialize)]
struct Read<'a> {
    mapping: u32,
    #[serde(borrow)]
    parts: Parts<'a>,
    not_understood: Vec<NotUnderstood>,
    not_listed: usize,
}

fn parts<S: Serializer>(model: &&Model<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(Part::ALL.iter().map(|part| model.part(*part)))
}

impl Model<'_> {
    /// As text.
    #[must_use]
    pub fn stored(&self) -> String {
        let kept = Kept {
            mapping: MAPPING,
            parts: self,
            not_understood: &self.not_understood,
            not_listed: self.not_listed,
        };
        serde_json::to_string(&kept).expect("a model is plain data")
    }
}

impl<'a> Model<'a> {
    /// Reads what was stored; `None` of another mapping.
    #[must_use]
    pub fn of_stored(text: &'a str) -> Option<Self> {
        let read: Read<'a> = serde_json::from_str(text).ok()?;
        if read.mapping != MAPPING {
            return None;
        }
        let mut model = read.parts.0;
        (model.not_understood, model.not_listed) = (read.not_understood, read.not_listed);
        Some(model)
    }
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (column, cell) in self.cells() {
            let column = column.as_str();
            match cell {
                Cell::Flag(flag) => map.serialize_entry(column, flag)?,
                Cell::Integer(number) => map.serialize_entry(column, number)?,
                Cell::Text(text) => map.serialize_entry(column, text)?,
                Cell::Texts(texts) => map.serialize_entry(column, texts)?,
                Cell::Object(row) => map.serialize_entry(column, row)?,
                Cell::Json(json) => map.serialize_entry(column, json)?,
                Cell::Rows(_) => {}
            }
        }
        map.end()
    }
}

/// The rows of each part.
struct Parts<'a>(Model<'a>);

impl<'de: 'a, 'a> Deserialize<'de> for Parts<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(AllParts).map(Self)
    }
}

struct AllParts;

impl<'a> Visitor<'a> for AllParts {
    type Value = Model<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the rows of each part")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<Model<'a>, A::Error> {
        let mut model = Model::empty();
        for (at, part) in Part::ALL.iter().enumerate() {
            let rows = Rows { columns: part.columns(), rows: model.part_mut(*part) };
            seq.next_element_seed(rows)?.ok_or_else(|| A::Error::invalid_length(at, &self))?;
        }
        Ok(model)
    }
}

/// Where the rows of a part go.
struct Rows<'r, 'a> {
    columns: &'static [Column],
    rows: &'r mut Vec<Row<'a>>,
}

impl<'a> DeserializeSeed<'a> for Rows<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'a> Visitor<'a> for Rows<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(row) = seq.next_element_seed(Columns(self.columns))? {
            self.rows.push(row);
        }
        Ok(())
    }
}

/// A column's name, as the column that it is.
struct Named(&'static [Column]);

impl<'a> DeserializeSeed<'a> for Named {
    type Value = Option<&'static Column>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Named {
    type Value = Option<&'static Column>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a column's name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().find(|column| column.name.as_str() == name))
    }
}

/// A row of these columns.
struct Columns(&'static [Column]);

impl<'a> DeserializeSeed<'a> for Columns {
    type Value = Row<'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Row<'a>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for Columns {
    type Value = Row<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Row<'a>, A::Error> {
        let mut row = Row::default();
        while let Some(column) = map.next_key_seed(Named(self.0))? {
            let Some(column) = column else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let cell = match column.kind {
                Kind::Flag => Cell::Flag(map.next_value()?),
                Kind::Integer | Kind::Cents => Cell::Integer(map.next_value()?),
                Kind::Texts | Kind::Names(_) => {
                    let texts: Vec<String> = map.next_value()?;
                    Cell::Texts(texts.into_iter().map(Cow::Owned).collect())
                }
                Kind::Object(_) => Cell::Object(map.next_value_seed(Columns(&column.columns))?),
                Kind::Json | Kind::Metadata => Cell::Json(Cow::Borrowed(map.next_value()?)),
                _ => Cell::Text(map.next_value::<Text<'_>>()?.0),
            };
            row.set(column.name, cell);
        }
        Ok(row)
    }
}

/// Text, borrowed where it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
