//! Policies.

use super::{
    Schema, cents, commercial::COMMERCIAL_NAMED_INSURED, commercial::LOCATION, date, dwelling::DWELLING,
    flag, json, life::LIFE_POLICY, many, named, object, person::NAMED_INSURED, pull::ADDRESS, text,
    vehicle::VEHICLE,
};
use crate::name::Name as N;

/// `Policy`
pub static POLICY: Schema = Schema {
    name: "Policy",
    id: Some(N::policy_id),
    members: &[
        text(N::policy_id),
        text(N::name).ids(),
        text(N::description).contact(),
        text(N::carrier_policy_number).ids(),
        named(
            N::policy_type,
            "AUTO NAMED_NON_OWNER CLASSIC_CAR BOAT CONDO FARMOWNER FLOOD HOMEOWNERS LANDLORD LIFE MOTORCYCLE \
             TERM_LIFE UNIVERSAL_LIFE WHOLE_LIFE RENTERS SNOWMOBILE UMBRELLA RECREATIONAL_VEHICLE FIRE TRAILER \
             PERSONAL_ARTICLES EARTHQUAKE BUSINESS_OWNERS COMMERCIAL_UMBRELLA COMMERCIAL_AUTO COMMERCIAL_FIRE \
             COMMERCIAL_AGRIBUSINESS COMMERCIAL_PACKAGE COMMERCIAL_PROPERTY COMBO OFFROAD_VEHICLE \
             WORKERS_COMPENSATION MOBILE_HOME PET PERSONAL_LIABILITY GENERAL_LIABILITY ERRORS_AND_OMISSIONS \
             INLAND_MARINE GARAGE EXCESS_LIABILITY CYBER IDENTITY_THEFT COMMERCIAL_CRIME \
             ARTISAN_AND_SERVICE_CONTRACTORS FARM_POLLUTION_LIABILITY FARM_UMBRELLA MANAGEMENT_LIABILITY \
             GOLF_CART YACHT PERSONAL_WATERCRAFT STANDARD_PROPERTY CONTRACTORS_EQUIPMENT WINDSTORM \
             SHORT_TERM_DISABILITY LONG_TERM_DISABILITY LONG_TERM_CARE",
        ),
        date(N::effective_date),
        date(N::expiry_date),
        date(N::renewal_date),
        date(N::canceled_date),
        cents(N::total_premium_cents),
        flag(N::paid_in_full),
        cents(N::amount_paid_cents),
        cents(N::amount_due_cents),
        cents(N::total_estimated_annual_premium_cents),
        cents(N::total_minimum_premium_cents),
        cents(N::total_deposit_premium_cents),
        text(N::carrier_name),
        text(N::carrier_friendly_name),
        named(
            N::status,
            "ACTIVE CANCELLED EXPIRED UNVERIFIED PENDING_ACTIVATION PENDING_CANCELLATION RESCINDED QUOTE",
        ),
        text(N::state),
        flag(N::limited_access),
        named(
            N::form_of_business,
            "INDIVIDUAL PARTNERSHIP LIMITED_LIABILITY_COMPANY S_CORPORATION CORPORATION JOINT_VENTURE \
             NOT_FOR_PROFIT_ORGANIZATION TRUST",
        ),
        cents(N::deductible_cents),
        flag(N::is_monoline),
        object(N::policy_check, &POLICY_CHECK),
        many(N::dwellings, &DWELLING),
        many(N::locations, &LOCATION),
        many(N::vehicles, &VEHICLE),
        many(N::commercial_named_insureds, &COMMERCIAL_NAMED_INSURED),
        many(N::named_insureds, &NAMED_INSURED),
        many(N::additional_interests, &ADDITIONAL_INTEREST),
        many(N::life, &LIFE_POLICY),
        many(N::forms_and_endorsements, &POLICY_FORM),
        flag(N::is_telematics_enabled),
        named(N::payment_frequency, "MONTHLY QUARTERLY SEMIANNUALLY ANNUALLY"),
        date(N::last_payment_date),
        many(N::premium_groups, &PREMIUM_GROUP),
    ],
};

/// `PolicyCheck`
pub static POLICY_CHECK: Schema = Schema {
    name: "PolicyCheck",
    id: None,
    members: &[named(N::status, "NONE COMPLIANT NOT_COMPLIANT REVIEW_REQUIRED"), json(N::details)],
};

/// `AdditionalInterest`
pub static ADDITIONAL_INTEREST: Schema = Schema {
    name: "AdditionalInterest",
    id: Some(N::additional_interest_id),
    members: &[
        text(N::additional_interest_id),
        text(N::additional_interest_name).contact(),
        named(
            N::additional_interest_type,
            "ADDITIONAL_INSURED LANDLORD PROPERTY_MANAGER HOME_ASSOCIATION CERTIFICATE_HOLDER",
        ),
        text(N::email).contact(),
        text(N::phone_number).contact(),
        object(N::additional_interest_address, &ADDRESS),
    ],
};

/// `Mortgagee`
pub static MORTGAGEE: Schema = Schema {
    name: "Mortgagee",
    id: Some(N::mortgagee_id),
    members: &[
        text(N::mortgagee_id),
        text(N::mortgagee_name),
        object(N::mortgagee_address, &ADDRESS),
        named(N::mortgagee_type, "FIRST SECOND THIRD"),
        text(N::mortgage_loan_number).ids(),
    ],
};

