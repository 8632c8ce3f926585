//! What is asked of the changes.

use std::borrow::Cow;

use canopy::{id::PullId, paging::Parameter, problem::Problem};

use crate::{query::one_of, redact::Redact};

/// What the newer version is compared with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum From {
    /// The version before it.
    #[default]
    Before,
    /// A version of the same pull.
    Version(u32),
    /// A version of another pull, its newest where there is no number: an earlier refresh of the account.
    Pull(PullId, Option<u32>),
}

/// Two versions to compare, and what is left out of the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangesQuery {
    /// The older.
    pub from: From,
    /// The newer: the newest where there is no number.
    pub to: Option<u32>,
    /// What is left out.
    pub redact: Redact,
}

/// What `to` is for the newest version.
const LATEST: &str = "latest";

impl ChangesQuery {
    /// Reads the parameters of a query. One of another name is refused, as it would change nothing.
    ///
    /// # Errors
    /// [`Code::InputInvalid`](canopy::problem::Code::InputInvalid), naming the parameter.
    pub fn read<'q>(parameters: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>) -> Result<Self, Problem> {
        let mut query = Self::default();
        let (mut from, mut from_pull) = (None, None);
        for parameter in Parameter::all(parameters) {
            match parameter.name.as_ref() {
                "from" => from = Some(version(&parameter, "a version's number")?),
                "from_pull" => from_pull = Some(parameter.pull_id()?),
                "to" if parameter.value == LATEST => query.to = None,
                "to" => query.to = Some(version(&parameter, "a version's number, or latest")?),
                "redact" => query.redact = one_of(&parameter, Redact::NAMES)?,
                _ => return Err(parameter.invalid("no parameter but from, from_pull, to and redact")),
            }
        }
        query.from = match (from_pull, from) {
            (Some(pull), version) => From::Pull(pull, version),
            (None, Some(version)) => From::Version(version),
            (None, None) => From::Before,
        };
        Ok(query)
    }
}

fn version(parameter: &Parameter<'_>, expected: &str) -> Result<u32, Problem> {
    parameter.number(1..=u32::MAX).map_err(|_| parameter.invalid(expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<ChangesQuery, String> {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let pairs = pairs.map(|(name, value)| (name.into(), value.into()));
        ChangesQuery::read(pairs).map_err(|problem| problem.detail)
    }

    #[test]
    fn a_query_is_read_whole_or_refused() {
        let pull = || PullId::parse("p-1").unwrap();
        for (query, from, to, redact) in [
            ("", From::Before, None, Redact::Nothing),
            ("from=&to=&redact=", From::Before, None, Redact::Nothing),
            ("to=latest", From::Before, None, Redact::Nothing),
            ("from=1&to=3&redact=ids", From::Version(1), Some(3), Redact::Ids),
            ("from_pull=P-1", From::Pull(pull(), None), None, Redact::Nothing),
            ("from=2&from_pull=p-1&redact=all", From::Pull(pull(), Some(2)), None, Redact::All),
        ] {
            assert_eq!(read(query), Ok(ChangesQuery { from, to, redact }), "{query}");
        }
        for (query, expected) in [
            ("from=0", "from: expected a version's number"),
            ("from=latest", "from: expected a version's number"),
            ("to=newest", "to: expected a version's number, or latest"),
            ("to=-1", "to: expected a version's number, or latest"),
            ("from_pull=a/b", "from_pull: expected a pull's id"),
            ("redact=names", "redact: expected one of contact, ids, all"),
            ("version=2", "version: expected no parameter but from, from_pull, to and redact"),
        ] {
            assert_eq!(read(query), Err(expected.to_owned()), "{query}");
        }
    }
}
