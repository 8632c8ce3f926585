//! Workflows of an agency, without I/O.

pub mod csv;
pub mod pdf;
mod place;