/// `PolicyForm`
pub static POLICY_FORM: Schema = Schema {
    name: "PolicyForm",
    id: Some(N::policy_form_id),
    members: &[
        text(N::policy_form_id),
        text(N::form_name),
        text(N::form_number),
        named(N::form_type, "FORM ENDORSEMENT"),
        named(
            N::endorsement_type,
            "SINKHOLE_COVERAGE WATER_OR_STEAM_SEEPAGE_OR_LEAKAGE_COVERAGE REFRIGERATED_PROPERTY_COVERAGE \
             SERVICE_LINE_COVERAGE EXTENDED_REPLACEMENT_COST_COVERAGE EXTENDED_ROOF_SURFACES_COVERAGE \
             ROOF_ACTUAL_CASH_VALUE_COVERAGE ROOF_REPLACEMENT_COST_COVERAGE SPECIAL_PERSONAL_PROPERTY_COVERAGE \
             IDENTITY_THEFT_COVERAGE CREDIT_CARD_FRAUD_CHECK_FORGERY_OR_COUNTERFEIT_MONEY_COVERAGE \
             HOME_DAYCARE_COVERAGE ASSISTED_LIVING_CARE_COVERAGE LOSS_ASSESSEMENT_COVERAGE \
             SECONDARY_RESIDENCE_COVERAGE INFLATION_GUARD_COVERAGE PERSONAL_INJURY_COVERAGE \
             HOME_COMPUTER_COVERAGE FUNCTIONAL_REPLACEMENT_COST_LOSS_SETTLEMENT \
             PERSONAL_PROPERTY_REPLACEMENT_COST_LOSS_SETTLEMENT GAP_COVERAGE \
             ORIGINAL_EQUIPMENT_MANUFACTURER_COVERAGE CUSTOM_EQUIPMENT_COVERAGE NEW_CAR_REPLACEMENT_COVERAGE \
             RIDESHARE_COVERAGE ACCIDENT_FORGIVENESS_COVERAGE COMMERCIAL_USE_COVERAGE \
             UNINSURED_AND_UNDERINSURED_MOTORIST_COVERAGE UNINSURED_MOTORIST_COVERAGE \
             UNDERINSURED_MOTORIST_COVERAGE RENTAL_REIMBURSEMENT_COVERAGE ROADSIDE_ASSISTANCE_COVERAGE \
             TOWING_AND_LABOR_COVERAGE PERSONAL_INJURY_PROTECTION_COVERAGE SINGLE_LIABILITY_LIMIT \
             ADDITIONAL_INSURED FINE_ART_COVERAGE THEFT_OF_MONEY_AND_SECURITIES_ON_PREMISES_COVERAGE \
             THEFT_OF_MONEY_AND_SECURITIES_OFF_PREMISES_COVERAGE \
             OTHER_THAN_THEFT_OF_MONEY_AND_SECURITIES_ON_PREMISES_COVERAGE \
             OTHER_THAN_THEFT_OF_MONEY_AND_SECURITIES_OFF_PREMISES_COVERAGE ACCOUNTS_RECEIVABLE_COVERAGE \
             VALUABLE_PAPERS_AND_RECORDS_ON_PREMISES_COVERAGE VALUABLE_PAPERS_AND_RECORDS_OFF_PREMISES_COVERAGE \
             ARSON_OR_THEFT_REWARD_COVERAGE DEBRIS_REMOVAL_COVERAGE OUTDOOR_SIGNS_COVERAGE \
             OUTDOOR_PROPERTY_COVERAGE SPOILAGE_COVERAGE EMPLOYMENT_PRACTICES_LIABILITY_COVERAGE \
             EMPLOYEE_BENEFITS_LIABILITY_COVERAGE FIRE_DEPARTMENT_SERVICE_CHARGE_COVERAGE \
             LIQUOR_LIABILITY_COVERAGE BUILDING_GLASS_COVERAGE HIRED_AUTO_BODILY_INJURY_COVERAGE \
             HIRED_AUTO_PROPERTY_DAMAGE_COVERAGE NON_OWNED_AUTO_COVERAGE HIRED_AUTO_COVERAGE \
             HIRED_AND_NON_OWNED_AUTO_COVERAGE DATA_COMPROMISE_COVERAGE BAILEES_CUSTOMER_COVERAGE \
             PROPERTY_IN_TRANSIT_COVERAGE EQUIPMENT_BREAKDOWN_COVERAGE ORDINANCE_OR_LAW_COVERAGE \
             WINDSTORM_OR_HAIL_COVERAGE EARTHQUAKE_COVERAGE FLOOD_COVERAGE WATER_BACKUP_COVERAGE \
             LIMITED_FUNGI_OR_MOLD_COVERAGE PARTNERS_OFFICERS_AND_OTHER_EXCLUSION \
             EXPERIENCE_RATING_MODIFICATION_FACTOR NOTIFICATION_OF_CHANGE_IN_OWNERSHIP \
             CATASTOPHE_OTHER_THAN_CERTIFIED_ACTS_OF_TERRORISM_PREMIUM \
             TERRORISM_RISK_INSURANCE_PROGRAM_REAUTHORIZATION_ACT_DISCLOSURE AUDIT_NONCOMPLIANCE_CHARGE \
             PENDING_RATE_CHANGE PREMIUM_DUE_DATE DESIGNATED_WORKPLACES_EXCLUSIION \
             WAIVER_OF_RIGHTS_TO_RECOVER_FROM_OTHERS PREMIUM_DISCOUNT EMPLOYER_LIABILITY_COVERAGE \
             TERMINAL_COVERAGE",
        ),
        flag(N::is_exclusion_endorsement),
        flag(N::pdf_available),
    ],
};

/// `PremiumGroup`
pub static PREMIUM_GROUP: Schema = Schema {
    name: "PremiumGroup",
    id: Some(N::premium_group_id),
    members: &[text(N::premium_group_id), cents(N::premium_cents), text(N::vehicle_coverage_ids)],
};
