//! Each table.

use crate::{
    name::Name as N,
    schema::{
        ADDITIONAL_INTEREST, ADDRESS, AGENT_INFO, ANSWER_FIELD, CLAIM, COMMERCIAL_NAMED_INSURED, DOCUMENT,
        DRIVER, DRIVING_RECORD, DWELLING, DWELLING_COVERAGE, LIFE_POLICY_BENEFICIARY, LIFE_POLICY_DETAILS,
        LIFE_POLICY_RIDER, LOCATION, LOCATION_COVERAGE, LOCATION_OPERATION, LOSS_EVENT, MORTGAGEE, Member,
        NAMED_INSURED, POLICY, POLICY_FORM, PREMIUM_GROUP, PULL, VEHICLE, VEHICLE_COVERAGE,
        VEHICLE_COVERAGE_NAMES, birthday, cents, flag, integer, named, names, object, text, texts,
    },
    table::{Part, Table},
};

/// Words of `line`.
pub const LINES: &str = "auto home renters umbrella life commercial specialty";

/// What is left out where a table has none of it.
const PLAIN: Table =
    Table { part: Part::Pull, about: "", id: None, links: &[], schemas: &[], except: &[], made: &[] };

/// Limits of a coverage.
pub(crate) const LIMITS: &[N] = &[
    N::per_person_limit_cents,
    N::per_person_unlimited,
    N::per_incident_limit_cents,
    N::per_incident_unlimited,
    N::per_day_limit_cents,
    N::max_days,
    N::is_stacked,
    N::is_declined,
];

const SHARED: &[Member] = &[
    text(N::policy_id),
    VEHICLE_COVERAGE_NAME,
    text(N::friendly_name),
    cents(N::per_person_limit_cents),
    flag(N::per_person_unlimited),
    cents(N::per_incident_limit_cents),
    flag(N::per_incident_unlimited),
    cents(N::per_day_limit_cents),
    integer(N::max_days),
    flag(N::is_stacked),
    flag(N::is_declined),
    texts(N::vehicle_ids),
];

const VEHICLE_COVERAGE_NAME: Member = named(N::name, VEHICLE_COVERAGE_NAMES);

