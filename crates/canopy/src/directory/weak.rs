//! Words that tell no company from another.

use super::typo;

/// They need not be in a company's name, but count where they are.
const WEAK: [&str; 43] = [
    "a",
    "agency",
    "and",
    "assurance",
    "auto",
    "automobile",
    "car",
    "casualty",
    "co",
    "com",
    "companies",
    "company",
    "corp",
    "corporation",
    "coverage",
    "for",
    "from",
    "group",
    "holdings",
    "home",
    "homeowners",
    "http",
    "https",
    "in",
    "inc",
    "incorporated",
    "indemnity",
    "ins",
    "insurance",
    "insurer",
    "life",
    "llc",
    "ltd",
    "mutual",
    "my",
    "of",
    "policy",
    "property",
    "renters",
    "the",
    "vehicle",
    "with",
    "www",
];

pub fn is_weak(word: &str) -> bool {
    WEAK.contains(&word)
}

/// Whether a weak word of some length begins so: it is being typed.
pub fn begins_weak(word: &str) -> bool {
    WEAK.iter().any(|weak| weak.len() > 3 && weak.starts_with(word))
}

/// Whether it is a long weak word with one typo.
pub fn is_nearly_weak(word: &str) -> bool {
    WEAK.iter().any(|weak| weak.len() > 5 && typo::edits(word, weak) == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_words_are_known_whole_begun_and_misspelt() {
        assert!(
            is_weak("insurance") && !is_weak("insur") && begins_weak("insur") && is_nearly_weak("insurnace")
        );
        assert!(!is_weak("esurance") && !begins_weak("esurance") && !is_nearly_weak("esurance"));
        assert!(!begins_weak("th"), "the short ones are typed at once");
    }
}
