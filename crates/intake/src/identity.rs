//! Which entries are one person's.
//!
//! By the same `driver_id`, else by the same licence, else by the same name and birth date. A named insured has no birth date:
//! by name, where only one person may be meant. Whoever is told apart by a birth date, or by the letter of a second first name,
//! stays apart. What counts is what entries say, not their order.

use std::collections::{HashMap, HashSet};

use crate::{
    bearers::Bearers,
    called::{Called, plain},
    cell::Row,
    name::Name as N,
    read::Placed,
};

/// One entry, as it is told from others.
struct Entry<'e> {
    /// Of drivers.
    driver: Option<&'e str>,
    licence: Option<String>,
    state: Option<String>,
    born: Option<&'e str>,
    called: Option<Called>,
}

/// For each of `entries`, the first of those that are the same person's.
#[must_use]
pub fn of(entries: &[&Placed<'_>]) -> Vec<usize> {
    let entries: Vec<Entry<'_>> = entries.iter().map(|placed| Entry::of(placed)).collect();
    let mut same = Groups((0..entries.len()).collect());
    by_driver(&mut same, &entries);
    by_birth(&mut same, &entries);
    by_licence(&mut same, &entries);
    by_name(&mut same, &entries);
    (0..entries.len()).map(|at| same.first(at)).collect()
}

impl<'e> Entry<'e> {
    fn of(placed: &'e Placed<'_>) -> Self {
        let row: &'e Row<'_> = &placed.row;
        let is_driver = placed.schema.id == Some(N::driver_id);
        let is_number = |text: &String| text.len() > 3 && text.bytes().any(|byte| byte.is_ascii_digit());
        Self {
            driver: row.text(N::driver_id).filter(|_| is_driver),
            licence: row.text(N::drivers_license).map(plain).filter(is_number),
            state: row.text(N::drivers_license_state).map(plain),
            born: row.text(N::date_of_birth),
            called: Called::of(row),
        }
    }

    /// Whether it is told by more than a name.
    fn is_told(&self) -> bool {
        self.driver.is_some() || self.licence.is_some() || (self.born.is_some() && self.called.is_some())
    }

    fn key(&self) -> Option<&str> {
        self.called.as_ref().map(|called| called.key.as_str())
    }

    fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }
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

    fn join_all(&mut self, pairs: Vec<(usize, usize)>) {
        pairs.into_iter().for_each(|(one, other)| self.join(one, other));
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.first(one), self.first(other));
        let (first, second) = (one.min(other), one.max(other));
        self.0[second] = first;
    }
}

