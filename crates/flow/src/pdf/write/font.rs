//! A face in the file: the outlines that are used of it, their widths, and what they mean.

use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::{
    Filter, Finish, Name, Pdf, Rect, Ref, Str,
    types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap},
};

use super::{
    letters::Letters,
    object::{LEVEL, Numbers, stream},
    thin,
};
use crate::pdf::face::Face;

/// The name of our codes: they are of this file alone.
const SYSTEM: SystemInfo<'_> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// What marks a part of a font. Source: ISO 32000-1, 9.6.4, "Font Subsets".
const PART: &str = "CANOPY+";

/// Writes the font as `id`.
pub fn write(pdf: &mut Pdf, numbers: &mut Numbers, id: Ref, letters: &Letters<'_>) {
    let [letters_id, descriptor, file, glyphs, meaning] = std::array::from_fn(|_| numbers.next());
    let face = letters.face;
    let name = format!("{PART}{}", face.name);
    let base = Name(name.as_bytes());
    pdf.type0_font(id)
        .base_font(base)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(letters_id)
        .to_unicode(meaning);

    let mut font = pdf.cid_font(letters_id);
    font.subtype(CidFontType::Type2).base_font(base).system_info(SYSTEM).font_descriptor(descriptor);
    font.cid_to_gid_map_stream(glyphs).default_width(0.0);
    font.widths().consecutive(1, letters.used.iter().map(|letter| face.advance(*letter).round()));
    font.finish();

    describe(pdf, descriptor, base, face, file);

    let used = letters.used.iter().map(|letter| face.glyph(*letter));
    let outlines = thin::font(face.parsed.raw_face(), used.clone());
    let compressed = compress_to_vec_zlib(&outlines, LEVEL);
    let mut embedded = pdf.stream(file, &compressed);
    embedded.filter(Filter::FlateDecode);
    embedded.pair(Name(b"Length1"), i32::try_from(outlines.len()).expect("the font is small"));
    embedded.finish();

    // Code 0 is of no character.
    let map: Vec<_> = [0, 0].into_iter().chain(used.flat_map(|glyph| glyph.0.to_be_bytes())).collect();
    stream(pdf, glyphs, &map);

    let mut cmap = UnicodeCmap::new(Name(b"Letters"), SYSTEM);
    (1_u16..).zip(&letters.used).for_each(|(code, letter)| cmap.pair(code, *letter));
    let compressed = compress_to_vec_zlib(&cmap.finish(), LEVEL);
    pdf.cmap(meaning, &compressed).name(Name(b"Letters")).system_info(SYSTEM).filter(Filter::FlateDecode);
}

fn describe(pdf: &mut Pdf, id: Ref, base: Name<'_>, face: &Face, file: Ref) {
    let parsed = &face.parsed;
    let scaled = |units: i16| face.thousandths(f32::from(units)).round();
    let bounds = parsed.global_bounding_box();
    let cap_height = parsed.capital_height().unwrap_or(parsed.ascender());
    pdf.font_descriptor(id)
        .name(base)
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(
            scaled(bounds.x_min),
            scaled(bounds.y_min),
            scaled(bounds.x_max),
            scaled(bounds.y_max),
        ))
        .italic_angle(0.0)
        .ascent(scaled(parsed.ascender()))
        .descent(scaled(parsed.descender()))
        .cap_height(scaled(cap_height))
        // Nothing reads it where the outlines are at hand, but it is required. Source: ISO 32000-1, table 122.
        .stem_v(80.0)
        .font_file2(file);
}
