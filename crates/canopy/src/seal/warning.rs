//! What the operator is warned of: what will hurt, and does not yet.

use serde::Serialize;

use super::{in_use::KeyLine, keys::Keys};

/// A warning, as `/healthz` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// `NOT_SEALED`, `KEY_MISSING` or `KEYS_UNKNOWN`.
    pub code: &'static str,
    /// What stands so, and what to do.
    pub detail: String,
    /// Of a missing key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
    /// How many pulls need it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pulls: Option<u64>,
}

impl Warning {
    /// No key is set, and this is no local run.
    #[must_use]
    pub fn not_sealed(keys: &Keys, is_local: bool) -> Option<Self> {
        let detail = "EDGE_SNAPSHOT_KEY: expected a key: without one all is stored in the clear";
        (!keys.is_set() && !is_local).then(|| Self::new("NOT_SEALED", detail.to_owned()))
    }

    /// A key was taken away that is needed.
    #[must_use]
    pub fn missing(line: &KeyLine) -> Self {
        let KeyLine { key_id, pulls, .. } = line;
        let detail = format!(
            "EDGE_SNAPSHOT_KEY: expected the key {key_id} behind the first: without it what is sealed with it cannot be read"
        );
        Self { key_id: Some(key_id.clone()), pulls: Some(*pulls), ..Self::new("KEY_MISSING", detail) }
    }

    /// Which keys are needed was not read.
    #[must_use]
    pub fn unknown() -> Self {
        let detail = "AGENCY: expected the tables of migrations/: which keys are needed is not known";
        Self::new("KEYS_UNKNOWN", detail.to_owned())
    }

    fn new(code: &'static str, detail: String) -> Self {
        Self { code, detail, key_id: None, pulls: None }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_key_is_warned_of_where_it_is_no_local_run() {
        let set = Keys::single("k", [1; 32]);
        assert!(Warning::not_sealed(&Keys::default(), false).is_some());
        for (keys, is_local) in [(Keys::default(), true), (set.clone(), false), (set, true)] {
            assert_eq!(Warning::not_sealed(&keys, is_local), None);
        }
    }

    #[test]
    fn a_missing_key_is_named_with_who_needs_it() {
        let line = KeyLine { key_id: "k1".to_owned(), is_configured: false, seals: false, pulls: 3 };
        let warning = json!(Warning::missing(&line));
        assert_eq!((&warning["code"], &warning["key_id"]), (&json!("KEY_MISSING"), &json!("k1")));
        assert_eq!(warning["pulls"], 3);
        assert_eq!(json!(Warning::unknown()).get("key_id"), None);
    }
}
