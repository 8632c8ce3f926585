//! What is asked of the list of pulls.

use std::borrow::Cow;

use super::{Facet, Name};
use crate::{
    id::PullId,
    paging::{DEFAULT_LIMIT, MAX_LIMIT, Parameter},
    problem::{Code, Problem},
    status::PullStatus,
    time::UnixMillis,
};

/// Most filters of one question, the status aside.
const MAX_FILTERS: usize = 8;

/// Kinds of tasks that pulls are listed by. Whether a pull stands still is worked out only where tasks are read.
pub const NEEDS: [&str; 6] =
    ["RECONNECT", "CONFIRMATION", "FAILED_WORK", "DELIVERY", "APPROVAL", "FAILED_RUN"];

/// The last pull of a page: the next page begins behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// When its first event came.
    pub created_at: UnixMillis,
    /// The pull.
    pub pull_id: PullId,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.created_at.0, self.pull_id)
    }
}

impl Cursor {
    fn parse(text: &str) -> Option<Self> {
        let (created_at, pull_id) = text.split_once('.')?;
        Some(Self { created_at: UnixMillis(created_at.parse().ok()?), pull_id: PullId::parse(pull_id).ok()? })
    }
}

/// A page of the list, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullQuery {
    /// In this status.
    pub status: Option<PullStatus>,
    /// With an open task of this kind, one of [`NEEDS`].
    pub needs: Option<&'static str>,
    /// Found by all of these, the most telling first.
    pub facets: Vec<Facet>,
    /// First event not before.
    pub since: Option<UnixMillis>,
    /// First event not after.
    pub before: Option<UnixMillis>,
    /// At most so many.
    pub limit: u32,
    /// Behind this one.
    pub after: Option<Cursor>,
}

