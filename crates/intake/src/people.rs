//! Each person once, whoever names them and how often: the carrier's entry and the consumer's of one person become one.

use std::{
    borrow::Cow,
    cmp::Reverse,
    collections::{HashMap, HashSet},
    fmt::{self, Write},
    hash::{DefaultHasher, Hasher},
};

use crate::{
    cell::{Cell, Row, RowId},
    identity,
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

/// The persons of `reading`.
#[must_use]
pub fn of(reading: &Reading<'_>) -> People {
    let ids: Vec<RowId> = reading.ids().filter(|id| role(reading[*id].schema).is_some()).collect();
    let placed: Vec<&Placed<'_>> = ids.iter().map(|id| &reading[*id]).collect();
    let mut numbers: HashMap<usize, usize> = HashMap::new();
    let entries = ids.iter().zip(identity::of(&placed)).map(|(id, first)| {
        let next = numbers.len();
        (*id, *numbers.entry(first).or_insert(next))
    });
    let entries: Vec<_> = entries.collect();
    let mut believed: Vec<usize> = (0..entries.len()).collect();
    believed.sort_by_cached_key(|at| rank(placed[*at]));
    People { entries, count: numbers.len(), believed }
}

/// Who is believed before whom: a driver's entry before a vehicle's and an insured's, then who says more, then by what is said, so
/// that their order tells nothing.
fn rank(placed: &Placed<'_>) -> (usize, Reverse<usize>, u64) {
    const ORDER: [&Schema; 4] = [&DRIVER, &VEHICLE_DRIVER, &NAMED_INSURED, &COMMERCIAL_NAMED_INSURED];
    let at = ORDER.iter().position(|schema| schema.is(placed.schema)).unwrap_or(ORDER.len());
    let said = placed.row.cells().filter(|(column, _)| placed.schema.id != Some(*column));
    let mut said: Vec<(N, &Cell<'_>)> = said.collect();
    said.sort_by_key(|(column, _)| *column);
    let mut hash = Hash(DefaultHasher::new());
    let written = said.iter().try_for_each(|(column, cell)| write!(hash, "{column}{cell:?}"));
    written.expect("a hash takes whatever is written");
    (at, Reverse(said.len()), hash.0.finish())
}

/// What is written, as its hash.
struct Hash(DefaultHasher);

impl fmt::Write for Hash {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

fn role(schema: &'static Schema) -> Option<&'static (&'static Schema, &'static str, N)> {
    ROLES.iter().find(|(its, ..)| its.is(schema))
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
        let mut places: HashMap<([Option<&str>; 3], usize), usize> = HashMap::new();
        // Whom carrier and consumer name is linked once: as the one says who is believed first.
        for at in &self.believed {
            let (id, person) = self.entries[*at];
            let placed = &reading[id];
            if !is_one(placed.schema) {
                continue;
            }
            let [policy, vehicle] = [N::policy_id, N::vehicle_id].map(|column| reading.link(id, column));
            let holders = [policy, vehicle, placed.row.text(N::location_id)];
            let place = *places.entry((holders, person)).or_insert_with(|| {
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

    /// The first entry that `is_meant`.
    pub fn first<'r, 'a>(
        &self,
        reading: &'r Reading<'a>,
        is_meant: impl Fn(&Placed<'a>) -> bool,
    ) -> Option<(Cell<'static>, &'r Placed<'a>)> {
        let found = self.entries.iter().find(|(id, _)| is_meant(&reading[*id]));
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
        let text = r#"{"pull":{"claims":[{"driver_id":"a"},{"driver_id":"b"}],"policies":[{"policy_id":"p",
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
        let claims: Vec<_> = model.part(Part::Claims).iter().map(|row| row.text(N::person_id)).collect();
        assert_eq!(claims, [Some("person-1"); 2], "whichever entry a claim names");
        assert_eq!(model.part(Part::People)[0].texts(N::driver_ids).count(), 2);
    }

    #[test]
    fn an_insured_of_two_locations_is_linked_to_both() {
        let text = r#"{"pull":{"policies":[{"policy_id":"p","commercial_named_insureds":[
            {"name":"Acme","location_id":"l1"},{"name":"Acme","location_id":"l2"}]}]}}"#;
        let model = crate::model::Model::of(text).unwrap();
        let locations: Vec<_> =
            model.part(Part::Insureds).iter().map(|row| row.text(N::location_id)).collect();
        assert_eq!((locations, model.part(Part::People).len()), (vec![Some("l1"), Some("l2")], 1));
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
    }
}
