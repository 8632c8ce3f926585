//! Whether two addresses are one.

use crate::{called::plain, cell::Row, name::Name as N};

/// Digits of a ZIP code that say where it is.
const ZIP_DIGITS: usize = 5;

/// House, street, unit and ZIP code; where there is no street, the whole address as one text.
pub fn key(row: &Row<'_>) -> Option<String> {
    let part = |column| row.text(column).map(plain).filter(|text: &String| !text.is_empty());
    let Some(street) = part(N::street) else { return part(N::full_address) };
    let or_none = |column| part(column).unwrap_or_default();
    let zip: String = or_none(N::zip).chars().take(ZIP_DIGITS).collect();
    Some(format!("{} {street} {} {zip}", or_none(N::number), or_none(N::sec_unit_num)))
}
