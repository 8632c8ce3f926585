//! Who drives in one model, and in the other not.

use std::collections::HashSet;

use super::{
    pairs::{BOTH, Pairs},
    side::Place,
};
use crate::{name::Name as N, table::Part};

/// People of each model that drive in the other, too, or whose first row was seen.
pub struct Newcomers([HashSet<usize>; 2]);

impl Newcomers {
    pub fn of(pairs: &Pairs<'_>) -> Self {
        Self(BOTH.map(|side| {
            let common = |side: usize, person| pairs.common(side, (Part::People, person));
            let other = 1 - side;
            let rows = 0..pairs.sides[other].model.part(Part::Drivers).len();
            let theirs = rows.filter_map(|at| common(other, person(pairs, other, (Part::Drivers, at))?));
            let theirs: HashSet<usize> = theirs.collect();
            let people = 0..pairs.sides[side].model.part(Part::People).len();
            people.filter(|person| common(side, *person).is_some_and(|at| theirs.contains(&at))).collect()
        }))
    }

    /// Whether a driver's row is the first of somebody who does not drive in the other model.
    pub fn is_first(&mut self, pairs: &Pairs<'_>, side: usize, place: Place) -> bool {
        person(pairs, side, place).is_some_and(|person| self.0[side].insert(person))
    }
}

fn person(pairs: &Pairs<'_>, side: usize, place: Place) -> Option<usize> {
    let id = pairs.sides[side].row(place).text(N::person_id)?;
    pairs.sides[side].named(Part::People, id)
}
