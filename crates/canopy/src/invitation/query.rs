//! What is asked of the invitations.

use std::borrow::Cow;

use crate::{
    id::InvitationId,
    paging::{DEFAULT_LIMIT, Parameter, digits},
    problem::Problem,
    time::UnixMillis,
};

/// How far an invitation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Nobody has opened it.
    Unopened,
    /// Somebody has.
    Opened,
    /// An insurance company has taken a login.
    Connected,
    /// All has come.
    Complete,
    /// Its time was over before anybody connected.
    Expired,
    /// It was taken back before anybody connected.
    Revoked,
}

impl Status {
    const ALL: [Self; 6] =
        [Self::Unopened, Self::Opened, Self::Connected, Self::Complete, Self::Expired, Self::Revoked];

    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unopened => "unopened",
            Self::Opened => "opened",
            Self::Connected => "connected",
            Self::Complete => "complete",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// The last invitation of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationCursor {
    /// When it was made.
    pub created_at: UnixMillis,
    /// Its id.
    pub id: InvitationId,
}

impl std::fmt::Display for InvitationCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.created_at.0, self.id)
    }
}

/// A page of the invitations, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationQuery {
    /// That have come so far and no further.
    pub status: Option<Status>,
    /// At most so many.
    pub limit: u32,
    /// Behind this one.
    pub after: Option<InvitationCursor>,
}

impl InvitationQuery {
    /// Reads the parameters of a query.
    ///
    /// # Errors
    /// Naming the parameter that is not what it should be, or is none.
    pub fn read<'q>(parameters: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>) -> Result<Self, Problem> {
        let mut query = Self { status: None, limit: DEFAULT_LIMIT, after: None };
        for parameter in Parameter::all(parameters) {
            match &*parameter.name {
                "status" => {
                    let status = Status::ALL.into_iter().find(|status| status.as_str() == parameter.value);
                    let expected = || parameter.invalid(&Status::ALL.map(Status::as_str).join(", "));
                    query.status = Some(status.ok_or_else(expected)?);
                }
                "limit" => query.limit = parameter.limit()?,
                "cursor" => {
                    let read = |text: &str| {
                        let (at, id) = text.split_once('.')?;
                        let id = InvitationId::parse(id).ok()?;
                        Some(InvitationCursor { created_at: UnixMillis(digits(at)?), id })
                    };
                    query.after = Some(parameter.cursor(read)?);
                }
                _ => return Err(parameter.invalid("status, limit or cursor")),
            }
        }
        Ok(query)
    }
}

/// Whether one that is taken back is to be forgotten, too: `erase`.
///
/// # Errors
/// Naming the parameter that is not what it should be, or is none.
pub fn is_erasing<'q>(
    parameters: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>,
) -> Result<bool, Problem> {
    Parameter::all(parameters).try_fold(false, |_, parameter| match (&*parameter.name, &*parameter.value) {
        ("erase", "true") => Ok(true),
        ("erase", "false") => Ok(false),
        ("erase", _) => Err(parameter.invalid("true or false")),
        _ => Err(parameter.invalid("no parameter but erase")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<InvitationQuery, Problem> {
        InvitationQuery::read(url::form_urlencoded::parse(query.as_bytes()))
    }

    #[test]
    fn a_query_is_read_whole_or_refused() {
        let after = InvitationCursor { created_at: UnixMillis(5), id: InvitationId::parse("a1").unwrap() };
        let query = read(&format!("status=complete&limit=2&cursor={after}")).unwrap();
        assert_eq!(query, InvitationQuery { status: Some(Status::Complete), limit: 2, after: Some(after) });
        for wrong in ["status=lost", "limit=0", "cursor=x", "cursor=%2B1.a", "cursor=1.a.b", "since=1"] {
            let name = wrong.split('=').next().unwrap();
            assert!(read(wrong).unwrap_err().detail.starts_with(name), "{wrong}");
        }
    }

    #[test]
    fn only_what_says_so_forgets_one() {
        let read = |query: &str| is_erasing(url::form_urlencoded::parse(query.as_bytes()));
        assert_eq!(
            ["", "erase=", "erase=false", "erase=true"].map(read),
            [Ok(false), Ok(false), Ok(false), Ok(true)]
        );
        for wrong in ["erase=1", "erase=True", "erased=true"] {
            assert!(read(wrong).unwrap_err().detail.starts_with("erase"), "{wrong}");
        }
    }
}
