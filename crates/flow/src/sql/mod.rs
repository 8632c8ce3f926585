//! What a `query` step asks of the book: one SELECT over documented tables, read whole before anything is run of it.

mod bounds;
mod error;
mod expression;
mod functions;
mod name;
mod read;
mod scope;
mod select;
mod tables;
#[cfg(test)]
mod tests;

pub use bounds::*;
pub use error::SqlError;
pub use read::Select;
