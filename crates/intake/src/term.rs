//! How long a policy's term is, and what its premium comes to in a year.

use crate::{cell::Row, day::Day, name::Name as N};

/// Statuses of a policy that is over, or was only offered. Source: contract, schema `Policy`.
pub const OVER: &str = "CANCELLED EXPIRED RESCINDED QUOTE";

/// Days by which a term may miss whole months and still be counted as those.
const SLACK_DAYS: i64 = 3;

/// A policy's term.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Term {
    /// From the effective day to the expiry day, where it is whole months.
    pub months: Option<i64>,
    /// Its premium for twelve months, of a term of at most as many: what a longer one's premium is for is not said.
    pub annualized_premium_cents: Option<i64>,
}

/// The term of a policy's row, from its days alone: how often it is paid says nothing of it.
#[must_use]
pub fn of(policy: &Row<'_>) -> Term {
    let day = |column| policy.text(column).and_then(Day::parse);
    let months = day(N::effective_date).zip(day(N::expiry_date)).and_then(|(from, to)| months(from, to));
    let premium = policy.integer(N::total_premium_cents);
    let annualized = |(premium, months): (i64, i64)| {
        let year = i128::from(premium) * 12;
        let half = i128::from(months) / 2 * i128::from(premium.signum());
        i64::try_from((year + half) / i128::from(months)).ok()
    };
    Term {
        months,
        annualized_premium_cents: premium.zip(months.filter(|months| *months <= 12)).and_then(annualized),
    }
}

/// Whole months from one day to another, which may miss them by [`SLACK_DAYS`].
fn months(from: Day, to: Day) -> Option<i64> {
    let months = to.plus_days(SLACK_DAYS)?.months_since(from);
    let is_near = to.plus_days(-SLACK_DAYS - 1)?.months_since(from) < months;
    (months > 0 && is_near).then_some(months)
}
