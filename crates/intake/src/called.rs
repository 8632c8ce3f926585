//! How people are called, and when two names may be one person's.

use std::collections::HashMap;

use crate::{cell::Row, name::Name as N};

/// A name as it is compared: without case, marks and what stands between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// First word and last word, and the generation; all words of a business.
    pub key: String,
    /// The first letter of a second first name.
    pub middle: Option<char>,
}

/// What tells generations of one name apart.
const GENERATIONS: &[&str] = &["jr", "sr", "ii", "iii", "iv"];

impl Called {
    /// Of who `row` names.
    #[must_use]
    pub fn of(row: &Row<'_>) -> Option<Self> {
        let named = row.text(N::first_name).zip(row.text(N::last_name));
        let (mut first, mut last) = match (named, row.text(N::full_name)) {
            (Some((first, last)), _) => (words(first), words(last)),
            (None, Some(full)) => match full.split_once(',') {
                // Of "Kent, Clark J" the last name comes first.
                Some((last, rest)) if !is_generation(&words(rest)) => (words(rest), words(last)),
                _ => (words(full), Vec::new()),
            },
            (None, None) => {
                let key = Some(words(row.text(N::name)?).join(" ")).filter(|name| !name.is_empty())?;
                return Some(Self { key, middle: None });
            }
        };
        let generation = taken(&mut last, 0).or_else(|| taken(&mut first, 1));
        if last.is_empty() && first.len() > 1 {
            last.extend(first.pop());
        }
        let middle = first.get(1).cloned().or_else(|| row.text(N::middle_name).map(plain));
        let (one, other) = match (first.first(), last.last()) {
            (Some(first), last) => (first, last),
            (None, last) => (last?, None),
        };
        let words = [Some(one), other, generation.as_ref()];
        let key = words.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ");
        Some(Self { key, middle: middle.and_then(|middle| middle.chars().next()) })
    }
}

/// Takes the generation out of `words`, none of the `first` ones.
fn taken(words: &mut Vec<String>, first: usize) -> Option<String> {
    let at = words.iter().skip(first).position(|word| GENERATIONS.contains(&word.as_str()))?;
    Some(words.remove(at + first))
}

fn is_generation(words: &[String]) -> bool {
    words.first().is_none_or(|word| GENERATIONS.contains(&word.as_str()))
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(plain).filter(|word| !word.is_empty()).collect()
}

/// Its letters and digits alone, in small letters.
pub fn plain(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Who of many is called so, as far as it is one.
#[derive(Debug, Default)]
pub struct Bearers(HashMap<String, HashMap<Option<char>, Bearer>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bearer {
    One(usize),
    Several,
}

impl Bearer {
    fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::Several }
    }
}

impl Bearers {
    /// Adds that `who` is called so.
    pub fn add(&mut self, called: &Called, who: usize) {
        let middles = self.0.entry(called.key.clone()).or_default();
        let bearer = middles.entry(called.middle).or_insert(Bearer::One(who));
        *bearer = bearer.and(Bearer::One(who));
    }

    /// Whether anybody's first and last word are these.
    #[must_use]
    pub fn knows(&self, called: &Called) -> bool {
        self.0.contains_key(&called.key)
    }

    /// The only one that `called` may be: with the same letter of a second first name, or either without.
    #[must_use]
    pub fn only(&self, called: &Called) -> Option<usize> {
        let middles = self.0.get(&called.key)?;
        let may_be =
            |middle: &Option<char>| called.middle.is_none() || middle.is_none() || *middle == called.middle;
        let bearers = middles.iter().filter(|(middle, _)| may_be(middle)).map(|(_, bearer)| *bearer);
        match bearers.reduce(Bearer::and)? {
            Bearer::One(who) => Some(who),
            Bearer::Several => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Cell;

    fn full(text: &str) -> Option<(String, Option<char>)> {
        let mut row = Row::default();
        row.set(N::full_name, Cell::from(text.to_owned()));
        Called::of(&row).map(|called| (called.key, called.middle))
    }

    #[test]
    fn a_name_is_the_same_however_it_is_written() {
        for (text, key, middle) in [
            ("Clark Kent", "clark kent", None),
            ("CLARK JOSEPH KENT", "clark kent", Some('j')),
            ("Kent, Clark J", "clark kent", Some('j')),
            ("kent,clark", "clark kent", None),
            ("Clark  Kent, Jr.", "clark kent jr", None),
            ("Clark J Kent Jr", "clark kent jr", Some('j')),
            ("Kent Jr, Clark", "clark kent jr", None),
            ("Cher", "cher", None),
            ("Kent,", "kent", None),
        ] {
            assert_eq!(full(text), Some((key.to_owned(), middle)), "{text}");
        }
        assert_eq!((full(","), full(" - ")), (None, None));
        for (first, middle, last, same) in [
            ("Maria", "", "De La Cruz", "Maria Cruz"),
            ("Mary Ann", "", "Smith", "Mary Ann Smith"),
            ("Mary", "A.", "Smith", "Mary Ann Smith"),
            ("Clark", "", "Kent Sr", "Clark Kent Sr"),
        ] {
            let mut row = Row::default();
            for (column, text) in [(N::first_name, first), (N::middle_name, middle), (N::last_name, last)] {
                row.set(column, Some(text).filter(|text| !text.is_empty()).map(Cell::from));
            }
            assert_eq!(Called::of(&row).map(|called| (called.key, called.middle)), full(same), "{same}");
        }
    }

    #[test]
    fn a_name_counts_where_one_alone_may_be_meant() {
        let called = |middle: &str| Called { key: "john smith".to_owned(), middle: middle.chars().next() };
        let mut bearers = Bearers::default();
        assert_eq!(bearers.only(&called("")), None);
        bearers.add(&called("a"), 1);
        bearers.add(&called("a"), 1);
        assert_eq!(
            [called(""), called("a"), called("b")].map(|called| bearers.only(&called)),
            [Some(1), Some(1), None]
        );
        bearers.add(&called("b"), 2);
        assert_eq!(
            [called(""), called("a"), called("b")].map(|called| bearers.only(&called)),
            [None, Some(1), Some(2)]
        );
        bearers.add(&called(""), 3);
        assert_eq!([called(""), called("a")].map(|called| bearers.only(&called)), [None, None]);
    }
}
