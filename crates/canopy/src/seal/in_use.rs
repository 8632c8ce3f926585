//! Which keys pulls have something under, held to those that are configured.

use serde::Serialize;

use super::keys::Keys;

/// What stands for a key's id where something lies in the clear: no key has it.
const CLEAR: &str = "";

/// Ids of keys with how many pulls have something under each; [`InUse::CLEAR`] for what lies in the clear.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InUse(pub Vec<(String, u64)>);

/// A key as the back office reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyLine {
    /// Its id.
    pub key_id: String,
    /// Whether `EDGE_SNAPSHOT_KEY` holds it.
    pub is_configured: bool,
    /// Whether what is written is sealed with it.
    pub seals: bool,
    /// How many pulls have something under it.
    pub pulls: u64,
}

impl Keys {
    /// Ids of the keys, the one that seals first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(id, _)| id.as_str())
    }

    /// What a value is noted under that is written with these keys: the first key's id, or [`InUse::CLEAR`].
    #[must_use]
    pub fn writes_under(&self) -> &str {
        self.ids().next().unwrap_or(CLEAR)
    }
}

impl InUse {
    /// See above.
    pub const CLEAR: &str = CLEAR;

    /// Each key: those that are configured, then those that are missing.
    #[must_use]
    pub fn lines(&self, keys: &Keys) -> Vec<KeyLine> {
        let configured = keys.ids().enumerate().map(|(at, id)| KeyLine {
            key_id: id.to_owned(),
            is_configured: true,
            seals: at == 0,
            pulls: self.pulls(id),
        });
        configured.chain(self.missing(keys)).collect()
    }

    /// The keys that something is under and that are not configured.
    #[must_use]
    pub fn missing(&self, keys: &Keys) -> Vec<KeyLine> {
        let is_missing = |id: &str| id != CLEAR && keys.ids().all(|known| known != id);
        let rows = self.0.iter().filter(|(id, pulls)| *pulls > 0 && is_missing(id));
        let line = |(id, pulls): &(String, u64)| KeyLine {
            key_id: id.clone(),
            is_configured: false,
            seals: false,
            pulls: *pulls,
        };
        rows.map(line).collect()
    }

    /// How many pulls have something in the clear.
    #[must_use]
    pub fn in_the_clear(&self) -> u64 {
        self.pulls(CLEAR)
    }

    fn pulls(&self, id: &str) -> u64 {
        self.0.iter().find(|(known, _)| known == id).map_or(0, |(_, pulls)| *pulls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn keys() -> Keys {
        let [new, old] =
            ["new", "old"].map(|id| format!("{id}:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="));
        Keys::parse(&Secret::new(format!("{new},{old}"))).unwrap()
    }

    #[test]
    fn each_key_says_whether_it_seals_is_there_and_is_needed() {
        let rows = [(CLEAR, 2), ("gone", 3), ("new", 5), ("none", 0)];
        let in_use = InUse(rows.map(|(id, pulls)| (id.to_owned(), pulls)).to_vec());
        let lines: Vec<_> = in_use.lines(&keys());
        let shown: Vec<_> =
            lines.iter().map(|it| (it.key_id.as_str(), it.is_configured, it.seals, it.pulls)).collect();
        assert_eq!(shown, [("new", true, true, 5), ("old", true, false, 0), ("gone", false, false, 3)]);
        assert_eq!(in_use.in_the_clear(), 2);
        assert_eq!(
            in_use.missing(&Keys::default()).len(),
            2,
            "without a key all that are needed are missing"
        );
    }

    #[test]
    fn what_is_written_is_noted_under_the_first_key() {
        assert_eq!(keys().writes_under(), "new");
        assert_eq!(Keys::default().writes_under(), InUse::CLEAR);
    }
}
