//! What the parts of a row are called, in Canopy's answers and in the model.

use std::fmt;

/// One name for each member of Canopy's that is read, and for each column of the model: written as in JSON, so that a
/// name that nothing has is no name.
macro_rules! names {
    ($($name:ident $(= $text:literal)?,)+) => {
        /// A member's or column's name.
        #[expect(non_camel_case_types, missing_docs, reason = "they are the members' own")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Name { $($name,)+ }

        impl Name {
            const TEXTS: &[&str] = &[$(names!(@text $name $($text)?),)+];
        }
    };
    (@text $name:ident) => { stringify!($name) };
    (@text $name:ident $text:literal) => { $text };
}

names! {
    account_email, account_identifier, actual_cash_value, additional_interest_address,
    additional_interest_id, additional_interest_name, additional_interest_type, additional_interests,
    address, address_id, address_nature, addresses, age, age_licensed, age_on_date, agency_name,
    agent_full_name, agent_id, agent_info_id, agents, als_months, amount_due_cents, amount_paid_cents,
    amount_reserved_cents, annual_mileage, annualized_premium_cents, answers, apn,
    assessed_improvement_value_cents, assessed_land_value_cents, assessed_total_value_cents, assignee,
    building_shape, business_email, business_income_limit_cents, business_phone, canceled_date,
    carrier_claim_identifier, carrier_friendly_name, carrier_location_identifier, carrier_name,
    carrier_policy_number, cash_value_cents, city, claim_id, claims, class, class_code,
    commercial_named_insured_id, commercial_named_insured_ids, commercial_named_insureds,
    construction_quality, construction_type, consumer_flow_section_field_id, consumer_flow_section_id,
    cooling_type, country, coverage_id, coverages, created_at, current_mileage, date_added, date_closed,
    date_occurred, date_of_birth, date_of_claim, date_of_occurrence, days_to_expiry,
    death_benefit_amount_cents, deductible_cents, deductible_percent, description, designation, details,
    distribution_percent, dividend_option, document_id, document_type, documents, download_url,
    driver_id, driver_ids, drivers, drivers_license, drivers_license_state, driving_record_id,
    driving_records, duration_of_coverage_duration, dwelling_coverage_id, dwelling_id, dwellings,
    education, effective_date, email, encountered_mfa, endorsement_type, energy_type,
    estimated_annual_premium_cents, estimated_annual_remunerations_cents, expiry_date,
    extended_business_income_duration, extended_replacement_cost_percent, face_amount_cents, features,
    fein, fields, fireplace_type, first_mortgage_amount_cents, first_mortgage_lender, first_name,
    form_name, form_number, form_of_business, form_type, forms_and_endorsements, foundation_type,
    frame_type, friendly_name, full_address, full_name, funnel, garage_square_ft, garage_type,
    garaging_address, gender, gl_code, has_fireplace, has_pool, heating_fuel, heating_type, hin,
    home_phone, incident_date, incident_type, initial_pull_id, is_active, is_archived, is_at_fault, is_claim_open,
    is_declined, is_excluded, is_exclusion_endorsement, is_latest_declarations, is_monoline, is_open,
    is_primary, is_primary_named_insured, is_removed, is_replacement_cost_cents_derived, is_shared,
    is_stacked, is_stored, is_subrogation, is_telematics_enabled, label, last_name, last_payment_date,
    last_update_date, lien_holder, lien_holder_address, life, life_policy_beneficiaries,
    life_policy_beneficiary_id, life_policy_details, life_policy_details_id, life_policy_rider_id,
    life_policy_riders, limit_percent, limited_access, line, link, loan_variable_interest_rate_percent,
    location_coverage_id, location_id, location_operation_id, locations, loss_event_id, loss_events,
    loss_settlement_type, mailing_address, make, marital_status, market_improvement_value_cents,
    market_land_value_cents, market_total_value_cents, max_days, meta, metadata, middle_name, mime_type,
    minimum_premium_cents, mobile_phone, model, mortgage_loan_number, mortgagee_address, mortgagee_id,
    mortgagee_name, mortgagee_type, mortgagees, naics_code, name, named_insured_id, named_insured_ids,
    named_insureds, no_claims, no_documents, no_drivers, no_loss_events, no_policies, num_baths_full,
    num_baths_partial, num_beds, num_fireplaces, num_parking_spaces, num_stories, num_units, number,
    number_of_employees, occupation, operations, owner1_first_name, owner1_last_name, owner2_first_name,
    owner2_last_name, owner3_first_name, owner3_last_name, owner4_first_name, owner4_last_name,
    ownership_type, paid_in_full, paid_up_date, parent_pull_id, payment_frequency, payout_cents,
    pdf_available, per_day_limit_cents, per_employee_limit_cents, per_incident_limit_cents,
    per_incident_limit_months, per_incident_limit_percent, per_incident_unlimited,
    per_mile_premium_tenth_of_cents, per_person_limit_cents, per_person_unlimited,
    per_policy_year_limit_cents, per_term_limit_cents, period_of_restoration_duration, person_id, phone,
    phone_number, physical_address, pip_deductible_applicability, policies, policy_check,
    policy_check_status, policy_form_id, policy_id, policy_ids, policy_owner_address,
    policy_owner_first_name, policy_owner_full_name, policy_owner_last_name, policy_owner_middle_name,
    policy_payor_address, policy_payor_first_name, policy_payor_full_name, policy_payor_last_name,
    policy_payor_middle_name, policy_type, pool_type, prefix, premium, premium_cents, premium_group_id,
    premium_groups, property_data, property_data_id, public_alias, public_url, pull, pull_id,
    purchase_date, purchase_price_cents, rate_cents, relationship_to_insured, renewal_date,
    replacement_cost_cents, representative_email, representative_name, representative_phone, roles,
    roof_cover, roof_shape, seasonal_increase_percent, sec_unit_num, sec_unit_type,
    second_mortgage_amount_cents, second_mortgage_lender, serial_number, series, series2, sewer_type,
    sic_code, skipped_product_types, source, sources, square_ft, stage, state, status, street, sub_type,
    success, team_id, term_months, title, total_accumulated_dividend_cents,
    total_accumulated_dividend_on_date, total_cash_value_cents, total_cash_value_on_date,
    total_deposit_premium_cents, total_estimated_annual_premium_cents, total_loan_balance_cents,
    total_loan_balance_on_date, total_minimum_premium_cents, total_premium_cents,
    total_replacement_cost_cents, total_surrender_value_cents, total_surrender_value_on_date, type_ = "type",
    uses, value, vehicle_coverage_id, vehicle_coverage_ids, vehicle_id, vehicle_ids, vehicles, vin,
    vin_check, violation_type, waiting_period_duration, wall_type, website_url, widget_id, work_phone,
    work_phone_extension, year, year_built, zip,
}

impl Name {
    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::TEXTS[self as usize]
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
