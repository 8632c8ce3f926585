//! What was and is to come, as it is listed.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Data, Due, OwnEvent, Plan, event::rfc3339};
use crate::{
    id::Position,
    paging::{DEFAULT_LIMIT, Parameter, digits},
    problem::Problem,
    time::UnixMillis,
};

/// Longest name of what is scheduled.
pub const MAX_ID_LENGTH: usize = 256;

/// What becomes of something that is scheduled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outlook {
    /// It is to come.
    Due,
    /// It came.
    Fired,
    /// It does not come, as what it was to announce is not so any more.
    Void,
    /// Somebody took it back.
    Cancelled,
}

impl Outlook {
    const ALL: [(Self, &str); 4] =
        [(Self::Due, "due"), (Self::Fired, "fired"), (Self::Void, "void"), (Self::Cancelled, "cancelled")];
}

/// Who scheduled it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The back office.
    Caller,
    /// It follows from what is known.
    Automatic,
}

impl Origin {
    /// Of an event by its type.
    #[must_use]
    pub fn of(event_type: &str) -> Self {
        if event_type.starts_with(super::OURS) { Self::Automatic } else { Self::Caller }
    }
}

/// See above.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Its name.
    pub schedule_id: String,
    /// In capital letters.
    pub event_type: String,
    /// Who scheduled it.
    pub origin: Origin,
    /// What becomes of it.
    pub state: Outlook,
    /// When it comes, came or would have come.
    #[serde(with = "rfc3339")]
    pub effective_at: UnixMillis,
    /// Why it comes, or does not.
    pub because: Option<String>,
    /// What goes with it.
    pub data: Data,
    /// The entry that it follows from.
    pub cause: Option<Position>,
    /// The entry that ended it.
    pub ended: Option<Position>,
}

impl Item {
    /// What is to come. `scheduled` is what a caller scheduled.
    #[must_use]
    pub fn due(due: &Due<'_>, plan: &Plan, scheduled: Option<OwnEvent>) -> Self {
        let event = due.event(plan, scheduled);
        Self { cause: Some(due.cause()), ..Self::of(event, Outlook::Due) }
    }

    /// What an entry at `position`, brought by `cause`, ended.
    #[must_use]
    pub fn ended(event: OwnEvent, state: Outlook, position: Position, cause: Option<Position>) -> Self {
        Self { cause, ended: Some(position), ..Self::of(event, state) }
    }

    fn of(event: OwnEvent, state: Outlook) -> Self {
        Self {
            schedule_id: event.schedule_id.unwrap_or_default(),
            origin: Origin::of(&event.event_type),
            event_type: event.event_type,
            state,
            effective_at: event.effective_at,
            because: event.because,
            data: event.data,
            cause: None,
            ended: None,
        }
    }
}

/// Where a page of the schedule ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScheduleCursor {
    /// Behind this one of what is to come.
    Due(UnixMillis, String),
    /// Before this entry.
    Ended(Position),
}

impl ScheduleCursor {
    fn parse(text: &str) -> Option<Self> {
        if let Some(position) = text.strip_prefix("e.") {
            return digits(position).filter(|position| *position > 0).map(Self::Ended);
        }
        let (at, id) = text.strip_prefix("d.")?.split_once('.')?;
        (id.len() <= MAX_ID_LENGTH).then(|| Some(Self::Due(UnixMillis(digits(at)?), id.to_owned())))?
    }
}

impl std::fmt::Display for ScheduleCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Due(at, id) => write!(f, "d.{}.{id}", at.0),
            Self::Ended(position) => write!(f, "e.{position}"),
        }
    }
}

/// A page of the schedule: what comes first first, then what is over, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleQuery {
    /// In this state.
    pub state: Option<Outlook>,
    /// At most so many.
    pub limit: u32,
    /// Behind this one.
    pub after: Option<ScheduleCursor>,
}

impl ScheduleQuery {
    /// Reads the parameters of a query. One of another name is refused, as it would filter nothing.
    ///
    /// # Errors
    /// [`crate::problem::Code::InputInvalid`], naming the parameter.
    pub fn read<'q>(parameters: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>) -> Result<Self, Problem> {
        let mut query = Self { state: None, limit: DEFAULT_LIMIT, after: None };
        for parameter in Parameter::all(parameters) {
            match parameter.name.as_ref() {
                "state" => {
                    let state = Outlook::ALL.into_iter().find(|(_, name)| *name == parameter.value);
                    let state = state.ok_or_else(|| parameter.invalid("due, fired, void or cancelled"))?;
                    query.state = Some(state.0);
                }
                "limit" => query.limit = parameter.limit()?,
                "cursor" => query.after = Some(parameter.cursor(ScheduleCursor::parse)?),
                _ => return Err(parameter.invalid("state, limit or cursor")),
            }
        }
        Ok(query)
    }

    /// Whether what is in `state` is asked for.
    #[must_use]
    pub fn takes(&self, state: Outlook) -> bool {
        self.state.is_none_or(|asked| asked == state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<ScheduleQuery, Problem> {
        ScheduleQuery::read(url::form_urlencoded::parse(query.as_bytes()))
    }

    #[test]
    fn a_query_is_read_and_what_it_has_not_is_refused() {
        let query = read("state=void&limit=7&cursor=d.5.A.17").unwrap();
        assert_eq!(query.after, Some(ScheduleCursor::Due(UnixMillis(5), "A.17".to_owned())));
        assert!(query.takes(Outlook::Void) && !query.takes(Outlook::Due));
        for cursor in [ScheduleCursor::Due(UnixMillis(9), "A.1".to_owned()), ScheduleCursor::Ended(3)] {
            assert_eq!(read(&format!("cursor={cursor}")).unwrap().after, Some(cursor));
        }
        for wrong in
            ["state=done", "limit=0", "cursor=x", "cursor=e.0", "cursor=d.x.A", "cursor=d.%2B1.A", "due=1"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
