//! The characters that a document uses of a face.

use std::collections::BTreeMap;

use crate::pdf::{clean::MISSING, face::Face};

/// The most that are told apart: what comes then is [`MISSING`] also to who copies the text. Text has two bytes for each.
const MOST: usize = 60_000;

/// Characters in the order in which they are first used. A character's code in the file is its place here, from 1: not its
/// glyph, as what the font lacks is drawn alike but is to be copied as what it is.
#[derive(Debug)]
pub struct Letters<'f> {
    pub face: &'f Face,
    pub used: Vec<char>,
    codes: BTreeMap<char, u16>,
}

/// A text in codes, in parts between which the pen moves by so many thousandths of the size.
pub type Coded = Vec<(Vec<u8>, f32)>;

impl<'f> Letters<'f> {
    pub fn new(face: &'f Face) -> Self {
        Self { face, used: Vec::new(), codes: BTreeMap::new() }
    }

    pub fn coded(&mut self, text: &str) -> Coded {
        let mut parts: Coded = Vec::new();
        let mut before = None;
        for character in text.chars() {
            let kern = before.map_or(0.0, |before| self.face.kern(before, character));
            let code = self.code(character).to_be_bytes();
            match parts.last_mut() {
                Some((codes, move_after)) if kern == 0.0 => {
                    debug_assert_eq!(*move_after, 0.0);
                    codes.extend(code);
                }
                Some((_, move_after)) => {
                    *move_after = kern;
                    parts.push((code.to_vec(), 0.0));
                }
                None => parts.push((code.to_vec(), 0.0)),
            }
            before = Some(character);
        }
        parts
    }

    fn code(&mut self, character: char) -> u16 {
        let character = if self.used.len() < MOST { character } else { self.known(character) };
        let next = u16::try_from(self.used.len() + 1).expect("no more are told apart than there are codes");
        let code = *self.codes.entry(character).or_insert(next);
        if code == next {
            self.used.push(character);
        }
        code
    }

    /// A character that has a code, or will be given one of those that are left for what the font has.
    fn known(&self, character: char) -> char {
        if self.codes.contains_key(&character) || self.face.has(character) { character } else { MISSING }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::face::{Faces, Weight};

    #[test]
    fn a_character_keeps_its_code_and_pairs_are_moved() {
        let faces = Faces::new();
        let mut letters = Letters::new(faces.of(Weight::Regular));
        assert_eq!(letters.coded("HH王"), [(vec![0, 1, 0, 1, 0, 2], 0.0)]);
        let coded = letters.coded("ToH");
        assert_eq!(coded[0].0, [0, 3]);
        assert!(coded[0].1 < 0.0, "{coded:?}");
        assert_eq!(coded[1], (vec![0, 4, 0, 1], 0.0));
        assert_eq!(letters.used, ['H', '王', 'T', 'o']);
    }

    #[test]
    fn there_are_codes_for_the_fonts_letters_however_many_others_came_before() {
        let faces = Faces::new();
        let mut letters = Letters::new(faces.of(Weight::Regular));
        let others: String = ('\u{4e00}'..'\u{2ffff}').take(MOST + 10).collect();
        letters.coded(&others);
        letters.coded("Łukasz");
        assert!(letters.used.ends_with(&['Ł', 'u', 'k', 'a', 's', 'z']));
        assert!(letters.used.len() < MOST + 10);
    }
}
