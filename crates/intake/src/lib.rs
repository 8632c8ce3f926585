//! The agency's model of a pull, without I/O.
//!
//! ```text
//! snapshot ─ read ─▶ rows (Canopy's schemas) ─ model ─▶ rows (the agency's tables) ─▶ JSON, forms, gaps, changes, book
//! ```

mod address;
mod bearers;
pub mod book;
mod called;
pub mod cell;
pub mod changes;
mod contact;
pub mod day;
mod documents;
pub mod forms;
pub mod gaps;
mod identity;
pub mod json;
#[cfg(test)]
mod json_schema;
mod line;
mod losses;
mod missing;
pub mod model;
pub mod money;
pub mod name;
mod people;
pub mod query;
pub mod read;
pub mod redact;
mod scalar;
pub mod schema;
mod shared;
mod stored;
pub mod table;
mod tables;
mod term;
pub mod view;
mod vin;
mod wording;

#[cfg(test)]
mod tests;
