//! How people are called, and when two names may be one person's.

use crate::{cell::Row, name::Name as N};

/// A name as it is compared: without case, marks and what stands between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// First word and last word, and the generation; all words of a business.
    pub key: String,
    /// The first letter of a second first name.
    pub middle: Option<char>,
    /// Whether that may as well be of a last name of two words.
    pub is_guess: bool,
}

/// What tells generations of one name apart.
const GENERATIONS: &[&str] = &["jr", "sr", "ii", "iii", "iv"];

/// What last names of several words begin with.
const PARTICLES: &[&str] = &[
    "al", "bin", "da", "de", "del", "della", "den", "der", "di", "dos", "du", "la", "le", "st", "van", "von",
];

/// What names of businesses have among their words.
const BUSINESSES: &[&str] =
    &["co", "company", "corp", "corporation", "dba", "estate", "inc", "llc", "llp", "lp", "ltd", "trust"];

impl Called {
    /// Of who `row` names.
    #[must_use]
    pub fn of(row: &Row<'_>) -> Option<Self> {
        match (row.text(N::first_name).zip(row.text(N::last_name)), row.text(N::full_name)) {
            (Some((first, last)), _) => {
                let first = words(first);
                let second = first.get(1).filter(|second| !GENERATIONS.contains(&second.as_str()));
                let middle = second.cloned().or_else(|| row.text(N::middle_name).map(plain));
                Self::new(first, words(last), middle.map(|middle| (middle, false)))
            }
            (None, Some(full)) => Self::of_full(full),
            (None, None) => Self::of_business(&words(row.text(N::name)?)),
        }
    }

    fn of_full(full: &str) -> Option<Self> {
        let all = words(full);
        if all.iter().any(|word| BUSINESSES.contains(&word.as_str())) {
            return Self::of_business(&all);
        }
        let (first, last) = match full.split_once(',') {
            // Of "Kent, Clark J" the last name comes first.
            Some((last, rest)) if !is_generation(&words(rest)) => (words(rest), words(last)),
            _ => (all, Vec::new()),
        };
        let is_whole = last.is_empty();
        let names = first.iter().filter(|word| !GENERATIONS.contains(&word.as_str())).count();
        let middle = first.get(1).filter(|second| match second.chars().count() {
            1 => names > 2 || !is_whole,
            _ if is_whole => names == 3 && !PARTICLES.contains(&second.as_str()),
            _ => !PARTICLES.contains(&second.as_str()),
        });
        let middle = middle.map(|middle| (middle.clone(), middle.chars().count() > 1 && is_whole));
        Self::new(first, last, middle)
    }

    fn of_business(words: &[String]) -> Option<Self> {
        let key = words.join(" ");
        (!key.is_empty()).then_some(Self { key, middle: None, is_guess: false })
    }

    fn new(mut first: Vec<String>, mut last: Vec<String>, middle: Option<(String, bool)>) -> Option<Self> {
        let generation = taken(&mut last, 0).or_else(|| taken(&mut first, 1));
        if last.is_empty() && first.len() > 1 {
            last.extend(first.pop());
        }
        let names: Vec<&str> = [first.first(), last.last(), generation.as_ref()]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        if first.is_empty() && last.is_empty() {
            return None;
        }
        let letter = middle.and_then(|(middle, is_guess)| Some((middle.chars().next()?, is_guess)));
        Some(Self {
            key: names.join(" "),
            middle: letter.map(|(letter, _)| letter),
            is_guess: letter.is_some_and(|(_, is_guess)| is_guess),
        })
    }

    /// Whether both may be one's.
    #[must_use]
    pub fn may_be(&self, other: &Self) -> bool {
        let is_same = self.middle.zip(other.middle).is_none_or(|(one, other)| one == other);
        self.key == other.key && (is_same || self.is_guess || other.is_guess)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Cell;

    fn row(names: &[(N, &str)]) -> Row<'static> {
        let mut row = Row::default();
        for (column, text) in names {
            row.set(
                *column,
                Some(*text).filter(|text| !text.is_empty()).map(|text| Cell::from(text.to_owned())),
            );
        }
        row
    }

    fn full(text: &str) -> Option<(String, Option<char>)> {
        Called::of(&row(&[(N::full_name, text)])).map(|called| (called.key, called.middle))
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
            ("Maria De La Cruz", "maria cruz", None),
            ("Mary Van Dyke", "mary dyke", None),
            ("Cher", "cher", None),
            ("Kent,", "kent", None),
            ("Kent Plumbing LLC", "kent plumbing llc", None),
        ] {
            assert_eq!(full(text), Some((key.to_owned(), middle)), "{text}");
        }
        assert_eq!((full(","), full(" - ")), (None, None));
        for (first, middle, last, same) in [
            ("Maria", "", "De La Cruz", "Maria De La Cruz"),
            ("Mary Ann", "", "Smith", "Mary Ann Smith"),
            ("Mary", "A.", "Smith", "Mary Ann Smith"),
            ("Clark", "", "Kent Sr", "Clark Kent Sr"),
        ] {
            let named = row(&[(N::first_name, first), (N::middle_name, middle), (N::last_name, last)]);
            assert_eq!(Called::of(&named).map(|called| (called.key, called.middle)), full(same), "{same}");
        }
    }
}
