//! Other names of companies: `aliases.txt`.

use super::{spelling::Spelling, text, weak};

const TEXT: &str = include_str!("aliases.txt");

/// The other names of the company that is called so in Canopy's list.
pub fn of(name: &Spelling) -> impl Iterator<Item = &'static str> {
    let strong = name.strong();
    let is_of = move |key: &str| {
        let words = text::words(key);
        let key = words.iter().filter(|word| !weak::is_weak(word));
        !strong.is_empty() && key.eq(strong.iter())
    };
    lines().filter(move |(key, _)| is_of(key)).flat_map(|(_, others)| others.split(',').map(str::trim))
}

fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    TEXT.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(':'))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_is_of_one_company_and_has_names() {
        let mut seen = BTreeSet::new();
        for line in TEXT.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (key, others) = line.split_once(':').expect(line);
            assert!(seen.insert(text::words(key)), "{key} twice");
            for other in others.split(',').map(str::trim) {
                assert!(seen.insert(text::words(other)), "{other} twice");
                assert!(Spelling::new(other).is_some(), "{line}");
            }
        }
    }

    #[test]
    fn a_name_is_known_by_the_words_that_tell_it_from_others() {
        let of = |name: &str| of(&Spelling::new(name).unwrap()).collect::<Vec<_>>();
        assert!(of("Farmers Insurance Group").contains(&"21st century"));
        assert!(of("The Farmers").contains(&"21st century"));
        assert!(of("Ohio Farmers").is_empty());
        assert!(of("The Insurance Company").is_empty());
    }
}
