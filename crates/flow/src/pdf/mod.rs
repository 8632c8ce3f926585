//! Documents as PDF: what an agency sends to a consumer.
//!
//! ```text
//! document ─ bound ─▶ within bounds ─ layout (clean, wrap, columns, grid) ─▶ pages, elements ─ write ─▶ bytes
//! ```
//!
//! US letter; text in an embedded font, wrapped by its metrics; tables that repeat their heading row on each page; tagged, so
//! that a screen reader meets headings, paragraphs and tables. The same document is the same bytes.

pub mod bound;
mod canvas;
mod clean;
mod columns;
mod compose;
mod document;
mod error;
mod face;
mod foot;
mod grid;
mod layout;
mod page;
mod style;
#[cfg(test)]
mod tests;
mod wrap;
mod write;

pub use document::{Align, Block, Cell, Column, Document, Set, Table};
pub use error::PdfError;

/// The file of a document.
///
/// ```
/// let document = serde_json::json!({ "title": "Your insurance", "blocks": [{ "facts": [["Policy", "H-1"]] }] });
/// let file = flow::pdf::render(&flow::pdf::Document::read(&document)?)?;
/// assert!(file.starts_with(b"%PDF-1.7"));
/// # Ok::<(), flow::pdf::PdfError>(())
/// ```
///
/// # Errors
/// [`PdfError`], where the document is not within the bounds of [`bound`].
pub fn render(document: &Document) -> Result<Vec<u8>, PdfError> {
    bound::check(document)?;
    let faces = face::Faces::new();
    let pages = layout::lay_out(document, &faces)?;
    let created_at = document.created_at.as_deref().map(bound::moment).transpose()?;
    Ok(write::file(document, created_at, &faces, &pages))
}
