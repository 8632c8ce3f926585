//! A pull's line in the list, and where else it stands there.

use serde::{Deserialize, Serialize};

use super::{Facet, ListKey, Posting};
use crate::{status::PullStatus, time::UnixMillis};

/// A pull's line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The pull.
    pub pull_id: String,
    /// Position of its last entry: a line with a lower one is older.
    pub revision: i64,
    /// Canopy's pull status.
    pub status: Option<PullStatus>,
    /// `COMPLETE` came.
    pub complete: bool,
    /// When the first event came.
    pub created_at: UnixMillis,
    /// When its state last changed.
    pub updated_at: UnixMillis,
}

impl Line {
    /// Everywhere that a pull found by `postings` stands: under each of them, and under each in its status.
    #[must_use]
    pub fn places(&self, key: &ListKey, postings: &[Posting]) -> Vec<Posting> {
        let mut places = postings.to_vec();
        if let Some(status) = &self.status {
            places.extend(postings.iter().map(|posting| key.in_status(Some(posting), status)));
            places.push(key.in_status(None, status));
        }
        places.sort();
        places.dedup();
        places
    }
}

/// What a pull was found by when its places in the list were worked out: as long as it is the same, so are they.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundBy {
    /// What its webhooks say.
    pub facets: Vec<Facet>,
    /// A [`Listed`] as the pull keeps it.
    pub snapshot: Option<String>,
    /// Its status.
    pub status: Option<PullStatus>,
}

/// What a pull's newest snapshot is found by, as the pull keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    key: String,
    version: i64,
    /// Sorted, each once.
    pub postings: Vec<Posting>,
}

impl Listed {
    /// Of the facets of a version.
    #[must_use]
    pub fn new(key: &ListKey, version: i64, facets: &[Facet]) -> Self {
        let mut postings: Vec<Posting> = facets.iter().map(|facet| key.posting(facet)).collect();
        postings.sort();
        postings.dedup();
        Self { key: key.id(), version, postings }
    }

    /// Whether it is still what the pull is found by: not once there is another key, or another version.
    #[must_use]
    pub fn is_of(&self, key: &ListKey, version: i64) -> bool {
        self.key == key.id() && self.version == version
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{listing::Name, secret::Secret};

    #[test]
    fn a_pull_stands_under_what_it_is_found_by_and_under_that_in_its_status() {
        let key = ListKey::derive(&Secret::new("key"));
        let facets = ["a", "b", "b"].map(|value| Facet::new(Name::Account, value).unwrap());
        let listed = Listed::new(&key, 1, &facets);
        assert_eq!(listed.postings.len(), 2);
        assert!(listed.is_of(&key, 1) && !listed.is_of(&key, 2));
        assert!(!listed.is_of(&ListKey::derive(&Secret::new("other")), 1));
        let line = |status: Option<PullStatus>| Line {
            pull_id: "p".to_owned(),
            revision: 1,
            status,
            complete: false,
            created_at: UnixMillis(0),
            updated_at: UnixMillis(0),
        };
        assert_eq!(line(None).places(&key, &listed.postings), listed.postings);
        let places = line(Some(PullStatus::Success)).places(&key, &listed.postings);
        assert_eq!(places.len(), 5);
        assert!(places.contains(&key.in_status(None, &PullStatus::Success)));
        assert!(places.contains(&key.in_status(Some(&listed.postings[0]), &PullStatus::Success)));
    }
}
