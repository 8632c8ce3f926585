//! Text in lines of a width.

use super::face::Face;

/// Where a word that is too long for a line breaks if it can, as addresses of pages and of mail do.
const SEPARATORS: [char; 10] = ['/', '.', ',', ';', ':', '-', '_', '@', '&', '='];

/// The lines of a text (see [`super::clean::cleaned`]). A line ends with the space that it was broken at, or with one for the
/// break that was there, so that who reads the text aloud tells words apart; it hangs. No line is wider than `width` but one of
/// a single character.
pub fn wrapped(face: &Face, size: f32, width: f32, text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    if !text.is_empty() {
        for paragraph in text.split('\n') {
            if let Some(last) = lines.last_mut() {
                *last += " ";
            }
            wrap(face, size, width, paragraph, &mut lines);
        }
    }
    lines
}

fn wrap(face: &Face, size: f32, width: f32, paragraph: &str, lines: &mut Vec<String>) {
    let mut line = String::new();
    let mut used = 0.0;
    for word in words(paragraph) {
        let shown = |before, text: &str| face.width(before, text.trim_end_matches(' '), size);
        if !line.is_empty() && used + shown(line.chars().next_back(), word) > width {
            lines.push(std::mem::take(&mut line));
            used = 0.0;
        }
        let mut rest = word;
        while line.is_empty() && shown(None, rest) > width {
            let at = broken(face, size, width, rest);
            if at == rest.len() {
                break;
            }
            lines.push(rest[..at].to_owned());
            rest = &rest[at..];
        }
        used += face.width(line.chars().next_back(), rest, size);
        line.push_str(rest);
    }
    lines.push(line);
}

/// The parts between which a line may be broken. All of them together are the paragraph.
pub fn words(paragraph: &str) -> impl Iterator<Item = &str> {
    let mut rest = paragraph;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (word, after) = rest.split_at(end_of_word(rest));
        rest = after;
        Some(word)
    })
}

/// Behind a space, and behind a hyphen, dash or slash among letters: not in a date or a telephone number.
fn end_of_word(text: &str) -> usize {
    let mut before = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        let ends = match character {
            ' ' => next.is_some_and(|next| next != ' '),
            '-' | '\u{2010}' | '\u{2013}' | '\u{2014}' | '/' => {
                before.is_some_and(char::is_alphabetic) && next.is_some_and(char::is_alphabetic)
            }
            _ => false,
        };
        if ends {
            return at + character.len_utf8();
        }
        before = Some(character);
    }
    text.len()
}

/// Where a word is broken that no line has room for: behind a separator in the second half of what fits, otherwise behind
/// what fits, and behind one character at the least.
fn broken(face: &Face, size: f32, width: f32, word: &str) -> usize {
    let mut used = 0.0;
    let mut before = None;
    let (mut end, mut separated) = (0, 0);
    for (at, character) in word.char_indices() {
        used += face.width(before, character.encode_utf8(&mut [0; 4]), size);
        if used > width && at > 0 {
            break;
        }
        end = at + character.len_utf8();
        if SEPARATORS.contains(&character) {
            separated = end;
        }
        before = Some(character);
    }
    if separated * 2 > end { separated } else { end }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pdf::{
        clean::cleaned,
        face::{Faces, Weight},
    };

    fn lines(width: f32, text: &str) -> Vec<String> {
        wrapped(Faces::new().of(Weight::Regular), 10.0, width, text)
    }

    #[test]
    fn a_line_is_broken_at_spaces_and_between_the_parts_of_a_compound() {
        assert_eq!(lines(60.0, "one two three four"), ["one two ", "three four"]);
        assert_eq!(lines(50.0, "owner/operator"), ["owner/", "operator"]);
        assert_eq!(lines(80.0, "call 415-555-0100"), ["call ", "415-555-0100"]);
        assert_eq!(lines(500.0, "one\n\ntwo"), ["one ", " ", "two"]);
        assert!(lines(50.0, "").is_empty());
    }

    #[test]
    fn a_word_that_no_line_has_room_for_is_broken_where_it_has_a_separator() {
        assert_eq!(lines(80.0, "somebody@example.com"), ["somebody@", "example.com"]);
        assert_eq!(lines(40.0, "WWWWWWWW"), ["WWW", "WWW", "WW"]);
        assert_eq!(lines(1.0, "abc"), ["a", "b", "c"]);
    }

    proptest! {
        #[test]
        fn lines_hold_the_text_and_none_is_too_wide(text in "[a-zA-Z0-9 \n/@.Łễ王-]{0,200}", width in 1.0_f32..300.0) {
            let (faces, text) = (Faces::new(), cleaned(&text));
            let face = faces.of(Weight::Regular);
            let lines = wrapped(face, 10.0, width, &text);
            prop_assert_eq!(lines.concat(), text.replace('\n', " "));
            for line in lines {
                let shown = line.trim_end_matches(' ');
                prop_assert!(face.width(None, shown, 10.0) <= width + 0.01 || shown.chars().count() == 1);
            }
        }
    }
}
