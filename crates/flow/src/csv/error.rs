//! Why a table is not rendered.

/// Each names the place as a JSON pointer into the table (empty for all of it), and what was expected there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CsvError {
    /// The JSON is no [`Table`](super::Table).
    #[error("{}: {problem}", place(.at))]
    Shape { at: String, problem: String },
    /// A bound of this module.
    #[error("{}: expected at most {most} {of}, found {found}", place(.at))]
    TooMany { at: String, of: &'static str, most: usize, found: usize },
    /// A file of more bytes than [`super::BYTES`]; `at` is the row that is the first too much.
    #[error("{}: expected a table of at most {most} bytes, which are full here", place(.at))]
    TooLarge { at: String, most: usize },
    /// A table without columns.
    #[error("{}: expected at least one column, found none", place(.at))]
    NoColumns { at: String },
    /// A row that does not fit its table.
    #[error("{}: expected {columns} cells, one for each column, found {found}", place(.at))]
    Cells { at: String, columns: usize, found: usize },
    /// A list as a row of a table whose columns name members.
    #[error("{}: expected an object, as a column names the member {member:?}; found a list", place(.at))]
    List { at: String, member: String },
    /// What no cell holds.
    #[error("{}: expected a text, a number, true, false, null or a list of those", place(.at))]
    Cell { at: String },
}

fn place(at: &str) -> &str {
    if at.is_empty() { "the table" } else { at }
}
