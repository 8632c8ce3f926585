//! The kinds of policies: how each is named, and what it has instead of what the published policy has.

use serde_json::{Value, json};

use super::published;

/// The kinds of policies the test logins have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Auto,
    Home,
    Flood,
    Landlord,
    Condo,
    Umbrella,
    RecreationalVehicle,
    Motorcycle,
    Boat,
    Renters,
    PersonalArticles,
    Earthquake,
    TermLife,
    WholeLife,
    UniversalLife,
    CommercialAuto,
    BusinessOwners,
    WorkersCompensation,
    InlandMarine,
    GeneralLiability,
    CommercialUmbrella,
}

/// Name as the carrier writes it, `policy_type`, published type it is made from, and number.
pub(super) const fn make(kind: Kind) -> (&'static str, &'static str, &'static str, &'static str) {
    match kind {
        Kind::Auto => ("AUTO", "AUTO", "AUTO", "AU192837"),
        Kind::Home => ("HOME", "HOMEOWNERS", "HOMEOWNERS", "HO132483"),
        Kind::Flood => ("FLOOD", "FLOOD", "HOMEOWNERS", "FL558210"),
        Kind::Landlord => ("LANDLORD", "LANDLORD", "HOMEOWNERS", "LL220917"),
        Kind::Condo => ("CONDO", "CONDO", "HOMEOWNERS", "CO771204"),
        Kind::Umbrella => ("UMBRELLA", "UMBRELLA", "HOMEOWNERS", "UM604418"),
        Kind::RecreationalVehicle => ("RECREATIONAL VEHICLE", "RECREATIONAL_VEHICLE", "AUTO", "RV318265"),
        Kind::Motorcycle => ("MOTORCYCLE", "MOTORCYCLE", "AUTO", "MC440973"),
        Kind::Boat => ("BOAT", "BOAT", "AUTO", "BT118204"),
        Kind::Renters => ("RENTERS", "RENTERS", "HOMEOWNERS", "RE305517"),
        Kind::PersonalArticles => ("PERSONAL ARTICLES", "PERSONAL_ARTICLES", "HOMEOWNERS", "PA660142"),
        Kind::Earthquake => ("EARTHQUAKE", "EARTHQUAKE", "HOMEOWNERS", "EQ481630"),
        Kind::TermLife => ("TERM LIFE", "TERM_LIFE", "TERM_LIFE", "TL900124"),
        Kind::WholeLife => ("WHOLE LIFE", "WHOLE_LIFE", "TERM_LIFE", "WL900312"),
        Kind::UniversalLife => ("UNIVERSAL LIFE", "UNIVERSAL_LIFE", "TERM_LIFE", "UL900587"),
        Kind::CommercialAuto => ("COMMERCIAL AUTO", "COMMERCIAL_AUTO", "COMMERCIAL_AUTO", "AU192837"),
        Kind::BusinessOwners => ("BUSINESS OWNERS", "BUSINESS_OWNERS", "BUSINESS_OWNERS", "BO132483"),
        Kind::WorkersCompensation => {
            ("WORKERS COMPENSATION", "WORKERS_COMPENSATION", "WORKERS_COMPENSATION", "WC142648")
        }
        Kind::InlandMarine => ("INLAND MARINE", "INLAND_MARINE", "BUSINESS_OWNERS", "IM217733"),
        Kind::GeneralLiability => ("GENERAL LIABILITY", "GENERAL_LIABILITY", "BUSINESS_OWNERS", "GL771905"),
        Kind::CommercialUmbrella => {
            ("COMMERCIAL UMBRELLA", "COMMERCIAL_UMBRELLA", "BUSINESS_OWNERS", "CU530286")
        }
    }
}

impl Kind {
    /// Whether people, not a company, are insured.
    #[must_use]
    pub const fn is_personal(self) -> bool {
        !matches!(
            self,
            Self::CommercialAuto
                | Self::BusinessOwners
                | Self::WorkersCompensation
                | Self::InlandMarine
                | Self::GeneralLiability
                | Self::CommercialUmbrella
        )
    }
}

