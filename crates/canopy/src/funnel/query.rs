//! What is asked of the funnel.

use std::borrow::Cow;

use super::report::is_link;
use crate::{
    paging::{DEFAULT_LIMIT, Parameter},
    problem::Problem,
    schedule::Day,
};

/// Days that are shown unless it is said, the last among them.
const DEFAULT_DAYS: u16 = 30;

/// The last row of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunnelCursor {
    /// Its day.
    pub day: Day,
    /// Its link.
    pub link: String,
}

impl std::fmt::Display for FunnelCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}~{}", self.day, self.link)
    }
}

/// A page of days and links, the newest day first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunnelQuery {
    /// The first day.
    pub from: Day,
    /// The last.
    pub to: Day,
    /// Of this link alone.
    pub link: Option<String>,
    /// At most so many.
    pub limit: u32,
    /// Behind this one.
    pub after: Option<FunnelCursor>,
}

impl FunnelQuery {
    /// Reads the parameters of a query; `today` is the agency's.
    ///
    /// # Errors
    /// Naming the parameter that is not what it should be, or is none.
    pub fn read<'q>(
        parameters: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>,
        today: Day,
    ) -> Result<Self, Problem> {
        let (mut from, mut to, mut link, mut limit, mut after) = (None, None, None, DEFAULT_LIMIT, None);
        for parameter in Parameter::all(parameters) {
            let day = || {
                let day = Day::parse(&parameter.value).filter(|_| parameter.value.len() == 10);
                day.ok_or_else(|| parameter.invalid("a day like 2026-01-31"))
            };
            match &*parameter.name {
                "from" => from = Some(day()?),
                "to" => to = Some(day()?),
                "link" if is_link(&parameter.value) => link = Some(parameter.value.into_owned()),
                "link" => return Err(parameter.invalid("the name of a link")),
                "limit" => limit = parameter.limit()?,
                "cursor" => {
                    let read = |text: &str| {
                        let (day, link) = text.split_once('~')?;
                        let day = Day::parse(day).filter(|_| day.len() == 10 && is_link(link))?;
                        Some(FunnelCursor { day, link: link.to_owned() })
                    };
                    after = Some(parameter.cursor(read)?);
                }
                _ => return Err(parameter.invalid("no parameter but from, to, link, limit and cursor")),
            }
        }
        let to = to.unwrap_or(today);
        let from = from.or_else(|| to.before(DEFAULT_DAYS - 1)).unwrap_or(to);
        Ok(Self { from, to, link, limit, after })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<FunnelQuery, Problem> {
        let today = Day::parse("2026-03-31").unwrap();
        FunnelQuery::read(url::form_urlencoded::parse(query.as_bytes()), today)
    }

    #[test]
    fn a_query_is_read_whole_or_refused() {
        let query = read("").unwrap();
        assert_eq!(
            (query.from.to_string(), query.to.to_string()),
            ("2026-03-02".to_owned(), "2026-03-31".to_owned())
        );
        let after = FunnelCursor { day: Day::parse("2026-01-05").unwrap(), link: "/quote".to_owned() };
        let query = read(&format!("to=2026-01-31&link=/quote&limit=2&cursor={after}")).unwrap();
        assert_eq!(
            (query.from.to_string().as_str(), query.after, query.limit),
            ("2026-01-02", Some(after), 2)
        );
        for wrong in [
            "from=1",
            "to=2026-01-01T00:00:00Z",
            "link=A",
            "limit=0",
            "cursor=x",
            "cursor=2026-01-05",
            "day=1",
        ] {
            let name = wrong.split('=').next().unwrap();
            assert!(read(wrong).unwrap_err().detail.starts_with(name), "{wrong}");
        }
    }
}