/// By [`Part`].
pub(crate) static TABLES: [Table; Part::ALL.len()] = [
    Table {
        part: Part::Pull,
        about: "The pull",
        id: Some(N::pull_id),
        schemas: &[&PULL],
        made: &[text(N::initial_pull_id)],
        ..PLAIN
    },
    Table {
        part: Part::Contact,
        about: "The person that shared it",
        made: &[
            text(N::person_id),
            text(N::first_name).contact(),
            text(N::middle_name).contact(),
            text(N::last_name).contact(),
            text(N::email).contact(),
            text(N::phone).contact(),
            text(N::mobile_phone).contact(),
            text(N::home_phone).contact(),
            text(N::work_phone).contact(),
            text(N::work_phone_extension).contact(),
            birthday(N::date_of_birth).contact(),
            object(N::mailing_address, &ADDRESS),
            object(N::physical_address, &ADDRESS),
        ],
        ..PLAIN
    },
    Table {
        part: Part::People,
        about: "Each person and business once, whoever names them",
        id: Some(N::person_id),
        schemas: &[&NAMED_INSURED, &DRIVER, &COMMERCIAL_NAMED_INSURED],
        except: &[
            N::named_insured_id,
            N::driver_id,
            N::commercial_named_insured_id,
            N::is_primary_named_insured,
            N::location_id,
        ],
        made: &[
            names(N::roles, "NAMED_INSURED DRIVER COMMERCIAL_NAMED_INSURED"),
            texts(N::named_insured_ids),
            texts(N::driver_ids),
            texts(N::commercial_named_insured_ids),
            texts(N::sources),
        ],
        ..PLAIN
    },
    Table {
        part: Part::Policies,
        about: "Policies",
        id: Some(N::policy_id),
        schemas: &[&POLICY],
        made: &[
            named(N::line, LINES),
            integer(N::term_months),
            cents(N::annualized_premium_cents),
            integer(N::days_to_expiry),
            flag(N::is_active),
        ],
        ..PLAIN
    },
    Table {
        part: Part::Insureds,
        about: "Who is insured by which policy",
        made: &[
            text(N::policy_id),
            text(N::person_id),
            text(N::location_id),
            flag(N::is_primary_named_insured),
        ],
        ..PLAIN
    },
    Table {
        part: Part::Vehicles,
        about: "Vehicles",
        id: Some(N::vehicle_id),
        links: &[N::policy_id],
        schemas: &[&VEHICLE],
        made: &[named(N::vin_check, "valid invalid none")],
        ..PLAIN
    },
    Table {
        part: Part::Drivers,
        about: "Who drives which vehicle; without a vehicle: who is a driver of the account",
        made: &[
            text(N::policy_id),
            text(N::vehicle_id),
            text(N::person_id),
            text(N::driver_id),
            flag(N::is_primary),
            flag(N::is_excluded),
        ],
        ..PLAIN
    },
    Table {
        part: Part::Dwellings,
        about: "Dwellings",
        id: Some(N::dwelling_id),
        links: &[N::policy_id],
        schemas: &[&DWELLING],
        ..PLAIN
    },
    Table {
        part: Part::Locations,
        about: "Locations of businesses",
        id: Some(N::location_id),
        links: &[N::policy_id],
        schemas: &[&LOCATION],
        ..PLAIN
    },
    Table {
        part: Part::Operations,
        about: "What is done at a location",
        id: Some(N::location_operation_id),
        links: &[N::policy_id, N::location_id],
        schemas: &[&LOCATION_OPERATION],
        ..PLAIN
    },
    Table {
        part: Part::Coverages,
        about: "Coverages of vehicles, dwellings and locations",
        id: Some(N::coverage_id),
        links: &[N::policy_id, N::vehicle_id, N::dwelling_id, N::location_id],
        schemas: &[&VEHICLE_COVERAGE, &DWELLING_COVERAGE, &LOCATION_COVERAGE],
        made: &[flag(N::is_shared)],
        ..PLAIN
    },
    Table {
        part: Part::SharedLimits,
        about: "Limits that all vehicles of an auto policy share",
        made: SHARED,
        ..PLAIN
    },
    Table {
        part: Part::Mortgagees,
        about: "Mortgagees of dwellings and locations",
        id: Some(N::mortgagee_id),
        links: &[N::policy_id, N::dwelling_id, N::location_id],
        schemas: &[&MORTGAGEE],
        ..PLAIN
    },
    Table {
        part: Part::Interests,
        about: "Additional interests",
        id: Some(N::additional_interest_id),
        links: &[N::policy_id],
        schemas: &[&ADDITIONAL_INTEREST],
        ..PLAIN
    },
    Table {
        part: Part::Forms,
        about: "Forms and endorsements",
        id: Some(N::policy_form_id),
        links: &[N::policy_id],
        schemas: &[&POLICY_FORM],
        ..PLAIN
    },
    Table {
        part: Part::PremiumGroups,
        about: "Coverages that are priced together",
        id: Some(N::premium_group_id),
        links: &[N::policy_id],
        schemas: &[&PREMIUM_GROUP],
        ..PLAIN
    },
    Table {
        part: Part::Life,
        about: "Life policies",
        id: Some(N::life_policy_details_id),
        links: &[N::policy_id],
        schemas: &[&LIFE_POLICY_DETAILS],
        ..PLAIN
    },
    Table {
        part: Part::Riders,
        about: "Riders of life policies",
        id: Some(N::life_policy_rider_id),
        links: &[N::policy_id],
        schemas: &[&LIFE_POLICY_RIDER],
        ..PLAIN
    },
    Table {
        part: Part::Beneficiaries,
        about: "Beneficiaries of life policies",
        id: Some(N::life_policy_beneficiary_id),
        links: &[N::policy_id],
        schemas: &[&LIFE_POLICY_BENEFICIARY],
        ..PLAIN
    },
    Table {
        part: Part::Claims,
        about: "Claims",
        id: Some(N::claim_id),
        schemas: &[&CLAIM],
        made: &[text(N::person_id), flag(N::is_open)],
        ..PLAIN
    },
    Table {
        part: Part::LossEvents,
        about: "Losses of businesses",
        id: Some(N::loss_event_id),
        schemas: &[&LOSS_EVENT],
        ..PLAIN
    },
    Table {
        part: Part::DrivingRecords,
        about: "Accidents and violations",
        id: Some(N::driving_record_id),
        schemas: &[&DRIVING_RECORD],
        made: &[text(N::person_id)],
        ..PLAIN
    },
    Table {
        part: Part::Documents,
        about: "Documents",
        id: Some(N::document_id),
        schemas: &[&DOCUMENT],
        made: &[flag(N::is_latest_declarations), flag(N::is_stored), text(N::link)],
        ..PLAIN
    },
    Table {
        part: Part::Agents,
        about: "Agents and agencies",
        id: Some(N::agent_info_id),
        schemas: &[&AGENT_INFO],
        ..PLAIN
    },
    Table {
        part: Part::Addresses,
        about: "Addresses of the account",
        id: Some(N::address_id),
        schemas: &[&ADDRESS],
        ..PLAIN
    },
    Table {
        part: Part::Answers,
        about: "What the consumer answered",
        id: Some(N::consumer_flow_section_field_id),
        links: &[N::consumer_flow_section_id],
        schemas: &[&ANSWER_FIELD],
        ..PLAIN
    },
];
