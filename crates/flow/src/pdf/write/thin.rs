//! A TrueType font without the outlines that a document does not use. Glyphs keep their numbers.
//!
//! Source: OpenType 1.9.1, "The OpenType font file", "glyf", "loca".

use std::collections::BTreeSet;

use ttf_parser::{GlyphId, RawFace, Tag};

/// The tables that a font in a PDF needs, in their order (the parts without hints). Source: ISO 32000-1, 9.9.
const TABLES: [&[u8; 4]; 6] = [b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp"];

/// Where `head` has the sum over all of the file, and what that sum is subtracted from.
const ADJUSTMENT: usize = 8;
const MAGIC: u32 = 0xb1b0_afba;

/// Flags of a glyph's component.
const WORDS: u16 = 0x1;
const SCALE: u16 = 0x8;
const MORE: u16 = 0x20;
const TWO_SCALES: u16 = 0x40;
const MATRIX: u16 = 0x80;

/// The font with the outlines of `used`, of what they consist of, and of glyph 0.
pub fn font(font: &RawFace<'_>, used: impl Iterator<Item = GlyphId>) -> Vec<u8> {
    let table =
        |tag: &[u8; 4]| font.table(Tag::from_bytes(tag)).expect("the font of this crate has each table");
    let (head, loca, glyf) = (table(b"head"), table(b"loca"), table(b"glyf"));
    let offsets = offsets(loca, head[51] == 0);
    let outline = |glyph: u16| &glyf[offsets[usize::from(glyph)]..offsets[usize::from(glyph) + 1]];
    let mut kept = BTreeSet::new();
    let mut open: Vec<u16> = used.map(|glyph| glyph.0).chain([0]).collect();
    while let Some(glyph) = open.pop() {
        if kept.insert(glyph) {
            components(outline(glyph), &mut open);
        }
    }
    let (mut outlines, mut starts) = (Vec::new(), Vec::new());
    for glyph in 0..u16::try_from(offsets.len() - 1).expect("a font counts its glyphs in two bytes") {
        starts.extend(u32::try_from(outlines.len()).expect("the font is small").to_be_bytes());
        if kept.contains(&glyph) {
            outlines.extend_from_slice(outline(glyph));
            outlines.resize(outlines.len().next_multiple_of(4), 0);
        }
    }
    starts.extend(u32::try_from(outlines.len()).expect("the font is small").to_be_bytes());
    // Offsets of four bytes, and no sum yet.
    let mut head = head.to_vec();
    head[51] = 1;
    head[ADJUSTMENT..ADJUSTMENT + 4].fill(0);
    assembled(TABLES.map(|tag| match tag {
        b"glyf" => (tag, outlines.clone()),
        b"loca" => (tag, starts.clone()),
        b"head" => (tag, head.clone()),
        _ => (tag, table(tag).to_vec()),
    }))
}

/// Where each outline begins, and where the last one ends.
fn offsets(loca: &[u8], halved: bool) -> Vec<usize> {
    if halved {
        loca.chunks_exact(2).map(|two| usize::from(u16::from_be_bytes([two[0], two[1]])) * 2).collect()
    } else {
        let offset = |four: &[u8]| u32::from_be_bytes([four[0], four[1], four[2], four[3]]);
        loca.chunks_exact(4).map(|four| offset(four) as usize).collect()
    }
}

/// Adds the glyphs that an outline consists of.
fn components(outline: &[u8], into: &mut Vec<u16>) {
    let word = |at: usize| Some(u16::from_be_bytes([*outline.get(at)?, *outline.get(at + 1)?]));
    // A number of contours below 0 says that there are components, behind it and the bounds.
    if word(0).is_none_or(|contours| contours < 0x8000) {
        return;
    }
    let mut at = 10;
    while let (Some(flags), Some(glyph)) = (word(at), word(at + 2)) {
        into.push(glyph);
        let place = if flags & WORDS == 0 { 2 } else { 4 };
        let scales = [(SCALE, 2), (TWO_SCALES, 4), (MATRIX, 8)];
        let scale = scales.iter().find(|(flag, _)| flags & flag != 0).map_or(0, |(_, length)| *length);
        at += 4 + place + scale;
        if flags & MORE == 0 {
            return;
        }
    }
}

fn assembled<const N: usize>(tables: [(&[u8; 4], Vec<u8>); N]) -> Vec<u8> {
    let count = u16::try_from(N).expect("tables are few");
    let power = count.ilog2();
    let range = 16 << power;
    let mut file = vec![0, 1, 0, 0];
    for number in [count, range, power as u16, count * 16 - range] {
        file.extend(number.to_be_bytes());
    }
    let mut bodies = Vec::new();
    let mut head = 0;
    let first = file.len() + 16 * N;
    for (tag, table) in tables {
        let at = first + bodies.len();
        if tag == b"head" {
            head = at;
        }
        file.extend(tag);
        file.extend(sum(&table).to_be_bytes());
        for number in [at, table.len()] {
            file.extend(u32::try_from(number).expect("the font is small").to_be_bytes());
        }
        bodies.extend(table);
        bodies.resize(bodies.len().next_multiple_of(4), 0);
    }
    file.extend(bodies);
    let adjustment = MAGIC.wrapping_sub(sum(&file));
    file[head + ADJUSTMENT..head + ADJUSTMENT + 4].copy_from_slice(&adjustment.to_be_bytes());
    file
}

fn sum(bytes: &[u8]) -> u32 {
    let word = |four: &[u8]| {
        let mut word = [0; 4];
        word[..four.len()].copy_from_slice(four);
        u32::from_be_bytes(word)
    };
    bytes.chunks(4).map(word).fold(0, u32::wrapping_add)
}

#[cfg(test)]
mod tests {
    use ttf_parser::Face;

    use super::*;
    use crate::pdf::face::{Faces, Weight};

    #[derive(Default)]
    struct Points(usize);

    impl ttf_parser::OutlineBuilder for Points {
        fn move_to(&mut self, _: f32, _: f32) {
            self.0 += 1;
        }
        fn line_to(&mut self, _: f32, _: f32) {
            self.0 += 1;
        }
        fn quad_to(&mut self, _: f32, _: f32, _: f32, _: f32) {
            self.0 += 1;
        }
        fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, _: f32, _: f32) {
            self.0 += 1;
        }
        fn close(&mut self) {}
    }

    fn points(face: &Face<'_>, glyph: GlyphId) -> usize {
        let mut points = Points::default();
        face.outline_glyph(glyph, &mut points);
        points.0
    }

    #[test]
    fn what_is_used_keeps_its_outline_and_its_parts_and_the_rest_has_none() {
        let faces = Faces::new();
        for whole in [&faces.of(Weight::Regular).parsed, &faces.of(Weight::Bold).parsed] {
            let glyph = |letter| whole.glyph_index(letter).unwrap();
            let thin = font(whole.raw_face(), "Nễ".chars().map(glyph));
            assert_eq!(sum(&thin), MAGIC);
            assert!(thin.len() < 9_000, "{}", thin.len());
            let thin = Face::parse(&thin, 0).unwrap();
            assert_eq!(thin.number_of_glyphs(), whole.number_of_glyphs());
            for letter in "Nễ".chars() {
                assert!(points(&thin, glyph(letter)) > 4);
                assert_eq!(points(&thin, glyph(letter)), points(whole, glyph(letter)));
                assert_eq!(thin.glyph_hor_advance(glyph(letter)), whole.glyph_hor_advance(glyph(letter)));
            }
            assert_eq!(points(&thin, glyph('M')), 0);
        }
    }
}
