//! A pull as it was fetched → rows, in one pass over its text.
//!
//! Total: whatever stands where another value was expected costs that value and nothing else, and is listed with its
//! place. Members that no schema has are listed, too.

use std::{borrow::Cow, fmt};

use canopy::id::MAX_ID_LENGTH;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{
    cell::{Cell, Row, RowId},
    name::Name,
    scalar::Scalar,
    schema::{ENVELOPE, Kind, Member, PULL, SEEN_BESIDE, Schema},
};

/// Largest pull that is mapped, in bytes: with its rows it fits into a Worker's memory beside what else is there.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Most objects of a pull that are mapped.
pub const MAX_ROWS: usize = 30_000;

/// Most places listed that were not understood.
pub const MAX_NOT_UNDERSTOOD: usize = 200;

/// A pull that is not mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// No JSON object.
    #[error("expected a pull as a JSON object")]
    Malformed,
    /// More than is mapped.
    #[error(
        "expected a pull of at most 8 MiB with at most {MAX_ROWS} objects, whose rows are at most 12 MiB of JSON without any value"
    )]
    TooLarge,
}

/// A place whose value was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotUnderstood {
    /// JSON pointer into the snapshot. Source: RFC 6901.
    pub pointer: String,
    /// What was expected there.
    pub expected: Cow<'static, str>,
}

/// A row with its place among the others.
#[derive(Debug)]
pub struct Placed<'a> {
    /// What it is.
    pub schema: &'static Schema,
    /// The row that it stands in.
    pub parent: Option<RowId>,
    /// JSON pointer into the snapshot.
    pub source: String,
    /// Its values.
    pub row: Row<'a>,
}

/// All rows of a pull; the first is the pull itself.
#[derive(Debug, Default)]
pub struct Reading<'a> {
    rows: Vec<Placed<'a>>,
    /// What was not understood, at most [`MAX_NOT_UNDERSTOOD`].
    pub not_understood: Vec<NotUnderstood>,
    /// How many more there were.
    pub not_listed: usize,
    /// Where the reader stands.
    path: String,
    /// Whether each array and object is looked at before it is read as one.
    is_careful: bool,
}

impl<'a> Reading<'a> {
    /// Reads a pull as Canopy gives it, in its envelope or without.
    ///
    /// # Errors
    /// [`ReadError`]
    pub fn of(text: &'a str) -> Result<Self, ReadError> {
        if text.len() > MAX_BYTES {
            return Err(ReadError::TooLarge);
        }
        let attempts = [(&ENVELOPE, false), (&ENVELOPE, true), (&PULL, true)];
        for (schema, is_careful) in attempts {
            let mut reading = Self { is_careful, ..Self::default() };
            let mut reader = serde_json::Deserializer::from_str(text);
            let top = Place { shape: Shape::Row, schema, parent: None, reading: &mut reading };
            let read = top.deserialize(&mut reader).is_ok() && reader.end().is_ok();
            if reading.rows.len() > MAX_ROWS {
                return Err(ReadError::TooLarge);
            }
            let first = if schema.is(&ENVELOPE) { 1 } else { 0 };
            if read && reading.rows.len() > first && reading.rows[first].schema.is(&PULL) {
                return Ok(reading.without_orphans(RowId(first as u32)));
            }
        }
        Err(ReadError::Malformed)
    }

    /// Of a member that is given twice the last counts: rows of the others are dropped, and so is the envelope.
    fn without_orphans(mut self, pull: RowId) -> Self {
        let mut places: Vec<Option<u32>> = vec![None; self.rows.len()];
        places[pull.0 as usize] = Some(0);
        // A row stands behind the one that it stands in.
        let mut kept = 1;
        for at in pull.0 as usize + 1..self.rows.len() {
            let parent = self.rows[at].parent;
            let is_held = parent.is_some_and(|parent| {
                places[parent.0 as usize].is_some() && self.holds(parent, RowId(at as u32))
            });
            if is_held {
                places[at] = Some(kept);
                kept += 1;
            }
        }
        let place = |id: RowId| places[id.0 as usize].map(RowId);
        let rows = std::mem::take(&mut self.rows);
        self.rows = rows
            .into_iter()
            .enumerate()
            .filter(|(at, _)| places[*at].is_some())
            .map(|(_, mut placed)| {
                placed.parent = placed.parent.and_then(place);
                placed.row.renumber(&place);
                placed
            })
            .collect();
        self
    }

