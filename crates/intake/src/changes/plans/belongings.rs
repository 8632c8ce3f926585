//! What is insured: vehicles, dwellings, businesses at their locations.

use crate::{
    changes::{
        kind::ChangeKind as K,
        plan::{
            Key::{At, Id, Same, Within},
            Plan, Rule,
        },
    },
    name::Name as N,
    table::Part,
};

pub const VEHICLES: Plan = Plan {
    part: Part::Vehicles,
    rules: &[
        Rule::each(&[Within, Id]),
        Rule::each(&[Within, Same(N::vin)]),
        Rule::each(&[Within, Same(N::hin)]),
        Rule::each(&[Within, Same(N::serial_number)]),
        Rule::alone(&[Within, Same(N::year), Same(N::make), Same(N::model)]),
    ],
    added: Some(K::VehicleAdded),
    removed: Some(K::VehicleRemoved),
    watched: &[
        (
            K::VehicleChanged,
            &[
                N::year,
                N::make,
                N::model,
                N::series,
                N::series2,
                N::type_,
                N::annual_mileage,
                N::current_mileage,
                N::vin,
                N::hin,
                N::serial_number,
                N::uses,
                N::purchase_date,
                N::ownership_type,
                N::features,
            ],
        ),
        (K::LienholderChanged, &[N::lien_holder]),
        (K::AddressChanged, &[N::garaging_address, N::lien_holder_address]),
    ],
    gone: Some(N::is_removed),
    ..Plan::PLAIN
};

pub const DWELLINGS: Plan = Plan {
    part: Part::Dwellings,
    rules: &[Rule::each(&[Within, Id]), Rule::each(&[Within, At(N::address)]), Rule::alone(&[Within])],
    added: Some(K::DwellingAdded),
    removed: Some(K::DwellingRemoved),
    watched: &[
        (K::AddressChanged, &[N::address]),
        (
            K::DwellingChanged,
            &[
                N::replacement_cost_cents,
                N::cash_value_cents,
                N::loss_settlement_type,
                N::extended_replacement_cost_percent,
                N::total_replacement_cost_cents,
                N::is_replacement_cost_cents_derived,
            ],
        ),
        (K::PropertyChanged, &[N::property_data]),
    ],
    ..Plan::PLAIN
};

pub const LOCATIONS: Plan = Plan {
    part: Part::Locations,
    rules: &[
        Rule::each(&[Within, Id]),
        Rule::each(&[Within, Same(N::carrier_location_identifier)]),
        Rule::each(&[Within, At(N::address)]),
        Rule::alone(&[Within]),
    ],
    added: Some(K::LocationAdded),
    removed: Some(K::LocationRemoved),
    watched: &[
        (K::AddressChanged, &[N::address]),
        (K::LocationChanged, &[N::carrier_location_identifier, N::loss_settlement_type]),
        (K::PropertyChanged, &[N::property_data]),
    ],
    ..Plan::PLAIN
};

pub const OPERATIONS: Plan = Plan {
    part: Part::Operations,
    rules: &[
        Rule::each(&[Within, Id]),
        Rule::each(&[Within, Same(N::class_code)]),
        Rule::each(&[Within, Same(N::description)]),
    ],
    added: Some(K::OperationAdded),
    removed: Some(K::OperationRemoved),
    watched: &[
        (
            K::OperationChanged,
            &[N::class_code, N::description, N::estimated_annual_remunerations_cents, N::rate_cents],
        ),
        (K::PremiumChanged, &[N::estimated_annual_premium_cents]),
    ],
    ..Plan::PLAIN
};
