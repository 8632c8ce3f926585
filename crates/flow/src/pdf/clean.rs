//! Text as it is drawn.

use super::compose::composed;

/// What stands for a character that cannot be printed.
pub const MISSING: char = '□';

/// The text with its letters composed and each run of spaces as one. Characters that show nothing (joiners, directions,
/// soft hyphens) go, control characters become [`MISSING`], and every line break a `\n`.
pub fn cleaned(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                clean.truncate(clean.trim_end_matches(' ').len());
                clean.push('\n');
            }
            ' ' | '\t' if clean.ends_with(' ') => {}
            ' ' | '\t' => clean.push(' '),
            _ if shows_nothing(character) => {}
            // Nor may a file's map to Unicode name the last two of a plane.
            _ if character.is_control() || (character as u32) & 0xfffe == 0xfffe => clean.push(MISSING),
            _ => match clean.chars().next_back().and_then(|letter| composed(letter, character)) {
                Some(composed) => {
                    clean.pop();
                    clean.push(composed);
                }
                None => clean.push(character),
            },
        }
    }
    clean.truncate(clean.trim_end_matches([' ', '\n']).len());
    clean
}

/// Source: Unicode's property Default_Ignorable_Code_Point, without what only other scripts have.
fn shows_nothing(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_in_parts_is_the_letter_that_the_font_has() {
        for (given, drawn) in [
            ("Nguye\u{302}\u{303}n", "Nguyễn"),
            ("Nguye\u{303}n", "Nguyẽn"),
            ("Pen\u{303}a", "Peña"),
            ("a\u{323}\u{302}", "ậ"),
            ("a\u{302}\u{323}", "ậ"),
            ("O\u{31b}\u{301}", "Ớ"),
            ("x\u{301}", "x\u{301}"),
            ("\u{301}", "\u{301}"),
        ] {
            assert_eq!(cleaned(given), drawn);
        }
    }

    #[test]
    fn breaks_stay_and_what_shows_nothing_goes() {
        for (given, drawn) in [
            ("a\r\nb\rc\u{2028}d", "a\nb\nc\nd"),
            ("a \t  b  \n c ", "a b\n c"),
            ("co\u{ad}op\u{200b}\u{feff}", "coop"),
            ("a\0b\u{7f}\u{fffe}", "a□b□□"),
            (" \n", ""),
        ] {
            assert_eq!(cleaned(given), drawn);
        }
    }
}
