//! Why a document is not rendered.

/// Each names the place as a JSON pointer into the document (empty for all of it), and what was expected there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PdfError {
    /// The JSON is no [`Document`](super::Document).
    #[error("{}: {problem}", place(.at))]
    Shape { at: String, problem: String },
    /// A bound of [`super::bound`].
    #[error("{}: expected at most {most} {of}, found {found}", place(.at))]
    TooMany { at: String, of: &'static str, most: usize, found: usize },
    /// More pages than [`super::bound::PAGES`]; `at` is the block that is on the first page too many.
    #[error("{}: expected a document of at most {most} pages, which are full here", place(.at))]
    TooLong { at: String, most: usize },
    /// A text that may not be blank, or a list that may not be empty.
    #[error("{}: expected {expected}, found nothing", place(.at))]
    Empty { at: String, expected: &'static str },
    /// A row that does not fit its table.
    #[error("{}: expected {columns} cells, one for each column, found {found}", place(.at))]
    Cells { at: String, columns: usize, found: usize },
    /// A text or number of another form.
    #[error("{}: expected {expected}, found {found}", place(.at))]
    Form { at: String, expected: &'static str, found: String },
}

fn place(at: &str) -> &str {
    if at.is_empty() { "the document" } else { at }
}
