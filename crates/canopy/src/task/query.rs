//! What is asked of the tasks.

use std::borrow::Cow;

use super::Kind;
use crate::{
    id::{Id, PullId},
    paging::{DEFAULT_LIMIT, Parameter},
    problem::Problem,
    time::UnixMillis,
};

/// How long nothing has come of a pull that stands still, in hours, unless it is asked for otherwise.
const DEFAULT_STALLED_HOURS: u32 = 2;

/// How long after its beginning a pull that stands still is taken for one that was left, in hours.
const LEFT_HOURS: u32 = 30 * 24;

/// The same in milliseconds.
pub const LEFT_MILLIS: i64 = LEFT_HOURS as i64 * MILLIS_AN_HOUR;

const MILLIS_AN_HOUR: i64 = 60 * 60 * 1_000;

/// A task's place: newest first, the pull, the kind, what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Since when it is open.
    pub since: UnixMillis,
    /// Its pull; `None` where it is about none.
    pub pull_id: Option<PullId>,
    /// What it is about.
    pub kind: Kind,
    /// The monitoring, or the servicing action; may be empty.
    pub subject: String,
}

impl Cursor {
    /// The task's name: the same as long as it is open.
    #[must_use]
    pub fn task_id(&self) -> String {
        let pull_id = self.pull_id.as_ref().map(ToString::to_string).unwrap_or_default();
        let id = format!("{}.{pull_id}", self.kind.as_str());
        if self.subject.is_empty() { id } else { format!("{id}.{}", self.subject) }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let since = UnixMillis(parts.next()?.parse().ok()?);
        let kind = Kind::read(parts.next()?)?;
        let pull_id = match parts.next()? {
            "" => None,
            id => Some(PullId::parse(id).ok()?),
        };
        let subject = match parts.next() {
            Some(subject) => Id::parse(subject).ok()?.to_string(),
            None => String::new(),
        };
        parts.next().is_none().then_some(Self { since, pull_id, kind, subject })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.since.0, self.task_id())
    }
}

/// A page of the open tasks, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskQuery {
    /// Of this kind.
    pub kind: Option<Kind>,
    /// Of this pull.
    pub pull_id: Option<PullId>,
    /// How long nothing has come of a pull that stands still, in milliseconds.
    pub stalled_millis: i64,
    /// At most so many.
    pub limit: u32,
    /// Behind this one.
    pub after: Option<Cursor>,
}

impl Default for TaskQuery {
    fn default() -> Self {
        let stalled_millis = i64::from(DEFAULT_STALLED_HOURS) * MILLIS_AN_HOUR;
        Self { kind: None, pull_id: None, stalled_millis, limit: DEFAULT_LIMIT, after: None }
    }
}

impl TaskQuery {
    /// Reads the parameters of a query. One of another name is refused, as it would filter nothing.
    ///
    /// # Errors
    /// [`Code::InputInvalid`], naming the parameter.
    pub fn read<'q>(parameters: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>) -> Result<Self, Problem> {
        let mut query = Self::default();
        for parameter in Parameter::all(parameters) {
            match parameter.name.as_ref() {
                "kind" => {
                    let names = || format!("one of {}", Kind::ALL.map(Kind::as_str).join(", "));
                    let kind = Kind::read(&parameter.value);
                    query.kind = Some(kind.ok_or_else(|| parameter.invalid(&names()))?);
                }
                "pull_id" => query.pull_id = Some(parameter.pull_id()?),
                "stalled_hours" => {
                    query.stalled_millis = i64::from(parameter.number(0..=LEFT_HOURS)?) * MILLIS_AN_HOUR;
                }
                "limit" => query.limit = parameter.limit()?,
                "cursor" => query.after = Some(parameter.cursor(Cursor::parse)?),
                _ => {
                    let expected = "no parameter but kind, pull_id, stalled_hours, limit and cursor";
                    return Err(parameter.invalid(expected));
                }
            }
        }
        Ok(query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Code;

    fn read(query: &str) -> Result<TaskQuery, Code> {
        TaskQuery::read(url::form_urlencoded::parse(query.as_bytes())).map_err(|problem| problem.code)
    }

    #[test]
    fn a_query_is_read_whole_or_refused() {
        for subject in ["m-1", ""] {
            let place = Cursor {
                since: UnixMillis(5),
                pull_id: Some(PullId::parse("p-1").unwrap()),
                kind: Kind::FailedWork,
                subject: subject.to_owned(),
            };
            let query = read(&format!("kind=RECONNECT&pull_id=P-1&stalled_hours=0&limit=2&cursor={place}"));
            let query = query.unwrap();
            assert_eq!((query.kind, query.limit), (Some(Kind::Reconnect), 2));
            assert_eq!((query.stalled_millis, query.after), (0, Some(place)));
        }
        assert_eq!(read("kind=&limit="), Ok(TaskQuery::default()));
        for wrong in [
            "kind=OTHER",
            "pull_id=a/b",
            "stalled_hours=721",
            "stalled_hours=-1",
            "limit=0",
            "limit=101",
            "cursor=x",
            "cursor=1.RECONNECT",
            "cursor=1.RECONNECT.p.m.x",
            "cursor=1.OTHER.p",
            "since=2026-01-01T00:00:00Z",
        ] {
            assert_eq!(read(wrong), Err(Code::InputInvalid), "{wrong}");
        }
    }
}
