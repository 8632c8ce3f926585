//! Typos: letters that are missing, too many, wrong, or in the wrong order.

use super::word::{Word, letters, strange};

/// From how many letters on the beginning of a word may have a typo: what is shorter is the beginning of much.
const BEGINNING: usize = 5;

/// How far what was typed is from a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Near {
    /// Typos in it.
    pub edits: usize,
    /// Whether only the word's beginning was typed.
    pub is_beginning: bool,
}

/// How many typos a word of so many letters may have.
const fn allowed(letters: usize) -> usize {
    match letters {
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    }
}

/// Edits that make one of the other: a letter less, more or other, or two changed places.
pub fn edits(one: &str, other: &str) -> usize {
    strsim::osa_distance(one, other)
}

/// How far `typed` is from `word` or its beginning, where it has no more typos than it may.
pub fn near(typed: &Word, word: &Word) -> Option<Near> {
    let whole = whole(typed, word).map(|edits| Near { edits, is_beginning: false });
    let beginning = beginning(typed, word).map(|edits| Near { edits, is_beginning: true });
    match (whole, beginning) {
        (Some(whole), Some(beginning)) if beginning.edits < whole.edits => Some(beginning),
        (whole, beginning) => whole.or(beginning),
    }
}

/// Typos in `typed`, where it is `word` with no more than it may have.
pub fn whole(typed: &Word, word: &Word) -> Option<usize> {
    let most = allowed(typed.length().max(word.length()));
    let may_be = typed.length().abs_diff(word.length()) <= most
        && strange(&typed.text, word.letters) <= most
        && strange(&word.text, typed.letters) <= most;
    may_be.then(|| edits(&typed.text, &word.text)).filter(|edits| *edits <= most)
}

/// Typos in `typed`, where it is a beginning of `word` with no more than it may have.
fn beginning(typed: &Word, word: &Word) -> Option<usize> {
    let (length, most) = (typed.length(), allowed(typed.length()));
    let longest = (word.length().max(1) - 1).min(length + most);
    if length < BEGINNING || longest + most < length {
        return None;
    }
    let start = |length: usize| word.text.get(..length).unwrap_or(&word.text);
    let (shortest, letters) = (start(length - most), letters(start(longest)));
    if strange(&typed.text, letters) > most || strange(shortest, typed.letters) > most {
        return None;
    }
    let all = (length - most..=longest).map(|length| edits(&typed.text, start(length)));
    all.min().filter(|edits| *edits <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(typed: &str, word: &str) -> Option<(usize, bool)> {
        let [typed, word] = [typed, word].map(|text| Word::new(text.to_owned()));
        near(&typed, &word).map(|near| (near.edits, near.is_beginning))
    }

    #[test]
    fn short_words_have_no_typo_longer_ones_one_and_long_ones_two() {
        assert_eq!(between("njn", "njm"), None);
        assert_eq!(between("rot", "root"), Some((1, false)));
        assert_eq!(between("gieco", "geico"), Some((1, false)));
        assert_eq!(between("gieoc", "geico"), None);
        assert_eq!(between("progersive", "progressive"), Some((2, false)));
        assert_eq!(between("pogersive", "progressive"), None);
    }

    #[test]
    fn the_beginning_of_a_word_may_have_a_typo_from_five_letters() {
        assert_eq!(between("progresi", "progressive"), Some((1, true)));
        assert_eq!(between("prgre", "progressive"), Some((1, true)));
        assert_eq!(between("prgr", "progressive"), None);
    }

    #[test]
    fn letters_beyond_ascii_are_letters() {
        assert_eq!(between("мюллер", "мюлер"), Some((1, false)));
        assert_eq!(between("мюлле", "мюллеровский"), Some((0, true)));
    }
}
