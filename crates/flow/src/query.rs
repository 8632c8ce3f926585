//! What is asked of groups.

use std::borrow::Cow;

use canopy::{
    paging::{DEFAULT_LIMIT, Parameter},
    problem::Problem,
};

use crate::instance::{ID_EXPECTED, is_id};

/// A page of the groups, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupQuery {
    /// At most so many.
    pub limit: u32,
    /// Behind this one.
    pub after: Option<String>,
}

impl GroupQuery {
    /// Reads the parameters of a query.
    ///
    /// # Errors
    /// Naming the parameter that is not what it should be, or is none.
    pub fn read<'q>(parameters: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>) -> Result<Self, Problem> {
        let mut query = Self { limit: DEFAULT_LIMIT, after: None };
        for parameter in Parameter::all(parameters) {
            match &*parameter.name {
                "limit" => query.limit = parameter.limit()?,
                "cursor" => {
                    query.after = Some(parameter.cursor(|text| is_id(text).then(|| text.to_owned()))?)
                }
                _ => return Err(parameter.invalid("limit or cursor")),
            }
        }
        Ok(query)
    }
}

/// Reads which version is asked for; `None` for the newest.
///
/// # Errors
/// Naming the parameter that is not what it should be, or is none.
pub fn version<'q>(
    parameters: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>,
) -> Result<Option<u32>, Problem> {
    let mut version = None;
    for parameter in Parameter::all(parameters) {
        match &*parameter.name {
            "version" => version = Some(parameter.number(1..=u32::MAX)?),
            _ => return Err(parameter.invalid("version")),
        }
    }
    Ok(version)
}

/// Reads whether a group is only to be looked at.
///
/// # Errors
/// Naming the parameter that is not what it should be, or is none.
pub fn is_check<'q>(parameters: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>) -> Result<bool, Problem> {
    let mut is_check = false;
    for parameter in Parameter::all(parameters) {
        match (&*parameter.name, &*parameter.value) {
            ("check", "true") => is_check = true,
            ("check", "false") => is_check = false,
            ("check", _) => return Err(parameter.invalid("true or false")),
            _ => return Err(parameter.invalid("check")),
        }
    }
    Ok(is_check)
}

/// A group's name in a path.
///
/// # Errors
/// Where it can be none.
pub fn group(segment: &str) -> Result<&str, Problem> {
    let invalid =
        || Problem::new(canopy::problem::Code::InputInvalid, format!("group: expected {ID_EXPECTED}"));
    is_id(segment).then_some(segment).ok_or_else(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &'static str) -> impl Iterator<Item = (Cow<'static, str>, Cow<'static, str>)> {
        text.split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.into(), value.into()))
    }

    #[test]
    fn queries_are_read_and_others_are_refused() {
        assert_eq!(
            GroupQuery::read(of("limit=2&cursor=renewals")).unwrap(),
            GroupQuery { limit: 2, after: Some("renewals".to_owned()) }
        );
        assert_eq!((version(of("version=3")).unwrap(), version(of("")).unwrap()), (Some(3), None));
        assert!(is_check(of("check=true")).unwrap() && !is_check(of("")).unwrap());
        for wrong in ["limit=0", "cursor=A", "version=1"] {
            assert!(GroupQuery::read(of(wrong)).is_err(), "{wrong}");
        }
        assert!(version(of("version=0")).is_err() && version(of("check=true")).is_err());
        assert!(is_check(of("check=maybe")).is_err() && is_check(of("x=1")).is_err());
        assert!(group("a-b").is_ok() && group("A").is_err());
    }
}
