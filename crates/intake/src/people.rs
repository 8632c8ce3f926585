//! Who is who: each person once, whoever names them and how often.
//!
//! Entries are one person's by the same `driver_id`, else by the same licence, else by the same name and birth date. A named
//! insured has no birth date: by name, where only one person is called so. The carrier's entry and the consumer's of one
//! person become one; whoever is told apart by a birth date stays apart.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use crate::{
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
}

/// What entries are known by.
#[derive(PartialEq, Eq, Hash, Clone)]
enum Key {
    Driver(String),
    Licence(String),
    Born(String, String),
}

/// The persons of `reading`.
#[must_use]
pub fn of(reading: &Reading<'_>) -> People {
    let entries = || reading.ids().filter(|id| role(reading[*id].schema).is_some());
    let mut people = People { entries: entries().map(|id| (id, 0)).collect(), count: 0 };
    let mut known: HashMap<Key, usize> = HashMap::new();
    // Those that are told apart by more than a name come first.
    let mut same = Groups((0..people.entries.len()).collect());
    for (at, (id, _)) in people.entries.iter().enumerate() {
        for key in keys(&reading[*id]) {
            let is_licence = matches!(key, Key::Licence(_));
            let first = *known.entry(key).or_insert(at);
            let (one, other) = (&reading[people.entries[first].0].row, &reading[*id].row);
            if !is_licence || may_be_one(one, other) {
                same.join(first, at);
            }
        }
    }
    // A name alone counts where it is one group's only.
    let mut called: HashMap<String, Option<usize>> = HashMap::new();
    let is_told = |placed: &Placed<'_>| !keys(placed).is_empty();
    for (at, (id, _)) in people.entries.iter().enumerate() {
        if let Some(name) = full_name(&reading[*id].row).filter(|_| is_told(&reading[*id])) {
            let group = same.first(at);
            let whose = called.entry(name).or_insert(Some(group));
            let is_other = match *whose {
                Some(other) => same.first(other) != group,
                None => false,
            };
            if is_other {
                *whose = None;
            }
        }
    }
    let mut unnamed: HashMap<String, usize> = HashMap::new();
    for (at, (id, _)) in people.entries.iter().enumerate() {
        let Some(name) = full_name(&reading[*id].row).filter(|_| !is_told(&reading[*id])) else { continue };
        match called.get(&name) {
            Some(Some(group)) => same.join(*group, at),
            _ => same.join(*unnamed.entry(name).or_insert(at), at),
        }
    }
    let mut numbers: HashMap<usize, usize> = HashMap::new();
    for at in 0..people.entries.len() {
        let next = numbers.len();
        people.entries[at].1 = *numbers.entry(same.first(at)).or_insert(next);
    }
    people.count = numbers.len();
    people
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
    keys.extend(full_name(row).zip(born).map(|(name, born)| Key::Born(name, born)));
    keys
}

/// Whether who has the same licence may be the same: not with another birth date, of another state, or by another name where
/// no birth date says so.
fn may_be_one(one: &Row<'_>, other: &Row<'_>) -> bool {
    let both = |column| one.text(column).zip(other.text(column));
    let same_day = both(N::date_of_birth).map(|(one, other)| one == other);
    let same_state =
        both(N::drivers_license_state).is_none_or(|(one, other)| one.eq_ignore_ascii_case(other));
    let same_name = full_name(one).zip(full_name(other)).is_none_or(|(one, other)| one == other);
    same_state && same_day.unwrap_or(same_name)
}

/// What tells generations of one name apart.
const GENERATIONS: &[&str] = &["jr", "sr", "ii", "iii", "iv"];

/// First word and last word of a name, and its generation: without case, marks and what stands between.
pub(crate) fn full_name(row: &Row<'_>) -> Option<String> {
    let words = |text: &str| -> Vec<String> {
        text.split_whitespace().map(plain).filter(|word| !word.is_empty()).collect()
    };
    let named = row.text(N::first_name).zip(row.text(N::last_name));
    let mut words = match (named, row.text(N::full_name)) {
        (Some((first, last)), _) => [words(first), words(last)].concat(),
        (None, Some(full)) => match full.split_once(',') {
            // Of "Kent, Clark J" the last name comes first.
            Some((last, rest)) if !is_generation(&words(rest)) => {
                let mut first = words(rest);
                first.truncate(1);
                [first, words(last)].concat()
            }
            _ => words(full),
        },
        (None, None) => return Some(words(row.text(N::name)?).join(" ")).filter(|name| !name.is_empty()),
    };
    let generation = words.iter().position(|word| GENERATIONS.contains(&word.as_str())).filter(|at| *at > 0);
    let generation = generation.map(|at| words.remove(at));
    let (first, last) = (words.first()?.clone(), words.last().filter(|_| words.len() > 1).cloned());
    Some([Some(first), last, generation].into_iter().flatten().collect::<Vec<_>>().join(" "))
}

fn is_generation(words: &[String]) -> bool {
    words.first().is_none_or(|word| GENERATIONS.contains(&word.as_str()))
}

/// Its letters and digits alone, in small letters.
pub(crate) fn plain(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
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
        let mut seen: HashSet<(usize, N, &str)> = HashSet::new();
        for (id, person) in &self.entries {
            let (placed, row) = (&reading[*id], &mut rows[*person]);
            for (column, cell) in placed.row.cells() {
                // Whoever names them first is believed; the others add what that one left out.
                if Part::People.has(column) && row.get(column).is_none() {
                    row.set(column, cell.clone());
                }
            }
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
        let entries = self.entries.iter().filter(|(id, _)| is_one(reading[*id].schema));
        entries
            .map(|(id, person)| {
                let placed = &reading[*id];
                let mut row = Row::default();
                for column in [N::policy_id, N::vehicle_id] {
                    row.set(column, reading.link(*id, column).map(|id| Cell::from(id.to_owned())));
                }
                row.set(N::person_id, person_id(*person));
                for column in taken {
                    row.set(*column, placed.row.get(*column).cloned());
                }
                row.set(N::source, Cell::from(placed.source.clone()));
                row
            })
            .collect()
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

    #[test]
    fn a_name_is_the_same_however_it_is_written() {
        let of = |full: &str| {
            let mut row = Row::default();
            row.set(N::full_name, Cell::from(full.to_owned()));
            full_name(&row)
        };
        for full in ["Clark Kent", "CLARK JOSEPH KENT", "Kent, Clark J", "kent,clark"] {
            assert_eq!(of(full).as_deref(), Some("clark kent"), "{full}");
        }
        for full in ["Clark  Kent, Jr.", "Clark Kent Jr", "Kent Jr, Clark"] {
            assert_eq!(of(full).as_deref(), Some("clark kent jr"), "{full}");
        }
        assert_eq!(of("Cher").as_deref(), Some("cher"));
        assert_eq!((of(","), of(" - ")), (None, None));
        for (first, last, full) in [
            ("Maria", "De La Cruz", "Maria De La Cruz"),
            ("Mary Ann", "Smith", "Mary Ann Smith"),
            ("Clark", "Kent Sr", "Clark Kent Sr"),
        ] {
            let mut row = Row::default();
            row.set(N::first_name, Cell::from(first));
            row.set(N::last_name, Cell::from(last));
            assert_eq!(full_name(&row), of(full), "{full}");
        }
    }

    fn people(drivers: &str, insureds: &str) -> usize {
        let text =
            format!(r#"{{"pull":{{"drivers":[{drivers}],"policies":[{{"named_insureds":[{insureds}]}}]}}}}"#);
        crate::model::Model::of(&text).unwrap().part(Part::People).len()
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
