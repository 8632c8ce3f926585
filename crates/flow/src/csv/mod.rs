//! Tables for a spreadsheet: RFC 4180, in UTF-8 behind a byte order mark, by which spreadsheets know that it is UTF-8.

mod error;
mod render;
mod table;
#[cfg(test)]
mod tests;

pub use error::CsvError;
pub use render::{BYTES, COLUMNS, ROWS, render};
pub use table::{Column, Row, Table};
