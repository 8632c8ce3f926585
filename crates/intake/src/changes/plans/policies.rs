//! Policies and what they say of cover.

use crate::{
    changes::{
        kind::ChangeKind as K,
        plan::{
            Key::{Called, Id, Same, SameOrNone, Within},
            Plan, Rule,
        },
    },
    name::Name as N,
    table::Part,
};

/// Its description repeats its term.
pub const POLICIES: Plan = Plan {
    part: Part::Policies,
    rules: &[
        Rule::each(&[Id]),
        Rule::each(&[Same(N::carrier_policy_number)]),
        Rule::alone(&[Same(N::line), SameOrNone(N::carrier_name)]),
    ],
    added: Some(K::PolicyAdded),
    removed: Some(K::PolicyRemoved),
    watched: &[
        (
            K::PolicyChanged,
            &[
                N::name,
                N::carrier_policy_number,
                N::policy_type,
                N::carrier_name,
                N::carrier_friendly_name,
                N::state,
                N::limited_access,
                N::form_of_business,
                N::is_monoline,
                N::policy_check,
                N::is_telematics_enabled,
            ],
        ),
        (K::StatusChanged, &[N::status, N::canceled_date]),
        (K::TermChanged, &[N::effective_date, N::expiry_date, N::renewal_date]),
        (
            K::PremiumChanged,
            &[
                N::total_premium_cents,
                N::total_estimated_annual_premium_cents,
                N::total_minimum_premium_cents,
                N::total_deposit_premium_cents,
            ],
        ),
        (K::DeductibleChanged, &[N::deductible_cents]),
        (
            K::PaymentChanged,
            &[
                N::paid_in_full,
                N::amount_paid_cents,
                N::amount_due_cents,
                N::payment_frequency,
                N::last_payment_date,
            ],
        ),
    ],
    ..Plan::PLAIN
};

pub const COVERAGES: Plan = Plan {
    part: Part::Coverages,
    rules: &[
        Rule::each(&[Within, Id]),
        Rule::each(&[Within, Same(N::name)]),
        Rule::each(&[Within, Same(N::friendly_name)]),
    ],
    added: Some(K::CoverageAdded),
    removed: Some(K::CoverageRemoved),
    watched: &[
        (K::PremiumChanged, &[N::premium_cents, N::per_mile_premium_tenth_of_cents]),
        (
            K::LimitChanged,
            &[
                N::per_person_limit_cents,
                N::per_person_unlimited,
                N::per_incident_limit_cents,
                N::per_incident_unlimited,
                N::per_incident_limit_percent,
                N::per_incident_limit_months,
                N::per_day_limit_cents,
                N::max_days,
                N::per_term_limit_cents,
                N::per_policy_year_limit_cents,
                N::per_employee_limit_cents,
                N::business_income_limit_cents,
                N::als_months,
                N::limit_percent,
            ],
        ),
        (
            K::DeductibleChanged,
            &[N::deductible_cents, N::deductible_percent, N::pip_deductible_applicability],
        ),
        (
            K::CoverageChanged,
            &[
                N::name,
                N::friendly_name,
                N::actual_cash_value,
                N::is_declined,
                N::is_stacked,
                N::seasonal_increase_percent,
                N::extended_business_income_duration,
                N::period_of_restoration_duration,
                N::duration_of_coverage_duration,
                N::waiting_period_duration,
            ],
        ),
    ],
    ..Plan::PLAIN
};

pub const MORTGAGEES: Plan = Plan {
    part: Part::Mortgagees,
    rules: &[
        Rule::each(&[Within, Id]),
        Rule::each(&[Within, Same(N::mortgage_loan_number)]),
        Rule::each(&[Within, Same(N::mortgagee_name)]),
    ],
    added: Some(K::MortgageeAdded),
    removed: Some(K::MortgageeRemoved),
    watched: &[
        (K::MortgageeChanged, &[N::mortgagee_name, N::mortgagee_type, N::mortgage_loan_number]),
        (K::AddressChanged, &[N::mortgagee_address]),
    ],
    ..Plan::PLAIN
};

