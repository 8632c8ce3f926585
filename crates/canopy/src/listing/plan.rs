//! How a question to the list is answered: where the pulls stand that it asks for.

use super::{Facet, ListKey, Name, Posting, PullQuery};
use crate::status::PullStatus;

/// Places of the list. A pull is found that stands in one posting at least of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The place whose postings are read, then those that each pull there is looked up in; without any, all pulls are read.
    pub places: Vec<Vec<Posting>>,
    /// The status that each pull's line is to have, where the places do not say it.
    pub status: Option<PullStatus>,
}

impl Plan {
    /// The cheapest for `query`. Its facets have the most telling first.
    #[must_use]
    pub fn of(query: &PullQuery, key: &ListKey) -> Self {
        let status = query.status.as_ref();
        let mut places: Vec<_> = query.facets.iter().map(|facet| place(facet, status, key)).collect();
        // Where few pulls share a value, the status of each is looked at.
        if query.facets.first().is_some_and(|facet| facet.name.is_telling()) {
            return Self { places, status: status.cloned() };
        }
        match status {
            // Few are in one that is only passed through: they are read, also where an earlier version listed them.
            Some(status) if status.is_passing() => {
                places.insert(0, vec![key.of_status(status), key.in_status(None, status)]);
                return Self { places, status: Some(status.clone()) };
            }
            Some(status) if places.is_empty() => places.push(vec![key.of_status(status)]),
            _ => {}
        }
        Self { places, status: None }
    }
}

/// Where pulls stand that are found by `facet`, and can be in `status`; in whatever, without one.
#[must_use]
pub fn place(facet: &Facet, status: Option<&PullStatus>, key: &ListKey) -> Vec<Posting> {
    let alone = key.posting(facet);
    let in_any = || {
        let settled = PullStatus::SETTLED.iter().map(|status| key.in_status(Some(&alone), status));
        std::iter::once(alone.clone()).chain(settled).collect()
    };
    match status {
        // Lists of before had it in its status.
        _ if matches!(facet.name, Name::Metadata(_)) && facet.name.is_telling() => in_any(),
        _ if facet.name.is_telling() => vec![alone],
        Some(status) if status.is_passing() => vec![alone],
        Some(status) => vec![key.in_status(Some(&alone), status)],
        None => in_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        listing::{FoundBy, Line},
        metadata::SESSION_MEMBER,
        secret::Secret,
        time::UnixMillis,
    };

    fn facet(name: Name, value: &str) -> Facet {
        Facet::new(name, value).unwrap()
    }

    /// Whatever a pull is found by and whatever its status, each question that names some of it finds it, and no question
    /// that names another status does.
    #[test]
    fn a_pull_is_found_by_each_part_of_what_it_is_found_by() {
        let key = ListKey::derive(&Secret::new("key"));
        let metadata = |member: &str| facet(Name::Metadata(member.to_owned()), "1");
        let all =
            [facet(Name::Email, "a"), metadata("m"), metadata(SESSION_MEMBER), facet(Name::Carrier, "c")];
        let other = facet(Name::Carrier, "d");
        let statuses = ["SUCCESS", "PROVIDER_ERROR", "QUEUED", "IDENTITY_VERIFICATION", "OF_LATER"]
            .map(PullStatus::read);
        for own in statuses.iter().map(Some).chain([None]) {
            let line = Line {
                pull_id: "p".to_owned(),
                revision: 1,
                status: own.cloned(),
                complete: false,
                created_at: UnixMillis(0),
                updated_at: UnixMillis(0),
                initial_pull_id: None,
                monitoring_id: None,
                snapshot: None,
                next_at: None,
            };
            let stands =
                line.places(&key, &FoundBy { facets: all.to_vec(), snapshot: None, status: own.cloned() });
            let finds = |facets: &[Facet], status: Option<&PullStatus>| {
                let query = PullQuery {
                    status: status.cloned(),
                    needs: None,
                    facets: facets.to_vec(),
                    since: None,
                    before: None,
                    limit: 1,
                    after: None,
                };
                let plan = Plan::of(&query, &key);
                let is_there = |place: &Vec<Posting>| place.iter().any(|posting| stands.contains(posting));
                plan.places.iter().all(is_there) && plan.status.is_none_or(|status| own == Some(&status))
            };
            for subset in 0..1_usize << all.len() {
                let facets: Vec<Facet> =
                    (0..all.len()).filter(|at| subset >> at & 1 == 1).map(|at| all[at].clone()).collect();
                assert!(finds(&facets, None), "{facets:?} of {own:?}");
                let mut foreign = facets.clone();
                foreign.push(other.clone());
                assert!(!finds(&foreign, None), "{foreign:?} of {own:?}");
                for status in &statuses {
                    assert_eq!(
                        finds(&facets, Some(status)),
                        own == Some(status),
                        "{facets:?} {status} of {own:?}"
                    );
                    assert!(!finds(&foreign, Some(status)), "{foreign:?} {status} of {own:?}");
                }
            }
        }
    }
}
