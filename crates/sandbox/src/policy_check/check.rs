//! One check, and how a policy's JSON is read for it.

use serde_json::Value;

/// One check of a policy: what was found, what was asked for, and whether that is enough.
pub(super) struct Check {
    pub name: &'static str,
    pub complies: bool,
    pub actual: Value,
    pub expected: Value,
}

/// Where `actual` has to be `expected`.
pub(super) fn same(name: &'static str, actual: Value, expected: Value) -> Check {
    Check { name, complies: actual == expected, actual, expected }
}

pub(super) fn items<'a>(of: &'a Value, list: &str) -> Vec<&'a Value> {
    of[list].as_array().into_iter().flatten().collect()
}

pub(super) fn text<'a>(of: &'a Value, field: &str) -> &'a str {
    of[field].as_str().unwrap_or_default()
}

/// The coverage of this name that a vehicle or a dwelling has.
pub(super) fn coverage<'a>(of: &'a Value, name: &str) -> Option<&'a Value> {
    of["coverages"].as_array()?.iter().find(|coverage| coverage["name"] == name)
}
