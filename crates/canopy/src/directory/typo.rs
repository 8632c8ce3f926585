//! Typos: letters that are missing, too many, wrong, or in the wrong order.

use super::word::Word;

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
    let (length, whole) = (typed.length(), word.length());
    let most = allowed(length.max(whole));
    if typed.strange_to(word) > most {
        return None;
    }
    let mut best = None;
    if length.abs_diff(whole) <= most {
        let edits = edits(&typed.text, &word.text);
        best = (edits <= most).then_some(Near { edits, is_beginning: false });
    }
    let most = allowed(length);
    if length >= BEGINNING {
        for end in length - most..whole.min(length + most + 1) {
            let Some(beginning) = word.text.get(..end) else { continue };
            let edits = edits(&typed.text, beginning);
            if edits <= most && best.is_none_or(|best| edits < best.edits) {
                best = Some(Near { edits, is_beginning: true });
            }
        }
    }
    best
}

/// Typos in the whole of a word of at least six letters.
pub fn whole(typed: &Word, word: &Word) -> Option<usize> {
    let is_long = typed.length().min(word.length()) >= 6;
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
