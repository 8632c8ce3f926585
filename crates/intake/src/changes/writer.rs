//! A change of a row, written: its values as the model shows them, what is left out of them, and its sentence.

use std::{borrow::Cow, slice};

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::{
    change::Change,
    kind::ChangeKind,
    pairs::BOTH,
    sentence::{self, Told},
    side::{Place, Side, ids},
};
use crate::{
    cell::Row,
    json::{Shown, Written},
    name::Name as N,
    redact::Redact,
    table::{Column, Part},
};

/// A row in both models, or in one.
pub type Rows = [Option<Place>; 2];

/// Writes the changes of a row.
pub struct Writer<'w, 'm> {
    pub sides: &'w [Side<'m>; 2],
    pub redact: Redact,
    pub rows: Rows,
}

impl<'m> Writer<'_, 'm> {
    /// The row of each model that has it, the newer first.
    fn newest(&self) -> impl Iterator<Item = (&Side<'m>, Place)> {
        BOTH.into_iter().rev().filter_map(|side| Some((&self.sides[side], self.rows[side]?)))
    }

    fn row(&self, side: usize) -> Option<&'m Row<'m>> {
        self.rows[side].map(|place| self.sides[side].row(place))
    }

    /// A column's values, of the object `within` where it is one's.
    pub fn values(&self, column: &Column, within: Option<N>) -> [Box<RawValue>; 2] {
        BOTH.map(|side| {
            let row = self.row(side);
            let row = within.map_or(row, |within| row.and_then(|row| row.object(within)));
            let mut shown = Row::default();
            shown.set(column.name, row.and_then(|row| row.get(column.name)).cloned());
            self.redact.row(&mut shown, slice::from_ref(column));
            raw(&Shown(column, shown.get(column.name)))
        })
    }

    /// The whole rows.
    pub fn whole(&self) -> [Box<RawValue>; 2] {
        BOTH.map(|side| {
            let Some(place) = self.rows[side] else { return raw(&()) };
            let mut row = self.sides[side].row(place).clone();
            self.redact.row(&mut row, place.0.columns());
            raw(&Written(&row, place.0.columns()))
        })
    }

    pub fn change(
        &self,
        change: ChangeKind,
        column: Option<Cow<'static, str>>,
        told: &Told<'_>,
        [before, after]: [Box<RawValue>; 2],
    ) -> Option<Change> {
        let (side, place) = self.newest().next()?;
        let [source_before, source_after] = BOTH.map(|side| text(self.row(side)?, N::source));
        let policy_id = self.newest().find_map(|(side, place)| {
            let policy = side.policy(place).and_then(|policy| text(side.row(policy), N::policy_id));
            policy.or_else(|| text(side.row(place), N::policy_id))
        });
        Some(Change {
            change,
            part: place.0,
            policy_id,
            row_id: self.newest().find_map(|(side, place)| row_id(place.0, side.row(place))),
            column,
            before,
            after,
            sentence: sentence::of(side, place, change, told),
            source_before,
            source_after,
        })
    }
}

fn text(row: &Row<'_>, column: N) -> Option<String> {
    row.text(column).map(str::to_owned)
}

/// Canopy's id of a row: of a person, the first that an entry of theirs has.
fn row_id(part: Part, row: &Row<'_>) -> Option<String> {
    let columns: &[N] = match part {
        Part::People => &[N::driver_ids, N::named_insured_ids, N::commercial_named_insured_ids],
        Part::Drivers => &[N::driver_id],
        _ => part.table().id.as_slice(),
    };
    columns.iter().find_map(|column| ids(row, *column).first().map(|id| (*id).to_owned()))
}

/// A value as JSON.
pub fn raw(value: &impl Serialize) -> Box<RawValue> {
    to_raw_value(value).expect("a row is plain data")
}