fn by_driver(same: &mut Groups, entries: &[Entry<'_>]) {
    let mut known: HashMap<&str, usize> = HashMap::new();
    for (at, entry) in entries.iter().enumerate() {
        if let Some(driver) = entry.driver {
            same.join(*known.entry(driver).or_insert(at), at);
        }
    }
}

/// The same name and birth date, and no other letter of a second first name: of those without one the only that there is.
fn by_birth(same: &mut Groups, entries: &[Entry<'_>]) {
    let told = || {
        let all = entries.iter().enumerate();
        all.filter_map(|(at, entry)| Some((at, entry.called.as_ref()?, entry.born?)))
    };
    let mut known: HashMap<(&str, &str, Option<char>), usize> = HashMap::new();
    for (at, called, born) in told() {
        same.join(*known.entry((&called.key, born, called.middle)).or_insert(at), at);
    }
    let mut of_day: HashMap<&str, Bearers<'_, char>> = HashMap::new();
    for (at, called, born) in told().filter(|(_, called, _)| called.middle.is_some()) {
        of_day.entry(born).or_default().add(&called.key, called.middle, same.first(at));
    }
    let short = told().filter(|(_, called, _)| called.middle.is_none());
    let joined =
        short.filter_map(|(at, called, born)| Some((of_day.get(born)?.only(&called.key, None)?, at)));
    same.join_all(joined.collect());
}

/// The same licence and birth date; without one, by name the only that the licence may be of. Of another state it is another.
fn by_licence(same: &mut Groups, entries: &[Entry<'_>]) {
    let of_licence = || {
        let all = entries.iter().enumerate();
        all.filter_map(|(at, entry)| Some((at, entry, entry.licence.as_deref()?)))
    };
    let mut known: HashMap<(&str, &str, Option<&str>), usize> = HashMap::new();
    for (at, entry, licence) in of_licence() {
        if let Some(born) = entry.born {
            same.join(*known.entry((licence, born, entry.state())).or_insert(at), at);
        }
    }
    let mut of_day: HashMap<&str, Bearers<'_, &str>> = HashMap::new();
    for (at, entry, licence) in of_licence() {
        if let (Some(born), Some(state)) = (entry.born, entry.state()) {
            of_day.entry(licence).or_default().add(born, Some(state), same.first(at));
        }
    }
    let without_state = of_licence().filter(|(_, entry, _)| entry.state().is_none());
    let joined = without_state
        .filter_map(|(at, entry, licence)| Some((of_day.get(licence)?.only(entry.born?, None)?, at)));
    same.join_all(joined.collect());

    let mut named: HashMap<&str, Bearers<'_, &str>> = HashMap::new();
    for (at, entry, licence) in of_licence().filter(|(_, entry, _)| entry.born.is_some()) {
        let (group, bearers) = (same.first(at), named.entry(licence).or_default());
        bearers.add("", entry.state(), group);
        if let Some(key) = entry.key() {
            bearers.add(key, entry.state(), group);
        }
    }
    let mut alike: HashMap<(&str, Option<&str>, Option<&str>), usize> = HashMap::new();
    let mut joined = Vec::new();
    for (at, entry, licence) in of_licence().filter(|(_, entry, _)| entry.born.is_none()) {
        let bearers = named.get(licence);
        let only = bearers.and_then(|bearers| bearers.only(entry.key().unwrap_or_default(), entry.state()));
        let alike = alike.entry((licence, entry.key(), entry.state())).or_insert(at);
        joined.push((only.unwrap_or(*alike), at));
    }
    same.join_all(joined);
}

/// A name alone counts where it may be one's only: of those that are told by more, else of those that have nothing else.
fn by_name(same: &mut Groups, entries: &[Entry<'_>]) {
    let named = || {
        let all = entries.iter().enumerate();
        all.filter_map(|(at, entry)| Some((at, entry.called.as_ref()?, entry.is_told())))
    };
    // Who has a letter in one entry has it in all.
    let lettered: HashSet<(usize, &str)> = named()
        .filter(|(_, called, is_told)| *is_told && called.middle.is_some())
        .map(|(at, called, _)| (same.first(at), called.key.as_str()))
        .collect();
    let mut bearers = Bearers::default();
    for (at, called, _) in named().filter(|(.., is_told)| *is_told) {
        let group = same.first(at);
        if called.middle.is_some() || !lettered.contains(&(group, called.key.as_str())) {
            bearers.add(&called.key, called.middle, group);
        }
    }
    let mut letters: HashMap<&str, HashSet<char>> = HashMap::new();
    let untold: Vec<(usize, &Called)> =
        named().filter(|(.., is_told)| !is_told).map(|(at, called, _)| (at, called)).collect();
    for (_, called) in &untold {
        letters.entry(&called.key).or_default().extend(called.middle);
    }
    let mut alike: HashMap<(&str, Option<char>), usize> = HashMap::new();
    let (full, short): (Vec<_>, Vec<_>) = untold.into_iter().partition(|(_, called)| called.middle.is_some());
    let mut others = Vec::new();
    for (at, called) in full {
        let key = called.key.as_str();
        // One who has no letter is not claimed by several of them.
        let is_contested = letters[key].len() > 1;
        let by_letter = bearers.only(key, called.middle);
        let by_letter = by_letter.filter(|who| !is_contested || !bearers.is_without_mark(key, *who));
        let by_key = || bearers.only(key, None).filter(|_| called.is_guess && !is_contested);
        match by_letter.or_else(by_key) {
            Some(who) => same.join(who, at),
            None => {
                let first = *alike.entry((key, called.middle)).or_insert(at);
                same.join(first, at);
                others.push((called, first));
            }
        }
    }
    for (called, first) in others {
        bearers.add(&called.key, called.middle, first);
    }
    for (at, called) in short {
        let only = bearers.only(&called.key, None);
        same.join(only.unwrap_or_else(|| *alike.entry((&called.key, None)).or_insert(at)), at);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{
        cell::{Cell, Row},
        name::Name as N,
        read::Placed,
        schema::{DRIVER, NAMED_INSURED},
    };

    /// A driver, or where there is no `driver_id` an insured: names, licence, state, birth date.
    #[derive(Debug, Clone, Copy)]
    struct Said {
        driver: &'static str,
        full: &'static str,
        licence: &'static str,
        state: &'static str,
        born: &'static str,
    }

    const fn driver(driver: &'static str, full: &'static str) -> Said {
        Said { driver, full, licence: "", state: "", born: "" }
    }

    const fn insured(full: &'static str) -> Said {
        driver("", full)
    }

    const fn licensed(full: &'static str, licence: &'static str, born: &'static str) -> Said {
        Said { driver: "", full, licence, state: "", born }
    }

    fn placed(said: &Said) -> Placed<'static> {
        let mut row = Row::default();
        let columns = [
            (N::driver_id, said.driver),
            (N::full_name, said.full),
            (N::drivers_license, said.licence),
            (N::drivers_license_state, said.state),
            (N::date_of_birth, said.born),
        ];
        for (column, text) in columns {
            row.set(column, Some(text).filter(|text| !text.is_empty()).map(Cell::from));
        }
        let schema = if said.driver.is_empty() && said.licence.is_empty() { &NAMED_INSURED } else { &DRIVER };
        Placed { schema, parent: None, source: String::new(), row }
    }

    /// Which are one, as a number each, in the order of `all`.
    fn groups(all: &[Said]) -> Vec<usize> {
        let rows: Vec<Placed<'_>> = all.iter().map(placed).collect();
        super::of(&rows.iter().collect::<Vec<_>>())
    }

    fn count(all: &[Said]) -> usize {
        groups(all).iter().enumerate().filter(|(at, first)| at == *first).count()
    }

    #[test]
    fn a_letter_of_a_second_first_name_tells_apart() {
        let names = |names: &[&'static str]| names.iter().map(|name| insured(name)).collect::<Vec<_>>();
        for (entries, expected, why) in [
            (names(&["John A Smith", "John B Smith", "Smith, John A."]), 2, "another letter"),
            (names(&["John Smith", "John A Smith"]), 1, "the only one"),
            (names(&["John Smith", "John A Smith", "John B Smith"]), 3, "either may be meant"),
            (
                vec![driver("d", "John Smith"), insured("John A Smith"), insured("John B Smith")],
                3,
                "contested",
            ),
            (vec![driver("d", "John A Smith"), insured("John B Smith"), insured("John Smith")], 3, "either"),
            (
                vec![driver("d", "Clark J Kent"), insured("Clark Joseph Kent"), insured("CLARK KENT")],
                1,
                "one letter",
            ),
            (vec![driver("d", "Maria E Lopez"), insured("Maria Garcia Lopez")], 1, "it may be a last name"),
            (names(&["Kent Plumbing LLC", "Kent Painting LLC"]), 2, "businesses"),
            (
                vec![licensed("John A Smith", "", "1980-01-02"), licensed("John B Smith", "", "1980-01-02")],
                2,
                "twins",
            ),
            (
                vec![licensed("John A Smith", "", "1980-01-02"), licensed("John Smith", "", "1980-01-02")],
                1,
                "no twins",
            ),
        ] {
            assert_eq!(count(&entries), expected, "{why}: {entries:?}");
        }
    }

    #[test]
    fn a_licence_is_of_who_is_born_on_its_day() {
        let (son, father) = (
            licensed("John Smith", "S1234567", "1980-01-02"),
            licensed("John Smith", "S1234567", "1950-03-04"),
        );
        let (none, mary) = (licensed("John Smith", "S1234567", ""), licensed("Mary Smith", "S1234567", ""));
        assert_eq!(count(&[son, father]), 2);
        assert_eq!(count(&[son, none]), 1);
        assert_eq!(count(&[son, father, none]), 3, "either may be meant");
        assert_eq!(count(&[son, none, mary]), 2);
        assert_eq!(count(&[none, mary, none]), 2);
    }

    fn said() -> impl Strategy<Value = Said> {
        let full = prop::sample::select(vec![
            "",
            "John Smith",
            "John A Smith",
            "John B Smith",
            "John Adam Smith",
            "Smith, John",
            "Mary Smith",
            "Acme LLC",
        ]);
        let driver = prop::sample::select(vec!["", "", "d1", "d2"]);
        let licence = prop::sample::select(vec!["", "S1234567", "S-123 4567", "T7654321"]);
        let born = prop::sample::select(vec!["", "1980-01-02", "1950-03-04"]);
        let state = prop::sample::select(vec!["", "NY", "NJ"]);
        (driver, full, licence, state, born).prop_map(|(driver, full, licence, state, born)| Said {
            driver,
            full,
            licence,
            state,
            born,
        })
    }

    proptest! {
        #[test]
        fn who_is_one_does_not_depend_on_the_order(
            all in prop::collection::vec(said(), 1..8),
            order in prop::collection::vec(any::<u16>(), 8),
        ) {
            let mut places: Vec<usize> = (0..all.len()).collect();
            places.sort_by_key(|at| order[*at]);
            let shuffled: Vec<Said> = places.iter().map(|at| all[*at]).collect();
            let (one, other) = (groups(&all), groups(&shuffled));
            for (a, at) in places.iter().enumerate() {
                for (b, bt) in places.iter().enumerate() {
                    prop_assert_eq!(one[*at] == one[*bt], other[a] == other[b], "{:?} and {:?}", all[*at], all[*bt]);
                }
            }
        }
    }
}
