//! Rows as they are kept: what is there, and nothing for what is absent.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::name::Name;

/// Where a row stands among those that were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(pub u32);

/// A value that is there. What its column holds says how it is written.
#[derive(Debug, Clone)]
pub enum Cell<'a> {
    /// Yes or no.
    Flag(bool),
    /// A whole number, or cents.
    Integer(i64),
    /// Text, a number's digits, a day, a time, one of a list's words as it came.
    Text(Cow<'a, str>),
    /// Several of them.
    Texts(Vec<Cow<'a, str>>),
    /// An object that is part of the row.
    Object(Row<'a>),
    /// Anything.
    Json(Cow<'a, RawValue>),
    /// Rows of their own.
    Rows(Vec<RowId>),
}

impl Cell<'_> {
    /// Its text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

impl<'a, T: Into<Cow<'a, str>>> From<T> for Cell<'a> {
    fn from(text: T) -> Self {
        Self::Text(text.into())
    }
}

/// A row: each name at most once.
#[derive(Debug, Clone, Default)]
pub struct Row<'a> {
    cells: Vec<(Name, Cell<'a>)>,
}

impl<'a> Row<'a> {
    /// Nothing.
    pub const NONE: Self = Self { cells: Vec::new() };

    /// What stands under `column`.
    #[must_use]
    pub fn get(&self, column: Name) -> Option<&Cell<'a>> {
        self.cells.iter().find(|(its, _)| *its == column).map(|(_, cell)| cell)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, column: Name) -> Option<&mut Cell<'a>> {
        self.cells.iter_mut().find(|(its, _)| *its == column).map(|(_, cell)| cell)
    }

    /// Puts `cell` there in place of what was.
    pub fn set(&mut self, column: Name, cell: impl Into<Option<Cell<'a>>>) {
        let place = self.cells.iter().position(|(its, _)| *its == column);
        match (place, cell.into()) {
            (Some(place), Some(cell)) => self.cells[place].1 = cell,
            (Some(place), None) => drop(self.cells.remove(place)),
            (None, Some(cell)) => self.cells.push((column, cell)),
            (None, None) => {}
        }
    }

    /// Adds a text to those under `column`.
    pub fn push(&mut self, column: Name, text: Cow<'a, str>) {
        match self.cells.iter_mut().find(|(its, _)| *its == column) {
            Some((_, Cell::Texts(texts))) => texts.push(text),
            Some(_) => {}
            None => self.cells.push((column, Cell::Texts(vec![text]))),
        }
    }

    /// Gives each row of its own the id that it has among others.
    pub(crate) fn renumber(&mut self, place: &impl Fn(RowId) -> Option<RowId>) {
        for (_, cell) in &mut self.cells {
            if let Cell::Rows(rows) = cell {
                *rows = rows.iter().copied().filter_map(place).collect();
            }
        }
    }

    /// All that is there.
    pub fn cells(&self) -> impl Iterator<Item = (Name, &Cell<'a>)> {
        self.cells.iter().map(|(column, cell)| (*column, cell))
    }

    /// Whether nothing is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// A text.
    #[must_use]
    pub fn text(&self, column: Name) -> Option<&str> {
        self.get(column)?.text()
    }

    /// A whole number, or cents.
    #[must_use]
    pub fn integer(&self, column: Name) -> Option<i64> {
        if let Some(Cell::Integer(number)) = self.get(column) { Some(*number) } else { None }
    }

    /// Yes or no.
    #[must_use]
    pub fn flag(&self, column: Name) -> Option<bool> {
        if let Some(Cell::Flag(flag)) = self.get(column) { Some(*flag) } else { None }
    }

    /// Whether it is said to be so.
    #[must_use]
    pub fn is(&self, column: Name) -> bool {
        self.flag(column) == Some(true)
    }

    /// Texts; none where there are none.
    pub fn texts(&self, column: Name) -> impl Iterator<Item = &str> {
        let texts = if let Some(Cell::Texts(texts)) = self.get(column) { texts.as_slice() } else { &[] };
        texts.iter().map(AsRef::as_ref)
    }

    /// An object that is part of the row.
    #[must_use]
    pub fn object(&self, column: Name) -> Option<&Row<'a>> {
        if let Some(Cell::Object(row)) = self.get(column) { Some(row) } else { None }
    }

    /// Rows of their own.
    #[must_use]
    pub fn rows(&self, column: Name) -> &[RowId] {
        if let Some(Cell::Rows(rows)) = self.get(column) { rows } else { &[] }
    }
}
