//! A change in a sentence.

use super::{
    kind::ChangeKind,
    side::{Place, Side},
    subject::{belongs, called, placed, value},
};
use crate::{
    cell::Cell,
    name::Name as N,
    table::{Column, Part},
    wording::first_large,
};

/// What is told.
pub enum Told<'t> {
    /// A row came.
    Came,
    /// A row went.
    Went,
    /// A row changed in more than one column.
    Changed,
    /// A claim is open.
    Opened,
    /// A claim is closed.
    Closed,
    /// A term's first and last day.
    Renewed { before: [&'t str; 2], after: [&'t str; 2] },
    /// A column.
    Column { column: &'t Column, before: Option<&'t Cell<'t>>, after: Option<&'t Cell<'t>> },
}

/// What a flag says where its name alone would not: the row is it, or is not.
const FLAGS: &[(N, &str)] = &[
    (N::per_person_unlimited, "unlimited per person"),
    (N::per_incident_unlimited, "unlimited per incident"),
    (N::actual_cash_value, "settled at actual cash value"),
    (N::limited_access, "of limited access"),
    (N::paid_in_full, "paid in full"),
    (N::is_primary_named_insured, "the primary named insured"),
    (N::is_primary, "the primary driver"),
    (N::is_monoline, "monoline"),
    (N::is_telematics_enabled, "rated with telematics"),
    (N::is_replacement_cost_cents_derived, "given a derived replacement cost"),
    (N::is_exclusion_endorsement, "an exclusion"),
    (N::is_subrogation, "in subrogation"),
    (N::is_at_fault, "said to be at fault"),
    (N::is_open, "said to be open"),
    (N::is_claim_open, "said to be open"),
    (N::has_fireplace, "recorded with a fireplace"),
    (N::has_pool, "recorded with a pool"),
];

/// What a column is called where its name would not be understood.
const LABELS: &[(N, &str)] = &[
    (N::vin, "VIN"),
    (N::hin, "HIN"),
    (N::apn, "parcel number"),
    (N::fein, "FEIN"),
    (N::sic_code, "SIC code"),
    (N::naics_code, "NAICS code"),
    (N::gl_code, "GL code"),
    (N::als_months, "actual loss sustained in months"),
    (N::max_days, "limit in days"),
    (N::type_, "type"),
    (N::uses, "use"),
    (N::drivers_license, "licence"),
    (N::drivers_license_state, "state of the licence"),
    (N::per_person_limit_cents, "limit per person"),
    (N::per_incident_limit_cents, "limit per incident"),
    (N::per_incident_limit_percent, "limit per incident"),
    (N::per_incident_limit_months, "limit per incident in months"),
    (N::per_day_limit_cents, "limit per day"),
    (N::per_term_limit_cents, "limit per term"),
    (N::per_policy_year_limit_cents, "limit per policy year"),
    (N::per_employee_limit_cents, "limit per employee"),
    (N::per_mile_premium_tenth_of_cents, "premium per mile in tenths of a cent"),
    (N::pip_deductible_applicability, "deductible's applicability"),
    (N::carrier_policy_number, "number"),
    (N::canceled_date, "cancellation date"),
    (N::date_closed, "closing date"),
    (N::property_data, "public record"),
    (N::mortgagee_name, "name"),
    (N::mortgagee_type, "rank"),
    (N::mortgagee_address, "address"),
    (N::mortgage_loan_number, "loan number"),
    (N::additional_interest_name, "name"),
    (N::additional_interest_type, "type"),
    (N::additional_interest_address, "address"),
    (N::distribution_percent, "share"),
    (N::policy_id, "policy"),
    (N::policy_ids, "policies"),
    (N::vehicle_id, "vehicle"),
    (N::dwelling_id, "dwelling"),
    (N::person_id, "driver"),
];

/// The sentence of a change of a row, which stands in `side`.
pub fn of(side: &Side<'_>, place: Place, kind: ChangeKind, told: &Told<'_>) -> String {
    let own = called(place.0, side.row(place));
    let belongs = belongs(side, place);
    let all = || {
        if place.0 == Part::People && kind == ChangeKind::DriverChanged {
            "a driver".to_owned()
        } else {
            placed(side, place)
        }
    };
    let came_or_went = |verb: &str, alone: &str| match &belongs {
        Some(to) => format!("{own} was {verb} {to}."),
        None => format!("{own} was {alone}."),
    };
    first_large(&match told {
        Told::Came => match kind {
            ChangeKind::DriverAssigned => came_or_went("assigned to", "assigned"),
            ChangeKind::ClaimOpened => format!("{} was opened.", all()),
            _ => came_or_went("added to", "added"),
        },
        Told::Went if kind == ChangeKind::DriverUnassigned => came_or_went("taken off", "removed"),
        Told::Went => came_or_went("removed from", "removed"),
        Told::Changed => format!("{} changed.", all()),
        Told::Opened => format!("{} was opened.", all()),
        Told::Closed => format!("{} was closed.", all()),
        Told::Renewed { before, after } => format!(
            "{} was renewed: it runs from {} to {}, and ran from {} to {}.",
            all(),
            after[0],
            after[1],
            before[0],
            before[1]
        ),
        Told::Column { column, before, after } => {
            if let Some(Cell::Flag(flag)) = after {
                let not = if *flag { "" } else { "not " };
                return first_large(&format!("{} is {not}{}.", all(), flag_words(column.name)));
            }
            let label = label(column.name);
            let what = match &belongs {
                Some(to) if place.0 == Part::Coverages => format!("{own} {label} of {to}"),
                None if place.0 == Part::Coverages => format!("{own} {label}"),
                _ => format!("the {label} of {}", all()),
            };
            let said = |cell: &Option<&Cell<'_>>| cell.and_then(|cell| value(column, cell));
            match (before.is_some(), after.is_some(), said(before), said(after)) {
                (.., Some(before), Some(after)) => format!("{what} went from {before} to {after}."),
                (false, _, _, Some(after)) => format!("{what} is {after}, and was not given before."),
                (_, false, Some(before), _) => format!("{what} was {before}, and is no longer given."),
                (false, true, ..) => format!("{what} was not given before."),
                (true, false, ..) => format!("{what} is no longer given."),
                _ => format!("{what} changed."),
            }
        }
    })
}

fn flag_words(column: N) -> String {
    let known = FLAGS.iter().find(|(its, _)| *its == column).map(|(_, words)| (*words).to_owned());
    let name = column.as_str();
    known.unwrap_or_else(|| name.strip_prefix("is_").unwrap_or(name).replace('_', " "))
}

fn label(column: N) -> String {
    let known = LABELS.iter().find(|(its, _)| *its == column).map(|(_, label)| (*label).to_owned());
    known.unwrap_or_else(|| {
        let name = column.as_str();
        let name = name.strip_suffix("_cents").or_else(|| name.strip_suffix("_percent")).unwrap_or(name);
        name.replace('_', " ")
    })
}
