//! Who is who: each person once, whoever names them and how often.
//!
//! Entries are one person's by the same `driver_id`, else by the same licence, else by the same name and birth date. A named
//! insured has no birth date: by name, where only one person is called so; with another letter of a second first name it is another.
//! The carrier's entry and the consumer's of one person become one; whoever is told apart by a birth date stays apart.

use std::{
    borrow::Cow,
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

use crate::{
    called::{Bearers, Called, plain},
    cell::{Cell, Row, RowId},
    name::Name as N,
    read::{Placed, Reading},
    schema::{COMMERCIAL_NAMED_INSURED, DRIVER, NAMED_INSURED, Schema, VEHICLE_DRIVER},
    table::Part,
};

/// What an entry is, with the column that its ids stand in.
const ROLES: &[(&Schema, &str, N)] = &[
    (&NAMED_INSURED, "NAMED_INSURED", N::named_insured_ids),
    (&DRIVER, "DRIVER", N::driver_ids),
    (&VEHICLE_DRIVER, "DRIVER", N::driver_ids),
    (&COMMERCIAL_NAMED_INSURED, "COMMERCIAL_NAMED_INSURED", N::commercial_named_insured_ids),
];

/// The persons of a pull.
#[derive(Debug)]
pub struct People {
    /// Entries with the person that each is of.
    entries: Vec<(RowId, usize)>,
    /// How many persons there are.
    count: usize,
    /// The entries, whoever is believed before others first.
    believed: Vec<usize>,
}

/// What entries are known by.
#[derive(PartialEq, Eq, Hash, Clone)]
enum Key {
    Driver(String),
    Licence(String),
    Born(String, String),
}

/// Most entries of one licence that another is held against.
const MAX_BEARERS: usize = 8;

/// The persons of `reading`.
#[must_use]
pub fn of(reading: &Reading<'_>) -> People {
    let ids: Vec<RowId> = reading.ids().filter(|id| role(reading[*id].schema).is_some()).collect();
    let row = |at: usize| &reading[ids[at]].row;
    let keys: Vec<Vec<Key>> = ids.iter().map(|id| keys(&reading[*id])).collect();
    let called: Vec<Option<Called>> = ids.iter().map(|id| Called::of(&reading[*id].row)).collect();
    // Those that are told apart by more than a name come first.
    let mut same = Groups((0..ids.len()).collect());
    let mut known: HashMap<&Key, Vec<usize>> = HashMap::new();
    for (at, keys) in keys.iter().enumerate() {
        for key in keys {
            let others = known.entry(key).or_default();
            let is_licence = matches!(key, Key::Licence(_));
            let most = if is_licence { MAX_BEARERS } else { 1 };
            for other in others.iter() {
                if !is_licence || may_be_one(row(*other), row(at)) {
                    same.join(*other, at);
                }
            }
            if others.len() < most {
                others.push(at);
            }
        }
    }
    by_name(&mut same, &called, |at| !keys[at].is_empty());
    let mut numbers: HashMap<usize, usize> = HashMap::new();
    let entries = ids.iter().enumerate().map(|(at, id)| {
        let next = numbers.len();
        (*id, *numbers.entry(same.first(at)).or_insert(next))
    });
    let entries: Vec<_> = entries.collect();
    let mut believed: Vec<usize> = (0..entries.len()).collect();
    believed.sort_by_cached_key(|at| rank(&reading[ids[*at]]));
    People { entries, count: numbers.len(), believed }
}

/// A name alone counts where it may be one's only: of those that are told by more, else of those that have nothing else.
fn by_name(same: &mut Groups, called: &[Option<Called>], is_told: impl Fn(usize) -> bool) {
    let named = || called.iter().enumerate().filter_map(|(at, called)| Some((at, called.as_ref()?)));
    let with_middle: HashSet<(usize, &str)> = named()
        .filter(|(at, called)| is_told(*at) && called.middle.is_some())
        .map(|(at, called)| (same.first(at), called.key.as_str()))
        .collect();
    let mut told = Bearers::default();
    for (at, called) in named().filter(|(at, _)| is_told(*at)) {
        let group = same.first(at);
        if called.middle.is_some() || !with_middle.contains(&(group, called.key.as_str())) {
            told.add(called, group);
        }
    }
    let mut untold = Bearers::default();
    let mut alike: HashMap<(&str, Option<char>), usize> = HashMap::new();
    let (full, short): (Vec<_>, Vec<_>) =
        named().filter(|(at, _)| !is_told(*at)).partition(|(_, called)| called.middle.is_some());
    for (at, called) in full.into_iter().chain(short) {
        let other = told.only(called).or_else(|| untold.only(called).filter(|_| !told.knows(called)));
        let first = *alike.entry((&called.key, called.middle)).or_insert(at);
        same.join(other.unwrap_or(first), at);
        if other.is_none() && called.middle.is_some() {
            untold.add(called, first);
        }
    }
}

/// Who is believed before whom, however they are ordered and numbered: a driver's entry before a vehicle's and an insured's, then
/// who says more, then by what is said.
fn rank(placed: &Placed<'_>) -> (usize, Reverse<usize>, String) {
    const ORDER: [&Schema; 4] = [&DRIVER, &VEHICLE_DRIVER, &NAMED_INSURED, &COMMERCIAL_NAMED_INSURED];
    let at = ORDER.iter().position(|schema| schema.is(placed.schema)).unwrap_or(ORDER.len());
    let said = placed.row.cells().filter(|(column, _)| placed.schema.id != Some(*column));
    let mut said: Vec<(N, String)> = said.map(|(column, cell)| (column, format!("{cell:?}"))).collect();
    said.sort();
    (at, Reverse(said.len()), format!("{said:?}"))
}

/// Groups of entries, each named by its first.
struct Groups(Vec<usize>);

impl Groups {
    fn first(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.first(one), self.first(other));
        let (first, second) = (one.min(other), one.max(other));
        self.0[second] = first;
    }
}

