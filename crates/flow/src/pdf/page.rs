//! Pages as what is drawn on them, and the tree of what that means.

use pdf_writer::types::StructRole;

use super::style::{Colour, Style};

/// A line of text.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Of its beginning on the baseline.
    pub x: f32,
    pub y: f32,
    pub style: Style,
    pub text: String,
}

/// A rectangle of one colour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fill {
    pub x: f32,
    /// Of its upper edge.
    pub y: f32,
    pub width: f32,
    pub height: f32,
    pub colour: Colour,
}

/// What is drawn, one after the other.
#[derive(Debug)]
pub enum Piece {
    /// The part of an element's text that is on this page: the `usize`-th of [`Page::marks`].
    Marked(usize, Vec<Run>),
    /// Text that a reader skips: a foot, a heading row once more.
    Repeated(Vec<Run>),
    /// A rule or shade, which means nothing.
    Fill(Fill),
}

/// A page.
#[derive(Debug, Default)]
pub struct Page {
    pub pieces: Vec<Piece>,
    /// Whose each marked piece is.
    pub marks: Vec<Node>,
}

/// An element of a [`Tree`], as its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node(pub usize);

/// What an element consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kid {
    Element(Node),
    /// The marked piece of a page.
    Piece {
        page: usize,
        mark: usize,
    },
}

/// A heading, paragraph, table, row or cell.
#[derive(Debug)]
pub struct Element {
    pub role: StructRole,
    /// Whether a heading cell is a row's, not a column's.
    pub of_row: bool,
    /// `None` for the document.
    pub parent: Option<Node>,
    pub kids: Vec<Kid>,
}

/// A document's elements as a reader meets them.
#[derive(Debug)]
pub struct Tree {
    pub elements: Vec<Element>,
}

impl Tree {
    /// The document.
    pub const ROOT: Node = Node(0);

    pub fn new() -> Self {
        let root = Element { role: StructRole::Document, of_row: false, parent: None, kids: Vec::new() };
        Self { elements: vec![root] }
    }

    /// An element at the end of another.
    pub fn push(&mut self, parent: Node, role: StructRole) -> Node {
        let node = Node(self.elements.len());
        self.elements.push(Element { role, of_row: false, parent: Some(parent), kids: Vec::new() });
        self.elements[parent.0].kids.push(Kid::Element(node));
        node
    }

    /// A heading cell of the row that it is in.
    pub fn push_row_heading(&mut self, row: Node) -> Node {
        let node = self.push(row, StructRole::TH);
        self.elements[node.0].of_row = true;
        node
    }
}
