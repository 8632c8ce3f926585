//! Pages while they fill.

use super::{
    bound,
    document::Align,
    error::PdfError,
    face::{Face, Faces},
    page::{Fill, Kid, Node, Page, Piece, Run, Tree},
    style::{BOTTOM, Style, TOP},
    wrap::wrapped,
};

/// The pages so far, and how far the last one is full.
#[derive(Debug)]
pub struct Canvas<'f> {
    faces: &'f Faces,
    pub pages: Vec<Page>,
    pub tree: Tree,
    /// Where what comes next begins.
    pub y: f32,
    /// The place in the document of what is being laid out.
    pub at: String,
}

impl<'f> Canvas<'f> {
    pub fn new(faces: &'f Faces) -> Self {
        Self { faces, pages: vec![Page::default()], tree: Tree::new(), y: TOP, at: String::new() }
    }

    pub fn face(&self, style: Style) -> &'f Face {
        self.faces.of(style.weight)
    }

    /// Goes to the next page.
    pub fn turn(&mut self) -> Result<(), PdfError> {
        if self.pages.len() == bound::PAGES {
            return Err(PdfError::TooLong { at: self.at.clone(), most: bound::PAGES });
        }
        self.pages.push(Page::default());
        self.y = TOP;
        Ok(())
    }

    /// Whether nothing is on the last page.
    pub fn is_fresh(&self) -> bool {
        self.pages.last().is_none_or(|page| page.pieces.is_empty())
    }

    /// Goes down; at the top of a page there is nothing to keep a distance from.
    pub fn skip(&mut self, distance: f32) {
        if !self.is_fresh() {
            self.y += distance;
        }
    }

    /// How many lines there is room for, `padding` left free.
    pub fn lines_left(&self, leading: f32, padding: f32) -> usize {
        // A negative number is cast to 0.
        ((BOTTOM - self.y - padding) / leading + 0.001).floor() as usize
    }

    pub fn wrap(&self, style: Style, width: f32, text: &str) -> Vec<String> {
        wrapped(self.face(style), style.size, width, text)
    }

    /// Lines of text, the first of them `below` the place where the canvas is.
    pub fn runs(
        &self,
        style: Style,
        lines: &[String],
        x: f32,
        width: f32,
        align: Align,
        below: f32,
    ) -> Vec<Run> {
        let face = self.face(style);
        let mut y = self.y + below + face.baseline(style.size, style.leading);
        let mut run = |line: &String| {
            let space = match align {
                Align::Left => 0.0,
                Align::Right => width - face.width(None, line.trim_end_matches(' '), style.size),
            };
            let run = Run { x: x + space.max(0.0), y, style, text: line.clone() };
            y += style.leading;
            run
        };
        lines.iter().map(&mut run).collect()
    }

    /// Draws what is an element's.
    pub fn mark(&mut self, node: Node, runs: Vec<Run>) {
        let number = self.pages.len() - 1;
        let page = &mut self.pages[number];
        let mark = page.marks.len();
        page.marks.push(node);
        page.pieces.push(Piece::Marked(mark, runs));
        self.tree.elements[node.0].kids.push(Kid::Piece { page: number, mark });
    }

    /// Draws text that a reader skips.
    pub fn repeat(&mut self, runs: Vec<Run>) {
        self.piece(Piece::Repeated(runs));
    }

    pub fn fill(&mut self, fill: Fill) {
        self.piece(Piece::Fill(fill));
    }

    fn piece(&mut self, piece: Piece) {
        let number = self.pages.len() - 1;
        self.pages[number].pieces.push(piece);
    }
}
