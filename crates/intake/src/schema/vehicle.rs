//! Vehicles and their coverages.

use super::{
    Schema, cents, date, flag, integer, many, named, names, object, person::VEHICLE_DRIVER, pull::ADDRESS,
    text, texts,
};
use crate::name::Name as N;

/// `Vehicle`
pub static VEHICLE: Schema = Schema {
    name: "Vehicle",
    id: Some(N::vehicle_id),
    members: &[
        text(N::vehicle_id),
        integer(N::year),
        text(N::make),
        text(N::model),
        text(N::series),
        text(N::series2),
        text(N::type_),
        integer(N::annual_mileage),
        integer(N::current_mileage),
        text(N::vin).ids(),
        text(N::hin).ids(),
        text(N::serial_number).ids(),
        names(N::uses, "PERSONAL COMMUTE WORK SCHOOL PLEASURE FARM RIDESHARE BUSINESS"),
        date(N::purchase_date),
        named(N::ownership_type, "OWN FINANCE LEASE"),
        texts(N::features),
        flag(N::is_removed),
        text(N::lien_holder),
        object(N::garaging_address, &ADDRESS).given(&["garaging_address", "GaragingAddress"]),
        object(N::lien_holder_address, &ADDRESS).given(&["lien_holder_address", "LienHolderAddress"]),
        many(N::coverages, &VEHICLE_COVERAGE),
        many(N::drivers, &VEHICLE_DRIVER),
    ],
};

/// What the coverages of a vehicle are called.
pub const VEHICLE_COVERAGE_NAMES: &str = "SINGLE_LIMIT_LIABILITY BODILY_INJURY_LIABILITY PROPERTY_DAMAGE_LIABILITY \
    SUPPLEMENTAL_SPOUSAL_LIABILITY SUPPLEMENTAL_SPOUSAL_BODILY_INJURY_LIABILITY \
    SUPPLEMENTAL_SPOUSAL_PROPERTY_DAMAGE_LIABILITY PERSONAL_INJURY_PROTECTION COMPREHENSIVE FULL_GLASS \
    COLLISION_DEDUCTIBLE_WAIVER COLLISION UNINSURED_MOTORISTS UNINSURED_MOTORIST_BODILY_INJURY_LIABILITY \
    UNINSURED_MOTORIST_PROPERTY_DAMAGE_LIABILITY \
    UNINSURED_MOTORIST_BODILY_INJURY_AND_PROPERTY_DAMAGE_LIABILITY UNDERINSURED_MOTORISTS \
    UNDERINSURED_MOTORIST_BODILY_INJURY_LIABILITY UNDERINSURED_MOTORIST_PROPERTY_DAMAGE_LIABILITY \
    UNDERINSURED_MOTORIST_BODILY_INJURY_AND_PROPERTY_DAMAGE_LIABILITY \
    UNINSURED_AND_UNDERINSURED_MOTORISTS UNINSURED_AND_UNDERINSURED_MOTORIST_BODILY_INJURY_LIABILITY \
    UNINSURED_AND_UNDERINSURED_MOTORIST_PROPERTY_DAMAGE_LIABILITY \
    UNINSURED_AND_UNDERINSURED_MOTORIST_BODILY_INJURY_AND_PROPERTY_DAMAGE_LIABILITY TOWING_AND_LABOR \
    LOAN_OR_LEASE_ASSISTANCE RIDESHARE_GAP_PROTECTION MEDICAL_PAYMENTS EMERGENCY_ROAD_SERVICE \
    RENTAL_REIMBURSEMENT CAR_RENTAL_AND_TRAVEL_EXPENSES PORTABLE_ELECTRONICS MECHANICAL_BREAKDOWN \
    SUPPLEMENTAL_UNINSURED_AND_UNDERINSURED_MOTORISTS EMERGENCY_EXPENSE \
    REPLACEMENT_COST_PERSONAL_EFFECTS VACATION_LIABILITY_COVERAGE RV_MEDICAL EXTENDED_BENEFITS \
    WAGE_EARNER_DISABILITY_BENEFITS ESSENTIAL_SERVICES_DISABILITY_BENEFITS DEATH_BENEFIT \
    CAR_REPLACEMENT_ASSISTANCE FULL_TORT LIMITED_TORT COMBINED_SINGLE_LIMIT SPARE_PARTS \
    OPTIONAL_BODILY_INJURY_LIABILITY MOTOR_CARGO ON_HOOK FIRST_PARTY_BENEFIT \
    FIRST_PARTY_BENEFIT_MEDICAL_EXPENSE FIRST_PARTY_BENEFIT_ACCIDENTAL_DEATH \
    FIRST_PARTY_BENEFIT_INCOME_LOSS FIRST_PARTY_BENEFIT_FUNERAL_EXPENSE \
    FIRST_PARTY_BENEFIT_EXTRAORDINARY_MEDICAL FIRST_PARTY_BENEFIT_SURVIVORS_LOSS \
    CUSTOM_PARTS_AND_EQUIPMENT VEHICLE_PROTECTION FUNERAL_BENEFIT SURVIVORS_LOSS_BENEFIT";

/// `VehicleCoverage`
pub static VEHICLE_COVERAGE: Schema = Schema {
    name: "VehicleCoverage",
    id: Some(N::vehicle_coverage_id),
    members: &[
        text(N::vehicle_coverage_id),
        text(N::premium_group_id),
        named(N::name, VEHICLE_COVERAGE_NAMES),
        text(N::friendly_name),
        cents(N::premium_cents),
        cents(N::per_person_limit_cents),
        flag(N::per_person_unlimited),
        cents(N::per_incident_limit_cents),
        flag(N::per_incident_unlimited),
        cents(N::per_day_limit_cents),
        integer(N::max_days),
        cents(N::deductible_cents),
        flag(N::actual_cash_value),
        flag(N::is_declined),
        flag(N::is_stacked),
        named(N::pip_deductible_applicability, "NAMED_INSURED NAMED_INSURED_AND_RESIDENT_RELATIVES"),
        integer(N::per_mile_premium_tenth_of_cents),
    ],
};