/// Gives the copied policy what its own kind has instead.
pub(super) fn shape(kind: Kind, policy: &mut Value) {
    use published::dwelling_coverage as coverage;
    let coverages = match kind {
        Kind::Flood => json!([
            coverage("BUILDING", "Building", 48_200, Some(25_000_000), Some(125_000)),
            coverage("CONTENTS", "Contents", 21_300, Some(10_000_000), Some(125_000)),
            coverage("ICC", "Increased Cost of Compliance", 700, Some(3_000_000), None),
        ]),
        Kind::Umbrella => {
            json!([coverage("PERSONAL_LIABILITY", "Personal Liability", 38_400, Some(100_000_000), None)])
        }
        Kind::Condo => json!([
            coverage("DWELLING", "Dwelling", 31_100, Some(7_500_000), Some(100_000)),
            coverage("PERSONAL_PROPERTY", "Personal Property", 12_900, Some(5_000_000), Some(100_000)),
            coverage("LOSS_ASSESSMENTS", "Loss Assessments", 1_800, Some(500_000), None),
        ]),
        Kind::Renters => json!([
            coverage("PERSONAL_PROPERTY", "Personal Property", 11_200, Some(3_000_000), Some(50_000)),
            coverage("PERSONAL_LIABILITY", "Personal Liability", 4_100, Some(10_000_000), None),
        ]),
        Kind::PersonalArticles => json!([
            coverage("JEWELRY", "Jewelry", 9_600, Some(1_250_000), None),
            coverage("FINE_ART", "Fine Art", 5_400, Some(2_000_000), None),
            coverage("MUSICAL_INSTRUMENT", "Musical Instrument", 1_800, Some(350_000), None),
        ]),
        Kind::Earthquake => json!([
            coverage("EARTHQUAKE", "Earthquake", 61_500, Some(28_838_000), None),
            coverage("LOSS_OF_USE", "Loss of Use", 2_200, Some(1_500_000), None),
        ]),
        _ => Value::Null,
    };
    if coverages.is_array() {
        let premium: i64 =
            coverages.as_array().into_iter().flatten().filter_map(|it| it["premium_cents"].as_i64()).sum();
        policy["total_premium_cents"] = json!(premium);
        policy["dwellings"][0]["coverages"] = coverages;
        policy["forms_and_endorsements"] = json!([]);
    }
    match kind {
        Kind::Landlord => policy["dwellings"][0]["loss_settlement_type"] = json!("ACTUAL_CASH_VALUE"),
        Kind::RecreationalVehicle => {
            vehicle(policy, 2021, "WINNEBAGO", "Vista", "MOTOR HOME", "1F66F5DN9M0A12345")
        }
        Kind::Motorcycle => {
            vehicle(policy, 2019, "HARLEY-DAVIDSON", "Sportster", "MOTORCYCLE", "1HD1KRM18KB612345")
        }
        Kind::Boat => {
            vehicle(policy, 2020, "BOSTON WHALER", "Montauk 170", "BOAT", "BWCA1234H020");
            // A boat's number is one of its hull.
            policy["vehicles"][0]["hin"] = policy["vehicles"][0]["vin"].take();
        }
        Kind::InlandMarine | Kind::GeneralLiability | Kind::CommercialUmbrella => {
            policy["forms_and_endorsements"] = json!([])
        }
        _ => {}
    }
}

fn vehicle(policy: &mut Value, year: i64, make: &str, model: &str, body: &str, vin: &str) {
    let vehicle = &mut policy["vehicles"][0];
    vehicle["year"] = json!(year);
    vehicle["make"] = json!(make);
    vehicle["model"] = json!(model);
    vehicle["series"] = Value::Null;
    vehicle["type"] = json!(body);
    vehicle["vin"] = json!(vin);
}
