//! Canopy's API as data: one table of its operations, that the proxy, the edge's own calls and the sandbox share.
//! Source: `contract/openapi.json`.

mod method;
mod path;
mod row;
mod table;

#[cfg(test)]
mod tests;

pub use method::{Method, allowed};
pub use path::Found;
pub use row::{Access, Answer, Body, Repeat, Row, Scope};
pub use table::{OLDER_FORMS, Operation};
