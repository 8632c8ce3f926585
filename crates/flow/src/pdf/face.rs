//! The font: what its letters measure.

use std::fmt;

use ttf_parser::{
    Face as Parsed, GlyphId,
    gpos::{PairAdjustment, PositioningSubtable},
};

use super::clean::MISSING;

const REGULAR: &[u8] = include_bytes!("../../fonts/Inter-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../fonts/Inter-SemiBold.ttf");

/// The end of Latin Extended-A.
const COMMON: char = '\u{180}';

/// How heavy letters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    Regular,
    Bold,
}

/// Both faces.
#[derive(Debug)]
pub struct Faces {
    regular: Face,
    bold: Face,
}

impl Faces {
    pub fn new() -> Self {
        Self { regular: Face::new("Inter-Regular", REGULAR), bold: Face::new("Inter-SemiBold", BOLD) }
    }

    pub fn of(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }
}

/// The font in one weight.
pub struct Face {
    /// Its PostScript name.
    pub name: &'static str,
    pub parsed: Parsed<'static>,
    missing: GlyphId,
    /// Glyph and advance of the characters below [`COMMON`], which most text consists of.
    common: Vec<(GlyphId, f32)>,
    /// The subtables of one lookup each.
    kerning: Vec<Vec<PairAdjustment<'static>>>,
}

impl fmt::Debug for Face {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Face").field(&self.name).finish()
    }
}

impl Face {
    fn new(name: &'static str, file: &'static [u8]) -> Self {
        let parsed = Parsed::parse(file, 0).expect("the font of this crate is one");
        let missing = parsed.glyph_index(MISSING).expect("the font of this crate has what stands for others");
        let kerning = parsed.tables().gpos.map_or_else(Vec::new, |table| {
            let pairs = |subtable| match subtable {
                PositioningSubtable::Pair(pairs) => Some(pairs),
                _ => None,
            };
            table
                .lookups
                .into_iter()
                .map(|lookup| lookup.subtables.into_iter().filter_map(pairs).collect())
                .collect()
        });
        let mut face = Self { name, parsed, missing, common: Vec::new(), kerning };
        face.common =
            ('\0'..COMMON).map(|character| (face.glyph(character), face.advance(character))).collect();
        face
    }

    /// Whether the font has a character.
    pub fn has(&self, character: char) -> bool {
        self.parsed.glyph_index(character).is_some()
    }

    /// What is drawn for a character.
    pub fn glyph(&self, character: char) -> GlyphId {
        let known = self.common.get(character as usize).map(|(glyph, _)| *glyph);
        known.or_else(|| self.parsed.glyph_index(character)).unwrap_or(self.missing)
    }

    /// In thousandths of the font's size, as PDF measures.
    pub fn thousandths(&self, units: f32) -> f32 {
        units * 1000.0 / f32::from(self.parsed.units_per_em())
    }

    /// How far a character advances the line, in thousandths of the size.
    pub fn advance(&self, character: char) -> f32 {
        if let Some((_, advance)) = self.common.get(character as usize) {
            return *advance;
        }
        let units = self.parsed.glyph_hor_advance(self.glyph(character)).unwrap_or_default();
        self.thousandths(f32::from(units))
    }

    /// What is added between two characters (mostly less than nothing), in thousandths of the size.
    pub fn kern(&self, before: char, after: char) -> f32 {
        let (before, after) = (self.glyph(before), self.glyph(after));
        // Of a lookup, the first subtable that knows the pair counts. Source: OpenType, "GPOS", lookup type 2.
        let units = self
            .kerning
            .iter()
            .filter_map(|lookup| lookup.iter().find_map(|pairs| kern(pairs, before, after)));
        self.thousandths(units.sum())
    }

    /// How wide a text is that stands behind `before` on its line.
    pub fn width(&self, before: Option<char>, text: &str, size: f32) -> f32 {
        let mut before = before;
        let advance = |character| {
            let kern = before.map_or(0.0, |before| self.kern(before, character));
            before = Some(character);
            kern + self.advance(character)
        };
        text.chars().map(advance).sum::<f32>() * size / 1000.0
    }

    /// From the top of a line to its baseline, so that ascenders and descenders have the same room.
    pub fn baseline(&self, size: f32, leading: f32) -> f32 {
        let scale = size / f32::from(self.parsed.units_per_em());
        let (above, below) = (f32::from(self.parsed.ascender()), f32::from(self.parsed.descender()));
        (leading + (above + below) * scale) / 2.0
    }
}

fn kern(pairs: &PairAdjustment<'_>, before: GlyphId, after: GlyphId) -> Option<f32> {
    let first = match pairs {
        PairAdjustment::Format1 { coverage, sets } => sets.get(coverage.get(before)?)?.get(after)?.0,
        PairAdjustment::Format2 { coverage, classes, matrix } => {
            coverage.get(before)?;
            matrix.get((classes.0.get(before), classes.1.get(after)))?.0
        }
    };
    Some(f32::from(first.x_advance))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_the_letters_of_names() {
        let faces = Faces::new();
        for weight in [Weight::Regular, Weight::Bold] {
            let letters = "Nguyễn Łukasz Peña O’Brien Đặng Şahin Kovač Öztürk Fiancé “—” € £ ₫ ½ □";
            assert!(letters.chars().all(|letter| faces.of(weight).has(letter)));
            assert!(!faces.of(weight).has('王'));
        }
    }

    #[test]
    fn digits_are_of_one_width_and_pairs_are_kerned() {
        for face in [&Faces::new().regular, &Faces::new().bold] {
            assert!(('1'..='9').all(|digit| face.advance(digit) == face.advance('0')));
            assert!(face.kern('T', 'o') < -20.0, "{}", face.kern('T', 'o'));
            assert_eq!(face.kern('H', 'H'), 0.0);
            assert!(face.width(None, "To", 10.0) < face.width(None, "T", 10.0) + face.width(None, "o", 10.0));
        }
    }
}
