//! What is asked of the book.

use std::borrow::Cow;

use canopy::{
    id::{Id, PullId},
    listing::{Facet, Name},
    paging::{DEFAULT_LIMIT, Parameter},
    problem::Problem,
};

use super::entry::{NO_DAY, carrier, enumeration, line};
use crate::{day::Day, query::day, tables::LINES};

/// Most values of one parameter.
const MAX_VALUES: usize = 20;

/// Most members of metadata.
const MAX_FACETS: usize = 8;

/// A policy's place: by its expiry day, its id, its pull.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The day, or [`NO_DAY`].
    pub expires: String,
    /// The policy.
    pub policy_id: Id,
    /// Its pull.
    pub pull_id: PullId,
}

impl Cursor {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let expires = parts.next()?;
        let policy_id = Id::parse(parts.next()?).ok()?;
        let pull_id = PullId::parse(parts.next()?).ok()?;
        let is_day = expires == NO_DAY || Day::parse(expires).is_some();
        (is_day && parts.next().is_none()).then(|| Self { expires: expires.to_owned(), policy_id, pull_id })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.expires, self.policy_id, self.pull_id)
    }
}

/// A page of the book, in order of places. Of each list one value has to fit, but of `has` all, and of `lacks` none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyQuery {
    /// Expires on this day or later.
    pub expiring_from: Option<Day>,
    /// Expires before this day.
    pub expiring_before: Option<Day>,
    /// Lines of business.
    pub lines: Vec<String>,
    /// Identifiers of insurance companies.
    pub carriers: Vec<String>,
    /// Statuses.
    pub statuses: Vec<String>,
    /// Lines that the account has.
    pub has: Vec<String>,
    /// Lines that it has not.
    pub lacks: Vec<String>,
    /// Metadata, each of one of the account's pulls.
    pub metadata: Vec<Facet>,
    /// At most so many.
    pub limit: u32,
    /// Behind this one.
    pub after: Option<Cursor>,
}

impl PolicyQuery {
    /// Reads the parameters of a query. One of another name is refused, as it would filter nothing.
    ///
    /// # Errors
    /// [`canopy::problem::Code::InputInvalid`], naming the parameter.
    pub fn read<'q>(parameters: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>) -> Result<Self, Problem> {
        let mut query = Self { limit: DEFAULT_LIMIT, ..Self::default() };
        for parameter in Parameter::all(parameters) {
            query.take(&parameter)?;
        }
        Ok(query)
    }

    fn take(&mut self, parameter: &Parameter<'_>) -> Result<(), Problem> {
        let line = |text: &str| line(text).map(str::to_owned);
        let lines = || format!("lines, separated by commas, of {}", LINES.replace(' ', ", "));
        match parameter.name.as_ref() {
            "expiring_from" => self.expiring_from = Some(day(parameter)?),
            "expiring_before" => self.expiring_before = Some(day(parameter)?),
            "line" => add(&mut self.lines, parameter, line, &lines())?,
            "has" => add(&mut self.has, parameter, line, &lines())?,
            "lacks" => add(&mut self.lacks, parameter, line, &lines())?,
            "carrier" => {
                let expected = "identifiers of insurance companies, separated by commas";
                add(&mut self.carriers, parameter, carrier, expected)?;
            }
            "status" => {
                add(&mut self.statuses, parameter, enumeration, "statuses, separated by commas")?;
            }
            "limit" => self.limit = parameter.limit()?,
            "cursor" => self.after = Some(parameter.cursor(Cursor::parse)?),
            name => {
                let name = Name::read(name).filter(|name| matches!(name, Name::Metadata(_))).ok_or_else(|| {
                    parameter.invalid("expiring_from, expiring_before, line, carrier, status, has, lacks, metadata.<member>, limit or cursor")
                })?;
                let facet = Facet::new(name, &parameter.value);
                let facet = facet.filter(|_| self.metadata.len() < MAX_FACETS);
                let expected = format!("a value that a pull can have, of at most {MAX_FACETS} members");
                self.metadata.push(facet.ok_or_else(|| parameter.invalid(&expected))?);
            }
        }
        Ok(())
    }
}

/// Adds what `parameter` has, each value once.
fn add(
    values: &mut Vec<String>,
    parameter: &Parameter<'_>,
    read: impl Fn(&str) -> Option<String>,
    expected: &str,
) -> Result<(), Problem> {
    for value in parameter.value.split(',') {
        let value = read(value).ok_or_else(|| parameter.invalid(expected))?;
        if !values.contains(&value) {
            values.push(value);
        }
    }
    let is_few = values.len() <= MAX_VALUES;
    is_few.then_some(()).ok_or_else(|| parameter.invalid(&format!("at most {MAX_VALUES} values")))
}
