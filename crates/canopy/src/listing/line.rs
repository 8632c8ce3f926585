//! A pull's line in the list, and where else it stands there.

use serde::{Deserialize, Serialize};

use super::{Facet, ListKey, Posting, Postings};
use crate::{
    id::{Id, PullId},
    pull::is_refresh,
    status::PullStatus,
    time::UnixMillis,
};

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
    /// The pull that its monitoring began with.
    pub initial_pull_id: Option<PullId>,
    /// The monitoring.
    pub monitoring_id: Option<Id>,
    /// Its newest version as Canopy gave it, and when it was fetched.
    pub snapshot: Option<(i64, UnixMillis)>,
    /// When the next event comes by itself, or its next work is due.
    pub next_at: Option<UnixMillis>,
}

impl Line {
    /// Whether it is a refresh of another.
    #[must_use]
    pub fn is_refresh(&self) -> bool {
        is_refresh(&self.pull_id, self.initial_pull_id.as_ref().map(PullId::as_str))
    }

    /// Everywhere that a pull stands that is found by what its webhooks say and what its snapshot holds: under each of
    /// them, and under its status. In a status that is not only passed through it stands under what many pulls share
    /// together with the status, and nowhere else. See [`super::Plan`] for how it is found.
    #[must_use]
    pub fn places(&self, key: &ListKey, found_by: &FoundBy) -> Vec<Posting> {
        let (webhooks, none) = (key.postings(&found_by.facets), Postings::default());
        let snapshot = found_by.snapshot.as_ref().map_or(&none, |listed| &listed.postings);
        let all = |of: fn(&Postings) -> &Vec<Posting>| of(&webhooks).iter().chain(of(snapshot));
        let settled = self.status.as_ref().filter(|status| !status.is_passing());
        let broad = all(|postings| &postings.broad).map(|posting| match settled {
            Some(status) => key.in_status(Some(posting), status),
            None => posting.clone(),
        });
        let mut places: Vec<Posting> = all(|postings| &postings.telling).cloned().chain(broad).collect();
        places.extend(self.status.as_ref().map(|status| key.of_status(status)));
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
    /// What its newest snapshot says.
    pub snapshot: Option<Listed>,
    /// Its status.
    pub status: Option<PullStatus>,
}

/// What a pull's newest snapshot is found by, as it is kept beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    key: String,
    /// Of the snapshot's facets.
    pub postings: Postings,
}

impl Listed {
    /// Of the facets of a snapshot.
    #[must_use]
    pub fn new(key: &ListKey, facets: &[Facet]) -> Self {
        Self { key: key.id(), postings: key.postings(facets) }
    }

    /// Whether it is still what the pull is found by: not once there is another key.
    #[must_use]
    pub fn is_of(&self, key: &ListKey) -> bool {
        self.key == key.id()
    }

    /// As JSON.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("postings are plain data")
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
        let listed = Listed::new(&key, &facets);
        let Postings { telling, broad } = &listed.postings;
        assert_eq!((telling.len(), broad.len()), (1, 1));
        assert!(listed.is_of(&key) && !listed.is_of(&ListKey::derive(&Secret::new("other"))));
        let line = |status: Option<PullStatus>| Line {
            pull_id: "p".to_owned(),
            revision: 1,
            status,
            complete: false,
            created_at: UnixMillis(0),
            updated_at: UnixMillis(0),
            initial_pull_id: None,
            monitoring_id: None,
            snapshot: None,
            next_at: None,
        };
        let found_by = FoundBy {
            facets: vec![facet(Name::Carrier, "a"), facet(Name::Metadata("m".to_owned()), "1")],
            snapshot: Some(listed.clone()),
            status: None,
        };
        assert_eq!(line(None).places(&key, &found_by).len(), 3);
        assert_eq!(line(Some(PullStatus::Queued)).places(&key, &found_by).len(), 4, "and the status alone");
        let places = line(Some(PullStatus::Success)).places(&key, &found_by);
        assert_eq!(places.len(), 4, "as many, two of them in their status");
        let in_status = |posting| key.in_status(posting, &PullStatus::Success);
        assert!(places.contains(&in_status(None)) && places.contains(&in_status(Some(&broad[0]))));
        assert!(places.contains(&telling[0]) && !places.contains(&in_status(Some(&telling[0]))));
    }
}
