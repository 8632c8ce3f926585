//! The model: each part's rows.

use std::{borrow::Cow, collections::HashMap};

use crate::{
    cell::{Cell, Row, RowId},
    contact, documents, line, losses,
    name::Name as N,
    people,
    read::{NotUnderstood, ReadError, Reading, is_link},
    schema, shared,
    table::{Column, Part, Table},
    term, vin,
};

/// Grows with what the mapping gives for the same pull: then versions that are kept are mapped anew.
pub const MAPPING: u32 = 2;

/// Most that the names of all columns of all rows may come to as JSON, in bytes: an answer has to fit into a Worker's memory.
const MAX_FRAME_BYTES: usize = 12 * 1024 * 1024;

/// What a row of these columns comes to as JSON without any value, in bytes: `"name":null,`, and a word of a list twice.
fn frame(columns: &[Column]) -> usize {
    let one = |column: &Column| {
        let name = column.name.as_str().len() + r#""":null,"#.len();
        if column.words.is_empty() { name } else { 2 * name + "_raw".len() }
    };
    columns.iter().map(one).sum()
}

/// A pull as the agency's rows.
#[derive(Debug)]
pub struct Model<'a> {
    parts: Vec<Vec<Row<'a>>>,
    /// Places whose values were not taken.
    pub not_understood: Vec<NotUnderstood>,
    /// How many more there were than are listed.
    pub not_listed: usize,
}

impl<'a> Model<'a> {
    /// A model without rows.
    pub(crate) fn empty() -> Self {
        let parts = Part::ALL.iter().map(|_| Vec::new()).collect();
        Self { parts, not_understood: Vec::new(), not_listed: 0 }
    }

    /// Maps a snapshot's text.
    ///
    /// # Errors
    /// [`ReadError`]: what is no pull, or a larger one than is mapped.
    pub fn of(text: &'a str) -> Result<Self, ReadError> {
        let model = Self::of_reading(Reading::of(text)?);
        if model.frame_bytes() > MAX_FRAME_BYTES { Err(ReadError::TooLarge) } else { Ok(model) }
    }

    /// What its rows come to as JSON without any value, in bytes: each column of each row is named.
    fn frame_bytes(&self) -> usize {
        let of_row = |row: &Row<'_>, columns: &[Column]| -> usize {
            let inner = columns.iter().filter_map(|column| Some((row.object(column.name)?, column)));
            let inner: usize = inner.map(|(_, column)| frame(&column.columns)).sum();
            frame(columns) + inner
        };
        Part::ALL.iter().flat_map(|part| self.part(*part).iter().map(|row| of_row(row, part.columns()))).sum()
    }

    fn of_reading(mut reading: Reading<'a>) -> Self {
        let mut model = Self {
            not_understood: std::mem::take(&mut reading.not_understood),
            not_listed: reading.not_listed,
            ..Self::empty()
        };
        let people = people::of(&reading);
        for part in Part::ALL {
            let table = part.table();
            let rows = reading.ids().filter(|id| table.takes(reading[*id].schema));
            let rows = rows.map(|id| table.row(&reading, id));
            model.parts[*part as usize] = match part {
                Part::People => people.rows(&reading),
                Part::Insureds => people.insureds(&reading),
                Part::Drivers => people.drivers(&reading),
                Part::Contact => vec![contact::of(&reading, &people)],
                Part::SharedLimits => Vec::new(),
                _ => rows.collect(),
            };
        }
        model.part_mut(Part::Mortgagees).extend(contact::former_mortgagees(&reading));
        let pull = &reading.pull().row;
        let carrier = pull.text(N::carrier_name).zip(pull.get(N::carrier_friendly_name));
        model.part_mut(Part::Policies).iter_mut().for_each(|policy| work_out_policy(policy, carrier));
        model.part_mut(Part::Vehicles).iter_mut().for_each(work_out_vehicle);
        losses::work_out(&mut model);
        documents::work_out(&mut model);
        shared::work_out(&mut model);
        model
    }

    /// The rows of a part.
    #[must_use]
    pub fn part(&self, part: Part) -> &[Row<'a>] {
        &self.parts[part as usize]
    }

    pub(crate) fn part_mut(&mut self, part: Part) -> &mut Vec<Row<'a>> {
        &mut self.parts[part as usize]
    }

    /// The pull's row.
    #[must_use]
    pub fn pull(&self) -> &Row<'a> {
        static NONE: Row<'static> = Row::NONE;
        self.part(Part::Pull).first().unwrap_or(&NONE)
    }

    /// The rows of a part by what they have under `column`.
    #[must_use]
    pub fn by(&self, part: Part, column: N) -> HashMap<&str, Vec<&Row<'a>>> {
        let mut rows: HashMap<&str, Vec<&Row<'a>>> = HashMap::new();
        for row in self.part(part) {
            if let Some(id) = row.text(column) {
                rows.entry(id).or_default().push(row);
            }
        }
        rows
    }
}

impl Table {
    fn takes(&self, schema: &'static schema::Schema) -> bool {
        self.schemas.iter().any(|taken| taken.is(schema))
    }

    /// The row that `id` becomes.
    fn row<'a>(&self, reading: &Reading<'a>, id: RowId) -> Row<'a> {
        let placed = &reading[id];
        let mut row = Row::default();
        for (column, cell) in placed.row.cells() {
            let is_id = self.id.is_some() && placed.schema.id == Some(column);
            let column = if is_id { self.id.unwrap_or(column) } else { column };
            if self.part.has(column) {
                row.set(column, cell.clone());
            }
        }
        for column in self.links {
            row.set(*column, reading.link(id, *column).map(|id| Cell::from(id.to_owned())));
        }
        row.set(N::source, Cell::from(placed.source.clone()));
        // By something what stands in it has to be found.
        if let Some(own) = self.id.filter(|own| row.get(*own).is_none() && is_link(*own)) {
            row.set(own, Cell::from(placed.source.clone()));
        }
        row
    }
}

/// `carrier` is the pull's, and how it calls itself.
fn work_out_policy<'a>(policy: &mut Row<'a>, carrier: Option<(&str, &Cell<'a>)>) {
    if policy.get(N::carrier_friendly_name).is_none() {
        let same = carrier.filter(|(its, _)| policy.text(N::carrier_name) == Some(its));
        policy.set(N::carrier_friendly_name, same.map(|(_, called)| called.clone()));
    }
    let line = policy.text(N::policy_type).and_then(line::of);
    policy.set(N::line, line.map(Cell::from));
    let term = term::of(policy);
    policy.set(N::term_months, term.months.map(Cell::Integer));
    policy.set(N::annualized_premium_cents, term.annualized_premium_cents.map(Cell::Integer));
}

fn work_out_vehicle(vehicle: &mut Row<'_>) {
    let check = vehicle.text(N::vin).map(vin::check);
    vehicle.set(N::vin_check, check.map(|check| Cell::Text(Cow::Borrowed(check))));
}