impl PullQuery {
    /// Reads the parameters of a request, decoded. One without a value counts as left out.
    ///
    /// # Errors
    /// [`Code::InputInvalid`], naming the parameter and what was expected: also for one that is not known, which would
    /// else be a filter that filters nothing.
    pub fn read<'q>(parameters: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>) -> Result<Self, Problem> {
        let mut query = Self {
            status: None,
            needs: None,
            facets: Vec::new(),
            since: None,
            before: None,
            limit: DEFAULT_LIMIT,
            after: None,
        };
        for parameter in Parameter::all(parameters) {
            query.take(&parameter)?;
        }
        query
            .facets
            .sort_by(|one, other| (!one.name.is_telling(), one).cmp(&(!other.name.is_telling(), other)));
        query.facets.dedup();
        if query.facets.len() > MAX_FILTERS {
            return Err(Problem::new(
                Code::InputInvalid,
                format!("expected at most {MAX_FILTERS} filters beside status, needs, since and before"),
            ));
        }
        Ok(query)
    }

    /// Reads a request for the pulls of one account, which a segment of its path names; gives that, decoded.
    ///
    /// # Errors
    /// [`Code::InputInvalid`], naming what was expected.
    pub fn of_account<'q>(
        segment: &str,
        parameters: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>,
    ) -> Result<(String, Self), Problem> {
        let parameters: Vec<_> = parameters.collect();
        let all = parameters
            .iter()
            .map(|(name, value)| (Cow::Borrowed(name.as_ref()), Cow::Borrowed(value.as_ref())));
        let other = Parameter::all(all).find(|it| !["limit", "cursor"].contains(&it.name.as_ref()));
        if let Some(other) = other {
            return Err(other.invalid("no parameter but limit and cursor"));
        }
        let decoded = percent_encoding::percent_decode_str(segment).decode_utf8().ok();
        let account = decoded.and_then(|text| Some((Facet::new(Name::Account, &text)?, text.into_owned())));
        let (facet, account) = account.ok_or_else(|| {
            Problem::new(
                Code::InputInvalid,
                "account_identifier: expected the one of a pull, percent-encoded",
            )
        })?;
        Ok((account, Self { facets: vec![facet], ..Self::read(parameters.into_iter())? }))
    }

    /// Reads a request for the pulls of one consumer, which the agency's metadata name; nothing else selects any.
    ///
    /// # Errors
    /// [`Code::InputInvalid`], naming what was expected.
    pub fn of_metadata<'q>(
        parameters: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>,
    ) -> Result<Self, Problem> {
        let query = Self { limit: MAX_LIMIT, ..Self::read(parameters)? };
        let is_metadata = |facet: &Facet| matches!(facet.name, Name::Metadata(_));
        let selects_alone = query.status.is_none()
            && query.needs.is_none()
            && query.since.is_none()
            && query.before.is_none()
            && query.after.is_none();
        if query.facets.is_empty() || !query.facets.iter().all(is_metadata) || !selects_alone {
            let detail = "expected metadata.<member>=<value>, once or more, and no other parameter: they say whose pulls are deleted";
            return Err(Problem::new(Code::InputInvalid, detail));
        }
        Ok(query)
    }

    fn take(&mut self, parameter: &Parameter<'_>) -> Result<(), Problem> {
        match parameter.name.as_ref() {
            "status" => self.status = Some(PullStatus::read(&parameter.value)),
            "needs" => {
                let kind = NEEDS.into_iter().find(|kind| kind.eq_ignore_ascii_case(&parameter.value));
                let expected = || parameter.invalid(&format!("one of {}", NEEDS.join(", ")));
                self.needs = Some(kind.ok_or_else(expected)?);
            }
            "since" => self.since = Some(parameter.moment()?),
            "before" => self.before = Some(parameter.moment()?),
            "limit" => self.limit = parameter.limit()?,
            "cursor" => self.after = Some(parameter.cursor(Cursor::parse)?),
            name => {
                let name = Name::read(name).ok_or_else(|| {
                    parameter.invalid("status, needs, type, carrier, since, before, account_identifier, metadata.<member>, email, phone, policy_number, limit or cursor")
                })?;
                let facet = Facet::new(name, &parameter.value);
                self.facets.push(facet.ok_or_else(|| parameter.invalid("a value that a pull can have"))?);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parameters: &[(&'static str, &'static str)]) -> Result<PullQuery, Problem> {
        PullQuery::read(parameters.iter().map(|(name, value)| ((*name).into(), (*value).into())))
    }

    #[test]
    fn a_question_is_read_with_its_most_telling_filter_first() {
        let query = read(&[
            ("carrier", "statefarm"),
            ("metadata.lead_id", "7"),
            ("status", "SUCCESS"),
            ("needs", "reconnect"),
            ("since", "2026-01-31T09:30:00Z"),
            ("before", "2026-01-31T10:30:00 01:00"),
            ("limit", "3"),
            ("cursor", "1700000000000.p-1"),
            ("type", ""),
        ]);
        let query = query.unwrap();
        assert_eq!(
            query.facets.iter().map(|facet| facet.name.text()).collect::<Vec<_>>(),
            ["metadata.lead_id", "carrier"]
        );
        assert_eq!(
            (query.status, query.limit, query.needs),
            (Some(PullStatus::Success), 3, Some("RECONNECT"))
        );
        assert_eq!(query.since, query.before, "a plus sign in a query is a space");
        assert_eq!(query.after.unwrap().to_string(), "1700000000000.p-1");
        assert_eq!(read(&[]).unwrap().limit, DEFAULT_LIMIT);
    }

    #[test]
    fn what_cannot_be_asked_is_refused_by_name() {
        for (name, value) in [
            ("limit", "0"),
            ("limit", "101"),
            ("limit", "x"),
            ("cursor", "x"),
            ("cursor", "1.a/b"),
            ("since", "yesterday"),
            ("before", "2026-02-30T00:00:00Z"),
            ("phone", "none"),
            ("needs", "STALLED"),
            ("metdata.lead_id", "7"),
            ("metadata.", "7"),
        ] {
            let problem = read(&[(name, value)]).unwrap_err();
            assert_eq!(problem.code, Code::InputInvalid);
            assert!(problem.detail.starts_with(name), "{name}={value}: {}", problem.detail);
        }
        let many: Vec<_> =
            ["1", "2", "3", "4", "5", "6", "7", "8", "9"].map(|value| ("metadata.a", value)).into();
        assert!(read(&many).is_err() && read(&many[1..]).is_ok());
    }

    #[test]
    fn what_is_deleted_is_selected_by_metadata_alone() {
        let read = |parameters: &[(&'static str, &'static str)]| {
            PullQuery::of_metadata(parameters.iter().map(|(name, value)| ((*name).into(), (*value).into())))
        };
        assert_eq!(read(&[("metadata.lead_id", "7"), ("metadata.office", "1")]).unwrap().facets.len(), 2);
        for others in
            [&[][..], &[("metadata.lead_id", "")], &[("status", "SUCCESS")], &[("email", "a@b.example")]]
        {
            assert!(read(others).is_err(), "{others:?}");
        }
        assert!(read(&[("metadata.lead_id", "7"), ("since", "2026-01-31T09:30:00Z")]).is_err());
        assert!(read(&[("metadata.lead_id", "7"), ("metdata.office", "1")]).is_err());
    }

    #[test]
    fn an_account_is_named_by_its_segment() {
        let read = |segment, name: &'static str| {
            PullQuery::of_account(segment, [(name.into(), "1".into())].into_iter())
                .map_err(|problem| problem.detail)
        };
        let (account, query) = read("a%2Fb%20c", "limit").unwrap();
        assert_eq!((account.as_str(), query.limit), ("a/b c", 1));
        assert_eq!(Facet::new(Name::Account, "a/b c").as_ref(), query.facets.first());
        assert!(read("a", "status").unwrap_err().starts_with("status"));
        for nothing in ["%20", "%ff", ""] {
            assert!(read(nothing, "limit").unwrap_err().starts_with("account_identifier"), "{nothing}");
        }
    }
}
