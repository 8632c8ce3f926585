//! Other names of companies: `aliases.txt`.

use super::{spelling::Spelling, text, weak};

const TEXT: &str = include_str!("aliases.txt");

/// Names in Canopy's list, each with the company's others.
pub struct Aliases(Vec<(Vec<String>, &'static str)>);

impl Aliases {
    pub fn read() -> Self {
        let lines =
            TEXT.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(':'));
        Self(lines.map(|(name, others)| (strong(name), others)).collect())
    }

    /// The other names of the company that is called so in Canopy's list.
    pub fn of(&self, name: &Spelling) -> impl Iterator<Item = &'static str> {
        let is_of = |words: &[String]| words.iter().eq(name.strong().map(|word| &word.text));
        let line = self.0.iter().find(|(words, _)| is_of(words));
        line.into_iter().flat_map(|(_, others)| others.split(','))
    }
}

fn strong(name: &str) -> Vec<String> {
    let mut words = text::words(name);
    words.retain(|word| !weak::is_weak(word));
    words
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_is_of_one_company_and_has_names() {
        let mut seen = BTreeSet::new();
        for line in TEXT.lines().filter(|line| !line.starts_with('#')) {
            let (name, others) = line.split_once(':').expect(line);
            assert!(!strong(name).is_empty() && seen.insert(strong(name)), "{name}");
            for other in others.split(',') {
                assert!(Spelling::new(other).is_some() && seen.insert(text::words(other)), "{other}");
            }
        }
    }

    #[test]
    fn a_name_is_known_by_the_words_that_tell_it_from_others() {
        let aliases = Aliases::read();
        let of = |name: &str| aliases.of(&Spelling::new(name).unwrap()).map(str::trim).collect::<Vec<_>>();
        assert!(of("Farmers Insurance Group").contains(&"21st century"));
        assert!(of("The Farmers").contains(&"21st century"));
        assert!(of("Ohio Farmers").is_empty());
        assert!(of("The Insurance Company").is_empty());
    }
}
