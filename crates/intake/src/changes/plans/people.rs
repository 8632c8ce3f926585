//! People, and who of them is insured and drives.

use crate::{
    changes::{
        kind::ChangeKind as K,
        plan::{
            Key::{AnyOf, Called, Linked, Same, Within},
            Plan, Rule,
        },
    },
    name::Name as N,
    table::Part,
};

/// Whoever comes or goes does so as an insured or a driver. Ages tell the day on which they were read.
pub const PEOPLE: Plan = Plan {
    part: Part::People,
    rules: &[
        Rule::each(&[AnyOf(N::driver_ids)]),
        Rule::each(&[AnyOf(N::named_insured_ids)]),
        Rule::each(&[AnyOf(N::commercial_named_insured_ids)]),
        Rule::each(&[Same(N::drivers_license)]),
        Rule::each(&[Called, Same(N::date_of_birth)]),
        Rule::alone(&[Called]),
    ],
    watched: &[
        (
            K::DriverChanged,
            &[
                N::drivers_license,
                N::drivers_license_state,
                N::date_of_birth,
                N::gender,
                N::marital_status,
                N::relationship_to_insured,
                N::education,
                N::occupation,
                N::age_licensed,
            ],
        ),
        (
            K::PersonChanged,
            &[
                N::first_name,
                N::middle_name,
                N::last_name,
                N::full_name,
                N::email,
                N::home_phone,
                N::mobile_phone,
                N::work_phone,
                N::work_phone_extension,
                N::name,
                N::form_of_business,
                N::gl_code,
                N::sic_code,
                N::naics_code,
                N::fein,
                N::business_phone,
                N::business_email,
                N::website_url,
                N::number_of_employees,
            ],
        ),
        (K::PremiumChanged, &[N::minimum_premium_cents, N::total_estimated_annual_premium_cents]),
    ],
    ..Plan::PLAIN
};

pub const INSUREDS: Plan = Plan {
    part: Part::Insureds,
    rules: &[
        Rule::each(&[Within, Linked(N::person_id, Part::People), Linked(N::location_id, Part::Locations)]),
        Rule::each(&[Within, Linked(N::person_id, Part::People)]),
    ],
    added: Some(K::InsuredAdded),
    removed: Some(K::InsuredRemoved),
    watched: &[(K::InsuredChanged, &[N::is_primary_named_insured])],
    is_link: true,
    ..Plan::PLAIN
};

pub const DRIVERS: Plan = Plan {
    part: Part::Drivers,
    rules: &[Rule::each(&[Within, Linked(N::person_id, Part::People)])],
    added: Some(K::DriverAdded),
    removed: Some(K::DriverRemoved),
    watched: &[(K::DriverChanged, &[N::is_primary, N::is_excluded])],
    is_link: true,
    ..Plan::PLAIN
};
