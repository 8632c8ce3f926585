//! What is asked of groups.

use std::borrow::Cow;

use canopy::{
    id::PullId,
    paging::{DEFAULT_LIMIT, Parameter, digits},
    problem::Problem,
    time::UnixMillis,
};

use crate::{
    instance::{ID_EXPECTED, is_id},
    run::Status,
};

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
    flag(parameters, "check")
}

/// Reads whether a step is made anew of which somebody has looked what became of it.
///
/// # Errors
/// Naming the parameter that is not what it should be, or is none.
pub fn is_anew<'q>(parameters: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>) -> Result<bool, Problem> {
    flag(parameters, "anew")
}

/// Reads the one parameter that there may be, true or false.
fn flag<'q>(
    parameters: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>,
    name: &str,
) -> Result<bool, Problem> {
    let mut flag = false;
    for parameter in Parameter::all(parameters) {
        flag = match (&*parameter.name == name, &*parameter.value) {
            (true, "true") => true,
            (true, "false") => false,
            (true, _) => return Err(parameter.invalid("true or false")),
            (false, _) => return Err(parameter.invalid(name)),
        };
    }
    Ok(flag)
}

/// The last run of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunCursor {
    /// When it was started.
    pub started_at: UnixMillis,
    /// Its id.
    pub run_id: String,
}

impl RunCursor {
    /// Reads what it was written as.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        RunId::parse(id)?;
        Some(Self { started_at: UnixMillis(digits(at)?), run_id: id.to_owned() })
    }
}

impl std::fmt::Display for RunCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.started_at.0, self.run_id)
    }
}

/// A page of the runs, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunQuery {
    /// Of this instance.
    pub instance: Option<String>,
    /// That stand so.
    pub status: Option<String>,
    /// On this pull.
    pub pull_id: Option<PullId>,
    /// At most so many.
    pub limit: u32,
    /// Behind this one.
    pub after: Option<RunCursor>,
}

impl RunQuery {
    /// Reads the parameters of a query.
    ///
    /// # Errors
    /// Naming the parameter that is not what it should be, or is none.
    pub fn read<'q>(parameters: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>) -> Result<Self, Problem> {
        const STATUSES: [Status; 6] = [
            Status::Running,
            Status::Approval,
            Status::Done,
            Status::Stopped,
            Status::Failed,
            Status::Cancelled,
        ];
        let mut query = Self { limit: DEFAULT_LIMIT, ..Self::default() };
        for parameter in Parameter::all(parameters) {
            match &*parameter.name {
                "limit" => query.limit = parameter.limit()?,
                "instance" if is_id(&parameter.value) => query.instance = Some(parameter.value.into_owned()),
                "instance" => return Err(parameter.invalid(ID_EXPECTED)),
                "status" => {
                    let known = STATUSES.into_iter().find(|status| status.as_str() == parameter.value);
                    let expected = STATUSES.map(Status::as_str).join(", ");
                    query.status =
                        Some(known.ok_or_else(|| parameter.invalid(&expected))?.as_str().to_owned());
                }
                "pull_id" => query.pull_id = Some(parameter.pull_id()?),
                "cursor" => query.after = Some(parameter.cursor(RunCursor::read)?),
                _ => return Err(parameter.invalid("instance, status, pull_id, limit or cursor")),
            }
        }
        Ok(query)
    }
}

/// Whose object keeps a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeper {
    /// The pull's that it is about.
    Pull(PullId),
    /// The instance's: it is about no pull.
    Instance(String),
}

/// Where a run is, by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunId {
    /// In which object.
    pub keeper: Keeper,
    /// Its number there.
    pub number: i64,
}

impl RunId {
    /// Reads an id: `p-<pull>-<number>`, or `i-<instance>-<number>`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (keeper, number) = text.rsplit_once('-')?;
        let is_number = (1..=12).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse().ok().filter(|number| is_number && *number > 0)?;
        let keeper = match keeper.split_once('-')? {
            ("p", pull_id) => Keeper::Pull(PullId::parse(pull_id).ok()?),
            ("i", id) => Keeper::Instance(Some(id).filter(|id| is_id(id))?.to_owned()),
            _ => return None,
        };
        Some(Self { keeper, number })
    }
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