pub const INTERESTS: Plan = Plan {
    part: Part::Interests,
    rules: &[Rule::each(&[Within, Id]), Rule::each(&[Within, Same(N::additional_interest_name)])],
    added: Some(K::InterestAdded),
    removed: Some(K::InterestRemoved),
    watched: &[
        (
            K::InterestChanged,
            &[N::additional_interest_name, N::additional_interest_type, N::email, N::phone_number],
        ),
        (K::AddressChanged, &[N::additional_interest_address]),
    ],
    ..Plan::PLAIN
};

/// Whether Canopy has a form as a PDF says nothing of the policy.
pub const FORMS: Plan = Plan {
    part: Part::Forms,
    rules: &[
        Rule::each(&[Within, Id]),
        Rule::each(&[Within, Same(N::form_number), Same(N::form_name)]),
        Rule::each(&[Within, Same(N::form_number)]),
        Rule::each(&[Within, Same(N::form_name)]),
    ],
    added: Some(K::FormAdded),
    removed: Some(K::FormRemoved),
    watched: &[(
        K::FormChanged,
        &[N::form_name, N::form_number, N::form_type, N::endorsement_type, N::is_exclusion_endorsement],
    )],
    ..Plan::PLAIN
};

pub const PREMIUM_GROUPS: Plan = Plan {
    part: Part::PremiumGroups,
    rules: &[Rule::each(&[Within, Id]), Rule::each(&[Within])],
    added: Some(K::PremiumChanged),
    removed: Some(K::PremiumChanged),
    watched: &[(K::PremiumChanged, &[N::premium_cents])],
    ..Plan::PLAIN
};

/// Amounts change; the days on which they were read say nothing more.
pub const LIFE: Plan = Plan {
    part: Part::Life,
    rules: &[Rule::each(&[Within, Id]), Rule::each(&[Within])],
    added: Some(K::LifeAdded),
    removed: Some(K::LifeRemoved),
    watched: &[
        (
            K::LifeChanged,
            &[
                N::face_amount_cents,
                N::death_benefit_amount_cents,
                N::total_cash_value_cents,
                N::total_loan_balance_cents,
                N::dividend_option,
                N::total_accumulated_dividend_cents,
                N::total_surrender_value_cents,
                N::loan_variable_interest_rate_percent,
                N::paid_up_date,
                N::policy_owner_first_name,
                N::policy_owner_middle_name,
                N::policy_owner_last_name,
                N::policy_owner_full_name,
                N::policy_payor_first_name,
                N::policy_payor_middle_name,
                N::policy_payor_last_name,
                N::policy_payor_full_name,
            ],
        ),
        (K::AddressChanged, &[N::policy_owner_address, N::policy_payor_address]),
    ],
    ..Plan::PLAIN
};

pub const RIDERS: Plan = Plan {
    part: Part::Riders,
    rules: &[
        Rule::each(&[Within, Id]),
        Rule::each(&[Within, Same(N::name)]),
        Rule::each(&[Within, Same(N::friendly_name)]),
    ],
    added: Some(K::RiderAdded),
    removed: Some(K::RiderRemoved),
    watched: &[(K::RiderChanged, &[N::name, N::friendly_name, N::effective_date, N::expiry_date])],
    ..Plan::PLAIN
};

pub const BENEFICIARIES: Plan = Plan {
    part: Part::Beneficiaries,
    rules: &[Rule::each(&[Within, Id]), Rule::each(&[Within, Called])],
    added: Some(K::BeneficiaryAdded),
    removed: Some(K::BeneficiaryRemoved),
    watched: &[(
        K::BeneficiaryChanged,
        &[
            N::type_,
            N::first_name,
            N::middle_name,
            N::last_name,
            N::full_name,
            N::relationship_to_insured,
            N::designation,
            N::distribution_percent,
        ],
    )],
    ..Plan::PLAIN
};
