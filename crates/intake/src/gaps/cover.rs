//! Whether a coverage is there, and how much it pays.

use crate::{cell::Row, name::Name as N, scalar::word};

/// What a list of coverages says of those that are asked for.
#[derive(Debug, Clone, Copy)]
pub enum Cover<'m> {
    /// It has none of them.
    NotListed,
    /// It has them, and none of them pays.
    Declined(&'m Row<'m>),
    /// One pays: that with the highest limit.
    Given(&'m Row<'m>),
}

impl<'m> Cover<'m> {
    /// Of `coverages` those that are called one of `names`.
    pub fn of(coverages: &[&'m Row<'m>], names: &[&'static str]) -> Self {
        let is_asked = |row: &Row<'_>| {
            row.text(N::name).is_some_and(|name| names.iter().any(|list| word(list, name).is_some()))
        };
        let mut cover = Self::NotListed;
        for row in coverages.iter().copied().filter(|row| is_asked(row)) {
            cover = match cover {
                _ if pays_nothing(row) => match cover {
                    Self::NotListed => Self::Declined(row),
                    _ => cover,
                },
                Self::Given(other) if Limit::of(other).most() >= Limit::of(row).most() => cover,
                _ => Self::Given(row),
            };
        }
        cover
    }

    /// The coverage, where there is one.
    pub fn row(self) -> Option<&'m Row<'m>> {
        match self {
            Self::NotListed => None,
            Self::Declined(row) | Self::Given(row) => Some(row),
        }
    }

    /// Whether it pays.
    pub fn is_given(self) -> bool {
        matches!(self, Self::Given(_))
    }
}

/// Limits in cents. Without limit is the largest number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// For one person.
    pub per_person: Option<i64>,
    /// For one accident or loss.
    pub per_incident: Option<i64>,
}

impl Limit {
    /// Those of a coverage.
    pub fn of(row: &Row<'_>) -> Self {
        let limit = |unlimited, cents| if row.is(unlimited) { Some(i64::MAX) } else { row.integer(cents) };
        Self {
            per_person: limit(N::per_person_unlimited, N::per_person_limit_cents),
            per_incident: limit(N::per_incident_unlimited, N::per_incident_limit_cents),
        }
    }

    /// What it pays at most for one accident or loss.
    pub fn most(self) -> Option<i64> {
        self.per_incident.or(self.per_person)
    }
}

/// Declined, or limited to nothing.
fn pays_nothing(row: &Row<'_>) -> bool {
    let Limit { per_person, per_incident } = Limit::of(row);
    let limits = [per_person, per_incident];
    row.is(N::is_declined) || limits.contains(&Some(0)) && limits.iter().all(|it| it.is_none_or(|it| it <= 0))
}