    fn holds(&self, parent: RowId, child: RowId) -> bool {
        self[parent].row.cells().any(|(_, cell)| match cell {
            Cell::Rows(rows) => rows.binary_search(&child).is_ok(),
            _ => false,
        })
    }

    /// The pull.
    #[must_use]
    pub fn pull(&self) -> &Placed<'a> {
        &self.rows[0]
    }

    /// All rows.
    pub fn ids(&self) -> impl Iterator<Item = RowId> + use<> {
        (0..self.rows.len() as u32).map(RowId)
    }

    /// All rows of `schema`, in the order in which they came.
    pub fn all(&self, schema: &'static Schema) -> impl Iterator<Item = (RowId, &Placed<'a>)> {
        let rows = self.rows.iter().enumerate().filter(move |(_, placed)| placed.schema.is(schema));
        rows.map(|(at, placed)| (RowId(at as u32), placed))
    }

    /// The id `column` of the nearest row that is named so and that `id` stands in, or is: its source where Canopy gives none.
    #[must_use]
    pub fn link(&self, id: RowId, column: Name) -> Option<&str> {
        let mut at = Some(id);
        while let Some(id) = at {
            if self[id].schema.id == Some(column) {
                let source = is_link(column).then_some(self[id].source.as_str());
                return self[id].row.text(column).or(source);
            }
            at = self[id].parent;
        }
        None
    }

    fn note(&mut self, expected: &'static str) {
        if self.not_understood.len() < MAX_NOT_UNDERSTOOD {
            self.not_understood.push(NotUnderstood { pointer: self.path.clone(), expected: expected.into() });
        } else {
            self.not_listed += 1;
        }
    }

    /// Does `work` at the place `step` beneath where the reader stands.
    fn beneath<T>(&mut self, step: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        self.path.extend(["/", step]);
        let done = work(self);
        self.path.truncate(length);
        done
    }
}

impl<'a> std::ops::Index<RowId> for Reading<'a> {
    type Output = Placed<'a>;

    fn index(&self, id: RowId) -> &Placed<'a> {
        &self.rows[id.0 as usize]
    }
}

/// Whether rows are found by what stands under `column`.
#[must_use]
pub fn is_link(column: Name) -> bool {
    matches!(column, Name::policy_id | Name::vehicle_id | Name::dwelling_id | Name::location_id)
}

/// What an array or object becomes.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Object,
    Row,
    Rows,
}

/// A place for an object or an array of them.
struct Place<'r, 'a> {
    shape: Shape,
    schema: &'static Schema,
    parent: Option<RowId>,
    reading: &'r mut Reading<'a>,
}

