//! What a query may be, and what it may not.

mod accepted;
mod hostile;
mod properties;
mod tables;

use super::{Select, SqlError};

/// SELECTs that are taken, with an empty line between them. Each runs over a database made of the migrations.
fn accepted() -> impl Iterator<Item = &'static str> {
    include_str!("accepted.sql").split("\n\n")
}
