//! Names as SQLite compares them.

use super::error::SqlError;

/// A name in small letters, without its double quotes. Letters beside ASCII are taken as they are, as SQLite does.
///
/// # Errors
/// For `[x]`, `` `x` `` and `'x'`, which SQLite takes for a name, too, and for one with a double quote in it.
pub fn read(written: &str) -> Result<String, SqlError> {
    let quoted = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let is_name = match quoted {
        Some(name) => !name.is_empty() && !name.contains('"'),
        None => !written.starts_with(['"', '\'', '`', '[']),
    };
    if is_name {
        Ok(quoted.unwrap_or(written).to_ascii_lowercase())
    } else {
        Err(SqlError::Name(written.to_owned()))
    }
}