impl<'r, 'a> Place<'r, 'a> {
    fn other(self) -> Option<Cell<'a>> {
        self.reading.note(if self.shape == Shape::Rows { "an array of objects" } else { "an object" });
        None
    }

    fn members<A: MapAccess<'a>>(
        reading: &mut Reading<'a>,
        schema: &'static Schema,
        row: &mut Row<'a>,
        owner: Option<RowId>,
        mut map: A,
    ) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(Key(schema))? {
            let (member, is_repeat) = match key {
                Ok(found) => found,
                Err(name) => {
                    map.next_value::<IgnoredAny>()?;
                    if !SEEN_BESIDE.contains(&name.as_str()) && !schema.is(&ENVELOPE) {
                        let step = name.replace('~', "~0").replace('/', "~1");
                        let step = &step[..step.floor_char_boundary(100)];
                        reading.beneath(step, |reading| reading.note("no such member"));
                    }
                    continue;
                }
            };
            let shape = match member.kind {
                Kind::Object(schema) => Some((Shape::Object, schema)),
                Kind::Many(schema) => Some((Shape::Rows, schema)),
                _ => None,
            };
            let cell = if let Some((shape, schema)) = shape {
                reading.beneath(member.contract_name(), |reading| {
                    map.next_value_seed(Place { shape, schema, parent: owner, reading })
                })?
            } else {
                let scalar = Scalar::read(member.kind, map.next_value()?);
                if let Some(expected) = scalar.expected {
                    reading.beneath(member.contract_name(), |reading| reading.note(expected));
                }
                // Whatever stands in a row is given its id: what is as long as no id is one is none.
                let is_id = schema.id == Some(member.name);
                let is_long = |cell: &Cell<'_>| cell.text().is_some_and(|text| text.len() > MAX_ID_LENGTH);
                if is_id && scalar.cell.as_ref().is_some_and(is_long) {
                    reading
                        .beneath(member.contract_name(), |reading| reading.note("an id of at most 64 bytes"));
                    None
                } else {
                    scalar.cell
                }
            };
            // What repeats another member takes nothing from it.
            if !is_repeat || row.get(member.name).is_none() {
                row.set(member.name, cell);
            }
        }
        Ok(())
    }
}

impl<'a> DeserializeSeed<'a> for Place<'_, 'a> {
    type Value = Option<Cell<'a>>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        if !self.reading.is_careful {
            return deserializer.deserialize_any(self);
        }
        let raw: &'a RawValue = serde::Deserialize::deserialize(deserializer)?;
        if !raw.get().starts_with(['{', '[', 'n']) {
            return Ok(self.other());
        }
        serde_json::Deserializer::from_str(raw.get()).deserialize_any(self).map_err(D::Error::custom)
    }
}

impl<'a> Visitor<'a> for Place<'_, 'a> {
    type Value = Option<Cell<'a>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'a>>(self, map: A) -> Result<Self::Value, A::Error> {
        let mut row = Row::default();
        if self.shape == Shape::Object {
            Self::members(self.reading, self.schema, &mut row, self.parent, map)?;
            return Ok((!row.is_empty()).then_some(Cell::Object(row)));
        }
        let rows = &mut self.reading.rows;
        if rows.len() > MAX_ROWS {
            return Err(A::Error::custom("too many objects"));
        }
        let id = RowId(rows.len() as u32);
        let source = self.reading.path.clone();
        rows.push(Placed { schema: self.schema, parent: self.parent, source, row: Row::default() });
        Self::members(self.reading, self.schema, &mut row, Some(id), map)?;
        self.reading.rows[id.0 as usize].row = row;
        Ok(Some(Cell::Rows(vec![id])))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        if self.shape != Shape::Rows {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(self.other());
        }
        let (mut rows, mut at) = (Vec::new(), 0_usize);
        let Self { schema, parent, reading, .. } = self;
        while let Some(item) = reading.beneath(&at.to_string(), |reading| {
            seq.next_element_seed(Place { shape: Shape::Row, schema, parent, reading })
        })? {
            if let Some(Cell::Rows(row)) = item {
                rows.extend(row);
            }
            at += 1;
        }
        Ok((!rows.is_empty()).then_some(Cell::Rows(rows)))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(self.other())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(self.other())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(self.other())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(self.other())
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(self.other())
    }
}

/// A member's name as the member that it is, and whether it only repeats it.
struct Key(&'static Schema);

impl<'a> DeserializeSeed<'a> for Key {
    type Value = Result<(&'static Member, bool), String>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Result<(&'static Member, bool), String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, given: &str) -> Result<Self::Value, E> {
        let members = self.0.members;
        if let Some(member) = members.iter().find(|member| member.contract_name() == given) {
            return Ok(Ok((member, false)));
        }
        let repeated = members.iter().find(|member| member.given.contains(&given));
        Ok(repeated.map(|member| (member, true)).ok_or_else(|| given.to_owned()))
    }
}
