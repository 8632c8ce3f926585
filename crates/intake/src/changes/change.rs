//! A change as it is given.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::kind::ChangeKind;
use crate::table::Part;

/// Most changes that are listed.
pub const MAX_CHANGES: usize = 2_000;

/// What changed between two models.
#[derive(Debug, Default, Serialize)]
pub struct Changes {
    /// By part, then in the order of the newer model's rows, then those that only the older one has; at most
    /// [`MAX_CHANGES`].
    pub changes: Vec<Change>,
    /// How many more there were.
    pub changes_more: usize,
}

/// One thing that changed.
#[derive(Debug, Serialize)]
pub struct Change {
    /// What kind of change it is.
    pub change: ChangeKind,
    /// The part whose row it is.
    #[serde(serialize_with = "name")]
    pub part: Part,
    /// The policy that the row belongs to, or is: Canopy's id in the newer model, else in the older.
    pub policy_id: Option<String>,
    /// Canopy's id of the row in the newer model, else in the older.
    pub row_id: Option<String>,
    /// The column that changed, `property_data.year_built` within an object; `null` for a row that came or went, and
    /// where the change is more than one column's.
    pub column: Option<Cow<'static, str>>,
    /// What stood there, as the model shows it: a column's value, or the whole row.
    pub before: Box<RawValue>,
    /// What stands there.
    pub after: Box<RawValue>,
    /// The same in a sentence, without what tells who somebody is.
    pub sentence: String,
    /// JSON pointer into the older snapshot, where it has the row.
    pub source_before: Option<String>,
    /// JSON pointer into the newer snapshot, where it has the row.
    pub source_after: Option<String>,
}

fn name<S: Serializer>(part: &Part, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(part.as_str())
}
