//! What is compared of each part.

mod account;
mod belongings;
mod losses;
mod people;
mod policies;

use super::plan::Plan;
use crate::table::Part;

/// In the order in which rows are found again: after what they stand in and what they link. The pull's own row says how
/// it was fetched, and shared limits repeat coverages: they have none.
pub static PLANS: &[Plan] = &[
    people::PEOPLE,
    policies::POLICIES,
    belongings::VEHICLES,
    belongings::DWELLINGS,
    belongings::LOCATIONS,
    account::CONTACT,
    people::INSUREDS,
    people::DRIVERS,
    belongings::OPERATIONS,
    policies::COVERAGES,
    policies::MORTGAGEES,
    policies::INTERESTS,
    policies::FORMS,
    policies::PREMIUM_GROUPS,
    policies::LIFE,
    policies::RIDERS,
    policies::BENEFICIARIES,
    losses::CLAIMS,
    losses::LOSS_EVENTS,
    losses::DRIVING_RECORDS,
    account::DOCUMENTS,
    account::AGENTS,
    account::ADDRESSES,
    account::ANSWERS,
];

/// The part's, where it is compared.
#[must_use]
pub fn of(part: Part) -> Option<&'static Plan> {
    PLANS.iter().find(|plan| plan.part == part)
}
