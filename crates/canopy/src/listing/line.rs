//! A pull's line in the list, and where else it stands there.

use serde::{Deserialize, Serialize};

use super::{Facet, ListKey, Posting, Postings};
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
    /// Everywhere that a pull stands that is found by what its webhooks say and what its snapshot holds: under each of
    /// them, under its status, and under each that many pulls share in that status.
    #[must_use]
    pub fn places(&self, key: &ListKey, webhooks: &Postings, snapshot: &Postings) -> Vec<Posting> {
        let all = |of: fn(&Postings) -> &Vec<Posting>| of(webhooks).iter().chain(of(snapshot));
        let broad = || all(|postings| &postings.broad);
        let mut places: Vec<Posting> = all(|postings| &postings.telling).chain(broad()).cloned().collect();
        if let Some(status) = &self.status {
            places.extend(broad().map(|posting| key.in_status(Some(posting), status)));
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
    /// Of the version's facets.
    pub postings: Postings,
}

impl Listed {
    /// Of the facets of a version.
    #[must_use]
    pub fn new(key: &ListKey, version: i64, facets: &[Facet]) -> Self {
        Self { key: key.id(), version, postings: key.postings(facets) }
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
        let facet = |name, value| Facet::new(name, value).unwrap();
        let facets = [facet(Name::Carrier, "a"), facet(Name::Carrier, "A"), facet(Name::Email, "a")];
        let listed = Listed::new(&key, 1, &facets);
        let Postings { telling, broad } = &listed.postings;
        assert_eq!((telling.len(), broad.len()), (1, 1));
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
        let own = key.postings(&[facet(Name::Carrier, "a"), facet(Name::Metadata("m".to_owned()), "1")]);
        assert_eq!(line(None).places(&key, &own, &listed.postings).len(), 3);
        let places = line(Some(PullStatus::Success)).places(&key, &own, &listed.postings);
        assert_eq!(places.len(), 6, "three, two of them in their status, and the status alone");
        let in_status = |posting| key.in_status(posting, &PullStatus::Success);
        assert!(places.contains(&in_status(None)) && places.contains(&in_status(Some(&broad[0]))));
        assert!(places.contains(&telling[0]) && !places.contains(&in_status(Some(&telling[0]))));
    }
}