fn role(schema: &'static Schema) -> Option<&'static (&'static Schema, &'static str, N)> {
    ROLES.iter().find(|(its, ..)| its.is(schema))
}

fn keys(placed: &Placed<'_>) -> Vec<Key> {
    let row = &placed.row;
    let mut keys = Vec::new();
    if placed.schema.id == Some(N::driver_id) {
        keys.extend(row.text(N::driver_id).map(|id| Key::Driver(id.to_owned())));
    }
    let is_number = |text: &String| text.len() > 3 && text.bytes().any(|byte| byte.is_ascii_digit());
    keys.extend(row.text(N::drivers_license).map(plain).filter(is_number).map(Key::Licence));
    let born = row.text(N::date_of_birth).map(str::to_owned);
    keys.extend(Called::of(row).zip(born).map(|(called, born)| Key::Born(called.key, born)));
    keys
}

/// Whether who has the same licence may be the same: not with another birth date, of another state, or by another name where
/// no birth date says so.
fn may_be_one(one: &Row<'_>, other: &Row<'_>) -> bool {
    let both = |column| one.text(column).zip(other.text(column));
    let same_day = both(N::date_of_birth).map(|(one, other)| one == other);
    let same_state =
        both(N::drivers_license_state).is_none_or(|(one, other)| one.eq_ignore_ascii_case(other));
    let same_name = Called::of(one).zip(Called::of(other)).is_none_or(|(one, other)| one.key == other.key);
    same_state && same_day.unwrap_or(same_name)
}

/// A person's id: of this pull alone, in the order in which they are named.
fn person_id(number: usize) -> Cell<'static> {
    Cell::from(format!("person-{}", number + 1))
}

