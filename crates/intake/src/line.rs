//! Lines of business.

use crate::scalar::word;

/// Each line with the `policy_type`s that belong to it. Source: contract, schema `Policy`; a test finds each type in one line.
const LINES: &[(&str, &str)] = &[
    ("auto", "AUTO NAMED_NON_OWNER CLASSIC_CAR MOTORCYCLE"),
    ("home", "HOMEOWNERS CONDO MOBILE_HOME LANDLORD FIRE STANDARD_PROPERTY COMBO"),
    ("renters", "RENTERS"),
    ("umbrella", "UMBRELLA PERSONAL_LIABILITY EXCESS_LIABILITY"),
    (
        "life",
        "LIFE TERM_LIFE UNIVERSAL_LIFE WHOLE_LIFE SHORT_TERM_DISABILITY LONG_TERM_DISABILITY LONG_TERM_CARE",
    ),
    (
        "commercial",
        "BUSINESS_OWNERS COMMERCIAL_UMBRELLA COMMERCIAL_AUTO COMMERCIAL_FIRE COMMERCIAL_AGRIBUSINESS \
         COMMERCIAL_PACKAGE COMMERCIAL_PROPERTY WORKERS_COMPENSATION GENERAL_LIABILITY ERRORS_AND_OMISSIONS GARAGE \
         CYBER COMMERCIAL_CRIME ARTISAN_AND_SERVICE_CONTRACTORS FARM_POLLUTION_LIABILITY FARM_UMBRELLA \
         MANAGEMENT_LIABILITY CONTRACTORS_EQUIPMENT FARMOWNER",
    ),
    (
        "specialty",
        "BOAT FLOOD SNOWMOBILE RECREATIONAL_VEHICLE TRAILER PERSONAL_ARTICLES EARTHQUAKE OFFROAD_VEHICLE PET \
         INLAND_MARINE IDENTITY_THEFT GOLF_CART YACHT PERSONAL_WATERCRAFT WINDSTORM",
    ),
];

/// The line that policies of `policy_type` belong to; `None` for a type that the contract has not.
#[must_use]
pub fn of(policy_type: &str) -> Option<&'static str> {
    LINES.iter().find(|(_, types)| word(types, policy_type).is_some()).map(|(line, _)| *line)
}
