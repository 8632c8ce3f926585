//! What is asked of a pull's history.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{
    id::Position,
    paging::{DEFAULT_LIMIT, Parameter, digits},
    problem::Problem,
    time::UnixMillis,
};

/// Highest position asked for.
const MAX_POSITION: u32 = u32::MAX;

/// The moment at which a pull is looked at, or an end of a range of them, included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Moment {
    /// With so many entries.
    Position(Position),
    /// At that time.
    At(UnixMillis),
}

impl Moment {
    /// Reads `position` or `at` of a query; `None` where neither is given.
    ///
    /// # Errors
    /// [`crate::problem::Code::InputInvalid`], naming the parameter.
    pub fn read<'q>(
        parameters: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>,
    ) -> Result<Option<Self>, Problem> {
        let mut moment = None;
        for parameter in Parameter::all(parameters) {
            let read = match parameter.name.as_ref() {
                "position" => Self::Position(parameter.number(1..=MAX_POSITION)?.into()),
                "at" => Self::At(parameter.moment()?),
                _ => continue,
            };
            if moment.replace(read).is_some() {
                return Err(parameter.invalid("position or at, one of them"));
            }
        }
        Ok(moment)
    }
}

/// Which way a timeline goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// The oldest first.
    Forwards,
    /// What is to come first, the latest of it before all.
    Backwards,
}

/// Where a page of a timeline ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimelineCursor {
    /// At this entry.
    Entry(Position),
    /// At so many of what is to come, in their order.
    ToCome(u32),
}

impl TimelineCursor {
    fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| digits(text).filter(|number: &u32| *number > 0);
        match text.split_at_checked(2)? {
            ("e.", text) => number(text).map(|position| Self::Entry(position.into())),
            ("c.", text) => number(text).map(Self::ToCome),
            _ => None,
        }
    }
}

impl std::fmt::Display for TimelineCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Entry(position) => write!(f, "e.{position}"),
            Self::ToCome(number) => write!(f, "c.{number}"),
        }
    }
}

/// A page of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineQuery {
    /// Not before.
    pub from: Option<Moment>,
    /// Not after.
    pub to: Option<Moment>,
    /// Which way.
    pub order: Order,
    /// At most so many.
    pub limit: u32,
    /// Behind this.
    pub after: Option<TimelineCursor>,
}

impl TimelineQuery {
    /// Reads the parameters of a query. One of another name is refused, as it would filter nothing.
    ///
    /// # Errors
    /// [`crate::problem::Code::InputInvalid`], naming the parameter.
    pub fn read<'q>(parameters: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>) -> Result<Self, Problem> {
        let mut query =
            Self { from: None, to: None, order: Order::Forwards, limit: DEFAULT_LIMIT, after: None };
        for parameter in Parameter::all(parameters) {
            match parameter.name.as_ref() {
                "from" => query.from = Some(bound(&parameter)?),
                "to" => query.to = Some(bound(&parameter)?),
                "order" => {
                    query.order = match parameter.value.as_ref() {
                        "asc" => Order::Forwards,
                        "desc" => Order::Backwards,
                        _ => return Err(parameter.invalid("asc or desc")),
                    }
                }
                "limit" => query.limit = parameter.limit()?,
                "cursor" => query.after = Some(parameter.cursor(TimelineCursor::parse)?),
                _ => return Err(parameter.invalid("from, to, order, limit or cursor")),
            }
        }
        Ok(query)
    }

    /// Whether something is asked for that is to come then: behind every position.
    #[must_use]
    pub fn has_to_come(&self, at: UnixMillis) -> bool {
        let is_after = !matches!(self.from, Some(Moment::At(from)) if at < from);
        is_after
            && match self.to {
                None => true,
                Some(Moment::At(to)) => at <= to,
                Some(Moment::Position(_)) => false,
            }
    }

    /// The entries of a range that the pages before have not shown: the first and the last.
    #[must_use]
    pub fn left(&self, first: Position, last: Position) -> (Position, Position) {
        match (self.order, self.after) {
            (Order::Forwards, Some(TimelineCursor::Entry(after))) => (first.max(after + 1), last),
            (Order::Backwards, Some(TimelineCursor::Entry(after))) => (first, last.min(after - 1)),
            (Order::Forwards, Some(TimelineCursor::ToCome(_))) => (last + 1, last),
            (_, None) | (Order::Backwards, Some(TimelineCursor::ToCome(_))) => (first, last),
        }
    }

    /// Whether something may be asked for that is to come, and was not shown.
    #[must_use]
    pub fn looks_ahead(&self) -> bool {
        let is_shown = matches!((self.order, self.after), (Order::Backwards, Some(TimelineCursor::Entry(_))));
        !is_shown && !matches!(self.to, Some(Moment::Position(_)))
    }

    /// Whether the pages before have not shown what is to come as the `number`th, from 1.
    #[must_use]
    pub fn is_left_to_come(&self, number: u32) -> bool {
        match (self.order, self.after) {
            (_, None) | (Order::Forwards, Some(TimelineCursor::Entry(_))) => true,
            (Order::Forwards, Some(TimelineCursor::ToCome(after))) => number > after,
            (Order::Backwards, Some(TimelineCursor::ToCome(after))) => number < after,
            (Order::Backwards, Some(TimelineCursor::Entry(_))) => false,
        }
    }
}

fn bound(parameter: &Parameter<'_>) -> Result<Moment, Problem> {
    match parameter.value.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(Moment::Position(parameter.number(1..=MAX_POSITION)?.into())),
        false => parameter.moment().map(Moment::At),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<TimelineQuery, Problem> {
        TimelineQuery::read(url::form_urlencoded::parse(query.as_bytes()))
    }

    #[test]
    fn a_range_is_of_positions_or_of_times() {
        let query = read("from=3&to=2026-01-31T09:30:00Z").unwrap();
        let (before, after) = (UnixMillis(1_769_851_800_000), UnixMillis(1_769_851_800_001));
        assert!(query.has_to_come(before) && !query.has_to_come(after));
        assert!(!read("to=9").unwrap().has_to_come(before) && !read("to=9").unwrap().looks_ahead());
        for wrong in
            ["from=x", "to=0", "order=up", "cursor=x", "cursor=e.0", "cursor=e.%2B1", "limit=101", "form=1"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn pages_follow_each_other_either_way() {
        let forwards = read("cursor=e.4").unwrap();
        assert!(forwards.left(1, 9) == (5, 9) && forwards.is_left_to_come(1) && forwards.looks_ahead());
        let forwards = read("cursor=c.2").unwrap();
        assert!(
            forwards.left(1, 9) == (10, 9) && forwards.is_left_to_come(3) && !forwards.is_left_to_come(2)
        );
        let backwards = read("order=desc&cursor=c.2").unwrap();
        assert!(
            backwards.left(1, 9) == (1, 9) && backwards.is_left_to_come(1) && !backwards.is_left_to_come(2)
        );
        let backwards = read("order=desc&cursor=e.4").unwrap();
        assert!(backwards.left(1, 9) == (1, 3) && !backwards.looks_ahead());
    }

    #[test]
    fn a_moment_is_a_position_or_a_time() {
        let read = |query: &str| Moment::read(url::form_urlencoded::parse(query.as_bytes()));
        assert_eq!(read("read=newest").unwrap(), None);
        assert_eq!(read("position=7").unwrap(), Some(Moment::Position(7)));
        assert!(matches!(read("at=2026-01-31T09:30:00Z"), Ok(Some(Moment::At(_)))));
        for wrong in ["position=0", "position=-1", "at=now", "position=1&at=2026-01-31T09:30:00Z"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