impl People {
    /// One row for each person.
    #[must_use]
    pub fn rows<'a>(&self, reading: &Reading<'a>) -> Vec<Row<'a>> {
        let mut rows: Vec<Row<'a>> = (0..self.count)
            .map(|number| {
                let mut row = Row::default();
                row.set(N::person_id, person_id(number));
                row
            })
            .collect();
        for (id, person) in self.believed.iter().map(|at| &self.entries[*at]) {
            let (placed, row) = (&reading[*id], &mut rows[*person]);
            for (column, cell) in placed.row.cells() {
                // Whoever is believed first; the others add what that one left out.
                if Part::People.has(column) && row.get(column).is_none() {
                    row.set(column, cell.clone());
                }
            }
        }
        let mut seen: HashSet<(usize, N, &str)> = HashSet::new();
        for (id, person) in &self.entries {
            let (placed, row) = (&reading[*id], &mut rows[*person]);
            let Some((schema, role, ids)) = role(placed.schema) else { continue };
            if seen.insert((*person, N::roles, *role)) {
                row.push(N::roles, Cow::Borrowed(*role));
            }
            row.push(N::sources, Cow::Owned(placed.source.clone()));
            if let Some(id) = schema.id.and_then(|id| placed.row.text(id))
                && seen.insert((*person, *ids, id))
            {
                row.push(*ids, Cow::Owned(id.to_owned()));
            }
            if row.get(N::source).is_none() {
                row.set(N::source, Cell::from(placed.source.clone()));
            }
        }
        rows
    }

    /// Who is insured by which policy.
    #[must_use]
    pub fn insureds<'a>(&self, reading: &Reading<'a>) -> Vec<Row<'a>> {
        let is_insured =
            |schema: &'static Schema| schema.is(&NAMED_INSURED) || schema.is(&COMMERCIAL_NAMED_INSURED);
        let taken = [N::is_primary_named_insured, N::location_id];
        self.links(reading, is_insured, &taken)
    }

    /// Who drives which vehicle.
    #[must_use]
    pub fn drivers<'a>(&self, reading: &Reading<'a>) -> Vec<Row<'a>> {
        let is_driver = |schema: &'static Schema| schema.is(&DRIVER) || schema.is(&VEHICLE_DRIVER);
        self.links(reading, is_driver, &[N::driver_id, N::is_primary, N::is_excluded])
    }

    fn links<'a>(
        &self,
        reading: &Reading<'a>,
        is_one: impl Fn(&'static Schema) -> bool,
        taken: &[N],
    ) -> Vec<Row<'a>> {
        let mut rows: Vec<(usize, Row<'a>)> = Vec::new();
        let mut places: HashMap<(Option<&str>, Option<&str>, usize), usize> = HashMap::new();
        // Whom carrier and consumer name is linked once: as the one says who is believed first.
        for at in &self.believed {
            let (id, person) = self.entries[*at];
            let placed = &reading[id];
            if !is_one(placed.schema) {
                continue;
            }
            let [policy, vehicle] = [N::policy_id, N::vehicle_id].map(|column| reading.link(id, column));
            let place = *places.entry((policy, vehicle, person)).or_insert_with(|| {
                let mut row = Row::default();
                row.set(N::policy_id, policy.map(|id| Cell::from(id.to_owned())));
                row.set(N::vehicle_id, vehicle.map(|id| Cell::from(id.to_owned())));
                row.set(N::person_id, person_id(person));
                row.set(N::source, Cell::from(placed.source.clone()));
                rows.push((*at, row));
                rows.len() - 1
            });
            let row = &mut rows[place].1;
            for column in taken {
                let is_more = row.get(*column).is_none() || placed.row.is(*column);
                if let Some(cell) = placed.row.get(*column).filter(|_| is_more) {
                    row.set(*column, cell.clone());
                }
            }
        }
        rows.sort_by_key(|(at, _)| *at);
        rows.into_iter().map(|(_, row)| row).collect()
    }

    /// Of the entries that are meant, the one that is believed first.
    pub fn first<'r, 'a>(
        &self,
        reading: &'r Reading<'a>,
        is_meant: impl Fn(&Placed<'a>) -> bool,
    ) -> Option<(Cell<'static>, &'r Placed<'a>)> {
        let mut entries = self.believed.iter().map(|at| &self.entries[*at]);
        let found = entries.find(|(id, _)| is_meant(&reading[*id]));
        found.map(|(id, person)| (person_id(*person), &reading[*id]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(drivers: &str, insureds: &str) -> usize {
        let text =
            format!(r#"{{"pull":{{"drivers":[{drivers}],"policies":[{{"named_insureds":[{insureds}]}}]}}}}"#);
        crate::model::Model::of(&text).unwrap().part(Part::People).len()
    }

    /// Rows without what says where they stand, so that orders can be compared.
    fn shown(model: &crate::model::Model<'_>, part: Part) -> Vec<String> {
        let is_kept = |column: &N| !matches!(column, N::source | N::sources | N::person_id | N::roles);
        let mut rows: Vec<String> = model
            .part(part)
            .iter()
            .map(|row| {
                let mut cells: Vec<String> = row
                    .cells()
                    .filter(|(column, _)| is_kept(column))
                    .map(|(column, cell)| format!("{column}: {cell:?}"))
                    .collect();
                cells.sort();
                cells.join(", ")
            })
            .collect();
        rows.sort();
        rows
    }

    #[test]
    fn who_is_believed_does_not_depend_on_the_order() {
        let entries = [
            r#"{"first_name":"Clark","last_name":"Kent","drivers_license":"K1234","occupation":"Reporter"}"#,
            r#"{"first_name":"Clark","last_name":"Kent","drivers_license":"K1234","occupation":"Superhero","age_licensed":16}"#,
            r#"{"first_name":"CLARK","last_name":"KENT","drivers_license":"K-1234","occupation":"Editor"}"#,
        ];
        let of = |order: [usize; 3]| {
            let drivers: Vec<&str> = order.iter().map(|at| entries[*at]).collect();
            let drivers = drivers.join(",");
            format!(
                r#"{{"pull":{{"drivers":[{drivers}],"policies":[{{"vehicles":[{{"drivers":[{drivers}]}}]}}]}}}}"#
            )
        };
        let first = of([0, 1, 2]);
        let first = crate::model::Model::of(&first).unwrap();
        assert_eq!(first.part(Part::People)[0].text(N::occupation), Some("Superhero"));
        for order in [[0, 2, 1], [1, 0, 2], [2, 1, 0]] {
            let other = of(order);
            let other = crate::model::Model::of(&other).unwrap();
            for part in [Part::People, Part::Drivers] {
                assert_eq!(shown(&first, part), shown(&other, part), "{order:?}");
            }
        }
    }

    #[test]
    fn whom_carrier_and_consumer_name_is_linked_once() {
        let text = r#"{"pull":{"policies":[{"policy_id":"p",
            "named_insureds":[{"full_name":"Clark Kent"},{"full_name":"Kent, Clark","is_primary_named_insured":true}],
            "vehicles":[{"vehicle_id":"v","drivers":[
                {"driver_id":"a","first_name":"Clark","last_name":"Kent","drivers_license":"K1234","is_primary":true},
                {"driver_id":"b","first_name":"Clark","last_name":"Kent","drivers_license":"K1234","age":40,"is_excluded":true}]}]}]}}"#;
        let model = crate::model::Model::of(text).unwrap();
        let [insured] = model.part(Part::Insureds) else { panic!() };
        let [driver] = model.part(Part::Drivers) else { panic!() };
        assert!(
            insured.is(N::is_primary_named_insured) && driver.is(N::is_primary) && driver.is(N::is_excluded)
        );
        assert_eq!(driver.text(N::driver_id), Some("b"), "who says more");
        assert_eq!(model.part(Part::People)[0].texts(N::driver_ids).count(), 2);
    }

    #[test]
    fn whoever_is_told_apart_stays_apart() {
        let driver = |first: &str, born: &str, licence: &str, state: &str| {
            format!(
                r#"{{"driver_id":"{first}{born}","first_name":"{first}","last_name":"Smith","date_of_birth_str":"{born}","drivers_license":"{licence}","drivers_license_state":"{state}"}}"#
            )
        };
        let two = |one: String, other: String| people(&format!("{one},{other}"), "");
        let (john, day) = (driver("John", "01/02/1980", "S1234567", "NY"), "01/02/1980");
        assert_eq!(
            two(john.clone(), driver("Mary", "03/04/1982", "S1234567", "NY")),
            2,
            "another birth date"
        );
        assert_eq!(two(john.clone(), driver("Mary", "", "S1234567", "NY")), 2, "another name");
        assert_eq!(two(john.clone(), driver("Jon", day, "S1234567", "NJ")), 2, "another state");
        assert_eq!(two(driver("John", "", "UNLICENSED", ""), driver("Mary", "", "UNLICENSED", "")), 2);
        assert_eq!(
            two(john.clone(), driver("Jon", day, "S-123 4567", "NY")),
            1,
            "one licence, one birth date"
        );
        assert_eq!(people(&john, r#"{"full_name":"SMITH, JOHN Q"},{"full_name":"John Smith Jr"}"#), 2);
        let insured = |names: &[&str]| {
            let insureds = names.iter().map(|name| format!(r#"{{"full_name":"{name}"}}"#));
            people("", &insureds.collect::<Vec<_>>().join(","))
        };
        assert_eq!(insured(&["John A Smith", "John B Smith", "Smith, John A."]), 2, "another letter");
        assert_eq!(insured(&["John Smith", "John A Smith"]), 1);
        assert_eq!(insured(&["John Smith", "John A Smith", "John B Smith"]), 3, "either may be meant");
    }
}
