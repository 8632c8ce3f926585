//! Typos: letters that are missing, too many, wrong, or in the wrong order.

use super::word::Word;

/// From how many letters on the beginning of a word may have a typo: what is shorter is the beginning of much.
const BEGINNING: usize = 5;

/// How far what was typed is from a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Near {
    /// Typos in it.
    pub edits: usize,
    /// Whether only the word's beginning was typed.
    pub is_beginning: bool,
    /// People seldom get the first letter wrong.
    pub begins_otherwise: bool,
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
    let most = allowed(typed.length.max(word.length));
    if typed.strange_to(word) > most {
        return None;
    }
    let begins_otherwise = typed.start(1) != word.start(1);
    let whole = (typed.length.abs_diff(word.length) <= most)
        .then(|| Near { edits: edits(&typed.text, &word.text), is_beginning: false, begins_otherwise })
        .filter(|near| near.edits <= most);
    let most = allowed(typed.length);
    let lengths = if typed.length < BEGINNING {
        0..0
    } else {
        typed.length - most..word.length.min(typed.length + most + 1)
    };
    let beginnings = lengths
        .map(|length| Near {
            edits: edits(&typed.text, word.start(length)),
            is_beginning: true,
            begins_otherwise,
        })
        .filter(|near| near.edits <= most);
    beginnings.chain(whole).min()
}

/// As [`near`], for the whole of a word of at least six letters.
pub fn whole(typed: &Word, word: &Word) -> Option<usize> {
    let is_long = typed.length.min(word.length) >= 6;
    near(typed, word).filter(|near| is_long && !near.is_beginning).map(|near| near.edits)
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
