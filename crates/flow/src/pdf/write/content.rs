//! What draws a page.

use pdf_writer::{Content, Finish, Name, Settings, Str, types::ArtifactType};

use super::letters::Letters;
use crate::pdf::{
    face::Weight,
    page::{Fill, Page, Piece, Run, Tree},
    style::{Colour, PAGE},
};

/// What the faces are called on a page, the regular one first.
pub const FONTS: [&[u8]; 2] = [b"R", b"B"];

/// A page's content stream.
pub fn of(page: &Page, tree: &Tree, letters: &mut [Letters<'_>; 2]) -> Vec<u8> {
    let mut pen = Pen {
        content: Content::with_settings(Settings { pretty: false }),
        letters,
        font: None,
        colour: None,
    };
    for piece in &page.pieces {
        match piece {
            Piece::Marked(mark, runs) => {
                let role = tree.elements[page.marks[*mark].0].role;
                let mut begin = pen.content.begin_marked_content_with_properties(role.to_name());
                begin.properties().identify((*mark).try_into().expect("a page is of few pieces"));
                begin.finish();
                pen.text(runs);
            }
            Piece::Repeated(runs) => {
                pen.artifact(ArtifactType::Pagination);
                pen.text(runs);
            }
            Piece::Fill(fill) => {
                pen.artifact(ArtifactType::Layout);
                pen.fill(fill);
            }
        }
        pen.content.end_marked_content();
    }
    pen.content.finish().into_vec()
}

/// The content so far, and what is set at its end.
struct Pen<'a, 'f> {
    content: Content,
    letters: &'a mut [Letters<'f>; 2],
    font: Option<(Weight, f32)>,
    colour: Option<Colour>,
}

impl Pen<'_, '_> {
    fn artifact(&mut self, kind: ArtifactType) {
        let mut begin = self.content.begin_marked_content_with_properties(Name(b"Artifact"));
        begin.properties().artifact().kind(kind);
    }

    fn fill(&mut self, fill: &Fill) {
        self.colour(fill.colour);
        self.content.rect(fill.x, PAGE.1 - fill.y - fill.height, fill.width, fill.height).fill_nonzero();
    }

    fn colour(&mut self, colour: Colour) {
        if self.colour.replace(colour) != Some(colour) {
            let [red, green, blue] = colour;
            self.content.set_fill_rgb(red, green, blue);
        }
    }

    fn text(&mut self, runs: &[Run]) {
        self.content.begin_text();
        let (mut x, mut y) = (0.0, 0.0);
        for run in runs {
            self.colour(run.style.colour);
            let font = (run.style.weight, run.style.size);
            let index = usize::from(run.style.weight == Weight::Bold);
            if self.font.replace(font) != Some(font) {
                self.content.set_font(Name(FONTS[index]), run.style.size);
            }
            // It counts from the beginning of the line before.
            let (left, up) = (hundredths(run.x), hundredths(PAGE.1 - run.y));
            self.content.next_line(hundredths(left - x), hundredths(up - y));
            (x, y) = (left, up);
            match self.letters[index].coded(&run.text).as_slice() {
                [] => {}
                [(codes, _)] => {
                    self.content.show(Str(codes));
                }
                parts => {
                    let mut shown = self.content.show_positioned();
                    let mut items = shown.items();
                    for (codes, after) in parts {
                        items.show(Str(codes));
                        if *after != 0.0 {
                            items.adjust(-after.round());
                        }
                    }
                }
            }
        }
        self.content.end_text();
    }
}

/// More is not seen, and takes room.
fn hundredths(length: f32) -> f32 {
    (length * 100.0).round() / 100.0
}
