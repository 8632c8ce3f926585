//! Claims, losses and driving records.

use super::{Schema, cents, date, flag, named, text};
use crate::name::Name as N;

/// `Claim`
pub static CLAIM: Schema = Schema {
    name: "Claim",
    id: Some(N::claim_id),
    members: &[
        text(N::claim_id),
        text(N::policy_id),
        text(N::dwelling_id),
        text(N::vehicle_id),
        text(N::address_id),
        text(N::driver_id),
        text(N::carrier_claim_identifier).ids(),
        date(N::date_occurred),
        named(
            N::type_,
            "WIND_AND_HAIL_DAMAGE WATER_DAMAGE_AND_FREEZING FIRE_AND_LIGHTNING_DAMAGE OTHER_PROPERTY_DAMAGE \
             PERSONAL_LIABILITY POWER_OUTAGE_OR_SURGE THEFT CAR_ACCIDENT WINDSHIELD_DAMAGE ANIMAL_COLLISION \
             VANDALISM WEATHER EMERGENCY_ROADSIDE_ASSISTANCE MEDICAL HURRICANE_DAMAGE SEWAGE_BACKUP",
        ),
        named(N::status, "OPEN CLOSED"),
        date(N::date_closed),
        cents(N::payout_cents),
        text(N::representative_name).contact(),
        text(N::representative_phone).contact(),
        text(N::representative_email).contact(),
    ],
};

/// `LossEvent`
pub static LOSS_EVENT: Schema = Schema {
    name: "LossEvent",
    id: Some(N::loss_event_id),
    members: &[
        text(N::loss_event_id),
        text(N::policy_id),
        date(N::date_of_occurrence),
        named(
            N::type_,
            "BURGLARY_AND_THEFT WATER_DAMAGE_AND_FREEZING_DAMAGE WIND_AND_HAIL_DAMAGE HURRICANE_DAMAGE FIRE \
             CUSTOMER_SLIPS_AND_FALLS CUSTOMER_INJURY_AND_DAMAGE PERSONAL_AND_ADVERTISING_INJURY \
             EMPLOYEE_INJURY_OR_ILLNESS PRODUCT_LIABILITY STRUCK_BY_AN_OBJECT REPUTATIONAL_HARM \
             VEHICULAR_ACCIDENT WINDSHIELD_DAMAGE STRIKE_RIOT_OR_CIVIL_COMMOTION EMERGENCY_ROADSIDE_ASSISTANCE \
             VANDALISM_AND_MALICIOUS_MISCHIEF EQUIPMENT_BREAKDOWN",
        ),
        date(N::date_of_claim),
        cents(N::amount_paid_cents),
        cents(N::amount_reserved_cents),
        flag(N::is_subrogation),
        flag(N::is_claim_open),
    ],
};

/// `DrivingRecord`
pub static DRIVING_RECORD: Schema = Schema {
    name: "DrivingRecord",
    id: Some(N::driving_record_id),
    members: &[
        text(N::driving_record_id),
        text(N::driver_id),
        date(N::incident_date),
        named(N::incident_type, "ACCIDENT VIOLATION"),
        named(
            N::violation_type,
            "MOVING SPEEDING RECKLESS_DRIVING DRIVING_WITHOUT_VALID_LICENSE DRIVING_WITHOUT_INSURANCE HIT_AND_RUN \
             DISTRACTED_DRIVING DRIVING_UNDER_INFLUENCE FAILURE_TO_YIELD TAILGATING OPEN_CONTAINER_OF_ALCOHOL",
        ),
        flag(N::is_at_fault),
    ],
};
