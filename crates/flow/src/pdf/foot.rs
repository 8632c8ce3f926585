//! The foot of each page: whom it is from, and which page of how many.

use super::{
    clean::cleaned,
    document::Document,
    face::{Face, Faces},
    page::{Fill, Page, Piece, Run},
    style::{FOOT, FOOT_LINE, FOOT_RULE, RULE, SIDE, THIN, WIDTH},
};

/// Between what stands left and what stands right.
const GAP: f32 = 24.0;

/// How a language says which page of how many it is: what stands before and between the numbers. Others have a stroke alone.
const WORDS: &[(&str, &str, &str)] = &[("en", "Page ", " of "), ("es", "Página ", " de ")];

/// Draws the feet of all pages.
pub fn draw(document: &Document, faces: &Faces, pages: &mut [Page]) {
    let face = faces.of(FOOT.weight);
    let (before, between) = words(document.language.as_deref().unwrap_or("en"));
    let from = match document.author.as_deref().map(cleaned) {
        Some(author) if !author.is_empty() => format!("{author} · {}", cleaned(&document.title)),
        _ => cleaned(&document.title),
    };
    let from = from.replace('\n', " ");
    let count = pages.len();
    for (index, page) in pages.iter_mut().enumerate() {
        let number = format!("{before}{}{between}{count}", index + 1);
        let width = face.width(None, &number, FOOT.size);
        let y = FOOT_LINE + face.baseline(FOOT.size, FOOT.leading);
        let run = |x, text| Run { x, y, style: FOOT, text };
        let rule = Fill { x: SIDE, y: FOOT_RULE, width: WIDTH, height: THIN, colour: RULE };
        page.pieces.push(Piece::Fill(rule));
        let left = run(SIDE, shortened(face, &from, WIDTH - width - GAP));
        page.pieces.push(Piece::Repeated(vec![left]));
        page.pieces.push(Piece::Repeated(vec![run(SIDE + WIDTH - width, number)]));
    }
}

fn words(language: &str) -> (&'static str, &'static str) {
    let primary = language.split('-').next().unwrap_or_default();
    let known = WORDS.iter().find(|(language, ..)| language.eq_ignore_ascii_case(primary));
    known.map_or(("", " / "), |(_, before, between)| (before, between))
}

/// As much of a text as there is room for.
fn shortened(face: &Face, text: &str, width: f32) -> String {
    if face.width(None, text, FOOT.size) <= width {
        return text.to_owned();
    }
    let mut end = 0;
    let mut used = face.width(None, "…", FOOT.size);
    for (at, character) in text.char_indices() {
        used += face.advance(character) * FOOT.size / 1000.0;
        if used > width {
            break;
        }
        end = at;
    }
    format!("{}…", text[..end].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::face::Weight;

    #[test]
    fn a_long_foot_is_shortened_to_the_room_that_it_has() {
        let faces = Faces::new();
        let face = faces.of(Weight::Regular);
        assert_eq!(shortened(face, "short", 100.0), "short");
        let short = shortened(face, &"Łong ".repeat(40), 100.0);
        assert!(short.ends_with('…') && face.width(None, &short, FOOT.size) <= 100.0, "{short}");
    }

    #[test]
    fn numbers_of_pages_are_said_in_the_documents_language() {
        assert_eq!(words("EN-us"), ("Page ", " of "));
        assert_eq!(words("es"), ("Página ", " de "));
        assert_eq!(words("fr"), ("", " / "));
    }
}
