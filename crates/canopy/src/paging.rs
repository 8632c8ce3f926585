//! Lists come in pages: what their queries have in common, and where a page ends.

use std::{borrow::Cow, ops::RangeInclusive};

use crate::{
    id::PullId,
    problem::{Code, Problem},
    time::UnixMillis,
};

/// Most items of a page.
pub const MAX_LIMIT: u32 = 100;

/// Items of a page, unless it is asked for otherwise.
pub const DEFAULT_LIMIT: u32 = 50;

/// A parameter of a query that has a value, decoded.
#[derive(Debug)]
pub struct Parameter<'q> {
    /// Its name.
    pub name: Cow<'q, str>,
    /// Its value.
    pub value: Cow<'q, str>,
}

impl<'q> Parameter<'q> {
    /// Those of a query: one without a value counts as left out.
    pub fn all(parameters: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>) -> impl Iterator<Item = Self> {
        parameters.filter(|(_, value)| !value.is_empty()).map(|(name, value)| Self { name, value })
    }

    /// That it is not what it should be.
    #[must_use]
    pub fn invalid(&self, expected: &str) -> Problem {
        Problem::new(Code::InputInvalid, format!("{}: expected {expected}", self.name.escape_debug()))
    }

    /// # Errors
    /// [`Code::InputInvalid`] for all but an RFC 3339 time.
    pub fn moment(&self) -> Result<UnixMillis, Problem> {
        let moment = UnixMillis::parse(&self.value);
        moment.ok_or_else(|| self.invalid("an RFC 3339 time, like 2026-01-31T09:30:00Z"))
    }

    /// # Errors
    /// [`Code::InputInvalid`] for all but a whole number in `range`.
    pub fn number(&self, range: RangeInclusive<u32>) -> Result<u32, Problem> {
        let number = self.value.parse().ok().filter(|number| range.contains(number));
        number
            .ok_or_else(|| self.invalid(&format!("a whole number from {} to {}", range.start(), range.end())))
    }

    /// # Errors
    /// [`Code::InputInvalid`] for all but the number of items of a page.
    pub fn limit(&self) -> Result<u32, Problem> {
        self.number(1..=MAX_LIMIT)
    }

    /// # Errors
    /// [`Code::InputInvalid`] for all but a pull's id.
    pub fn pull_id(&self) -> Result<PullId, Problem> {
        PullId::parse(&self.value).map_err(|_| self.invalid("a pull's id"))
    }

    /// # Errors
    /// [`Code::InputInvalid`] for all but what `parse` takes.
    pub fn cursor<T>(&self, parse: impl Fn(&str) -> Option<T>) -> Result<T, Problem> {
        parse(&self.value).ok_or_else(|| self.invalid("what the page before gave"))
    }
}

/// A number of a cursor: digits alone, as the page before gave them.
#[must_use]
pub fn digits<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// The page of `limit` items, of which one more was read where there is another page, and that page's cursor.
pub fn page<T>(mut read: Vec<T>, limit: u32, place: impl Fn(&T) -> String) -> (Vec<T>, Option<String>) {
    let is_last = read.len() <= limit as usize;
    read.truncate(limit as usize);
    let cursor = read.last().filter(|_| !is_last).map(place);
    (read, cursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter<'q>(name: &'q str, value: &'q str) -> Parameter<'q> {
        Parameter { name: name.into(), value: value.into() }
    }

    #[test]
    fn what_is_wrong_is_named_and_cannot_write_a_line_of_its_own() {
        for value in ["0", "101", "-1", "1.0", "x", " 1"] {
            let problem = parameter("limit", value).limit().unwrap_err();
            assert_eq!(problem.detail, "limit: expected a whole number from 1 to 100", "{value}");
        }
        assert_eq!((parameter("limit", "1").limit(), parameter("limit", "100").limit()), (Ok(1), Ok(100)));
        assert!(parameter("since", "yesterday").moment().unwrap_err().detail.starts_with("since: "));
        assert!(parameter("pull_id", "a/b").pull_id().unwrap_err().detail.starts_with("pull_id: "));
        assert_eq!(parameter("a\nb", "x").invalid("y").detail, "a\\nb: expected y");
        let query = [("a", ""), ("b", "1")].map(|(name, value)| (name.into(), value.into()));
        assert_eq!(Parameter::all(query.into_iter()).map(|it| it.name).collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn a_page_has_a_cursor_where_there_is_another() {
        let of = |count: u32| page((0..count).collect(), 2, u32::to_string);
        assert_eq!(of(0), (vec![], None));
        assert_eq!(of(2), (vec![0, 1], None));
        assert_eq!(of(3), (vec![0, 1], Some("1".to_owned())));
    }
}
