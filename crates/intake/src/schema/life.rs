//! Life policies.

use super::{Schema, cents, date, decimal, left, many, named, object, pull::ADDRESS, text};
use crate::name::Name as N;

/// `LifePolicy`
pub static LIFE_POLICY: Schema = Schema {
    name: "LifePolicy",
    id: None,
    members: &[
        many(N::life_policy_details, &LIFE_POLICY_DETAILS),
        many(N::life_policy_riders, &LIFE_POLICY_RIDER),
        many(N::life_policy_beneficiaries, &LIFE_POLICY_BENEFICIARY),
    ],
};

/// `LifePolicyDetails`
pub static LIFE_POLICY_DETAILS: Schema = Schema {
    name: "LifePolicyDetails",
    id: Some(N::life_policy_details_id),
    members: &[
        text(N::life_policy_details_id),
        left(N::policy_id, "the row says it by its place"),
        left(N::pull_id, "the row says it by its place"),
        cents(N::face_amount_cents),
        cents(N::death_benefit_amount_cents),
        cents(N::total_cash_value_cents),
        cents(N::total_loan_balance_cents),
        named(
            N::dividend_option,
            "PAID_UP_ADDITIONS ACCUMULATE_AT_INTEREST CASH_OR_CHECK PREMIUM_REDUCTION POLICY_LOAN_REDUCTION OTHER",
        ),
        cents(N::total_accumulated_dividend_cents),
        cents(N::total_surrender_value_cents),
        decimal(N::loan_variable_interest_rate_percent),
        date(N::paid_up_date),
        date(N::total_accumulated_dividend_on_date),
        date(N::total_loan_balance_on_date),
        date(N::total_cash_value_on_date),
        date(N::total_surrender_value_on_date),
        text(N::policy_owner_first_name).contact(),
        text(N::policy_owner_middle_name).contact(),
        text(N::policy_owner_last_name).contact(),
        text(N::policy_owner_full_name).contact(),
        text(N::policy_payor_first_name).contact(),
        text(N::policy_payor_middle_name).contact(),
        text(N::policy_payor_last_name).contact(),
        text(N::policy_payor_full_name).contact(),
        object(N::policy_owner_address, &ADDRESS),
        object(N::policy_payor_address, &ADDRESS),
    ],
};

/// `LifePolicyRider`
pub static LIFE_POLICY_RIDER: Schema = Schema {
    name: "LifePolicyRider",
    id: Some(N::life_policy_rider_id),
    members: &[
        text(N::life_policy_rider_id),
        left(N::policy_id, "the row says it by its place"),
        left(N::pull_id, "the row says it by its place"),
        named(
            N::name,
            "GUARANTEED_INSURABILITY ACCIDENTAL_DEATH WAIVER_OF_PREMIUM FAMILY_INCOME_BENEFIT \
             ACCELERATED_DEATH_BENEFIT CHILD_TERM LONG_TERM_CARE RETURN_OF_PREMIUM LEVEL_DEATH_BENEFIT \
             VARIABLE_DEATH_BENEFIT MILITARY_FUTURE_INSURABILITY",
        ),
        text(N::friendly_name),
        date(N::effective_date),
        date(N::expiry_date),
    ],
};

/// `LifePolicyBeneficiary`
pub static LIFE_POLICY_BENEFICIARY: Schema = Schema {
    name: "LifePolicyBeneficiary",
    id: Some(N::life_policy_beneficiary_id),
    members: &[
        text(N::life_policy_beneficiary_id),
        left(N::policy_id, "the row says it by its place"),
        left(N::pull_id, "the row says it by its place"),
        // The published example has it so, too.
        text(N::named_insured_id).given(&["named_insured_id", "name_insured_id"]),
        named(N::type_, "PRIMARY SUCCESSOR FINAL"),
        text(N::first_name).contact(),
        text(N::middle_name).contact(),
        text(N::last_name).contact(),
        text(N::full_name).contact(),
        named(
            N::relationship_to_insured,
            "INSURED SPOUSE BROTHER SISTER FATHER MOTHER PARENT DAUGHTER SON CHILD RELATIVE DOMESTIC_PARTNERSHIP",
        ),
        named(N::designation, "PER_STIRPES PER_CAPITA"),
        decimal(N::distribution_percent),
    ],
};
