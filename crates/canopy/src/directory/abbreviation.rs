//! Names that were shortened: to initials, or to the beginnings of their words.

use super::word::Word;

/// The fewest letters of which one may think that they are beginnings of words.
const LEAST: usize = 5;

/// Whether `typed` is the first letters of all `words` (`sf`), or the beginnings of each of them (`amfam`). It says so of several
/// names where it is short for several.
pub fn is_short_for(typed: &Word, words: &[Word]) -> bool {
    let text = typed.text.as_bytes();
    let initials = words.iter().filter_map(|word| word.text.as_bytes().first());
    words.len() > 1 && (text.iter().eq(initials) || text.len() >= LEAST && is_beginnings(text, words))
}

/// Whether `text` is, one after another, at least two letters of each of `words`.
fn is_beginnings(text: &[u8], words: &[Word]) -> bool {
    let Some((word, others)) = words.split_first() else { return text.is_empty() };
    let word = word.text.as_bytes();
    let is_split = |length: usize| {
        let Some((beginning, rest)) = text.split_at_checked(length) else { return false };
        word.starts_with(beginning) && is_beginnings(rest, others)
    };
    (2..=word.len()).any(is_split)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_short(typed: &str, name: &str) -> bool {
        let words: Vec<Word> = name.split(' ').map(|word| Word::new(word.to_owned())).collect();
        is_short_for(&Word::new(typed.to_owned()), &words)
    }

    #[test]
    fn initials_are_of_all_words() {
        assert!(is_short("sf", "state farm"));
        assert!(!is_short("sf", "state farm bureau"));
        assert!(!is_short("g", "geico"));
    }

    #[test]
    fn beginnings_are_of_all_words_two_letters_at_least() {
        assert!(is_short("amfam", "american family"));
        assert!(is_short("stfarm", "state farm"));
        assert!(!is_short("amfam", "american family life"));
        assert!(!is_short("amerf", "american family"));
        assert!(!is_short("amfamx", "american family"));
        assert!(!is_short("stfa", "state farm"), "too short to tell");
    }
}
