//! A policy's section.

use maud::{Markup, html};

use super::{
    grid::grids,
    table::{columns, facts, table},
};
use crate::{
    cell::Row,
    forms::{
        linked::Linked,
        words::{self, value},
    },
    name::Name as N,
    table::Part,
};

/// One policy with all that belongs to it.
pub fn policy(linked: &Linked<'_, '_>, policy: &Row<'_>) -> Markup {
    let of = |part| linked.rows(part, N::policy_id, policy);
    let (insured, vehicles) = (linked.insured(policy), of(Part::Vehicles));
    html! {
        section.policy {
            h2 { (words::policy(policy)) }
            (facts(Part::Policies, policy, &[
                N::status, N::effective_date, N::expiry_date, N::renewal_date, N::canceled_date, N::term_months,
                N::total_premium_cents, N::annualized_premium_cents, N::amount_paid_cents, N::amount_due_cents,
                N::payment_frequency, N::deductible_cents, N::state, N::form_of_business,
            ]))
            @if policy.is(N::limited_access) { p.note { "The carrier gives no access to the details of this policy." } }
            @if !insured.is_empty() { p { strong { "Insured: " } (insured.join(", ")) } }
            @if !vehicles.is_empty() {
                h3 { "Vehicles" }
                (table(Part::Vehicles, "Vehicles", true, vehicles, &[
                    N::year, N::make, N::model, N::vin, N::uses, N::annual_mileage, N::ownership_type, N::lien_holder,
                    N::garaging_address, N::is_removed,
                ]))
                @for vehicle in vehicles {
                    @let names = linked.drivers(vehicle);
                    @if !names.is_empty() { p { strong { (words::vehicle(vehicle)) ": " } (names.join(", ")) } }
                }
                (grids(linked, policy, vehicles))
            }
            @for dwelling in of(Part::Dwellings) {
                (place(linked, Part::Dwellings, dwelling, N::dwelling_id, &[
                    N::replacement_cost_cents, N::cash_value_cents, N::loss_settlement_type,
                    N::extended_replacement_cost_percent,
                ]))
            }
            @for location in of(Part::Locations) {
                (place(linked, Part::Locations, location, N::location_id, &[
                    N::carrier_location_identifier, N::loss_settlement_type,
                ]))
            }
            @for life in of(Part::Life) {
                h3 { "Life" }
                (facts(Part::Life, life, &[
                    N::face_amount_cents, N::death_benefit_amount_cents, N::total_cash_value_cents,
                    N::total_surrender_value_cents, N::total_loan_balance_cents, N::policy_owner_full_name,
                ]))
            }
            @for (part, caption, names) in OF_POLICY {
                @let rows = of(*part);
                @if !rows.is_empty() { (table(*part, caption, false, rows, names)) }
            }
        }
    }
}

/// What of a policy stands in small tables below it.
const OF_POLICY: &[(Part, &str, &[N])] = &[
    (Part::Riders, "Riders", &[N::friendly_name, N::name, N::effective_date, N::expiry_date]),
    (
        Part::Beneficiaries,
        "Beneficiaries",
        &[N::full_name, N::relationship_to_insured, N::type_, N::designation, N::distribution_percent],
    ),
    (
        Part::Operations,
        "Operations",
        &[
            N::class_code,
            N::description,
            N::estimated_annual_remunerations_cents,
            N::estimated_annual_premium_cents,
        ],
    ),
    (Part::Interests, "Additional interests", &[N::additional_interest_name, N::additional_interest_type]),
    (Part::Forms, "Forms and endorsements", &[N::form_number, N::form_name, N::endorsement_type]),
];

/// A dwelling or a location with its coverages and mortgagees.
fn place(linked: &Linked<'_, '_>, part: Part, row: &Row<'_>, by: N, names: &[N]) -> Markup {
    let own = linked.rows(Part::Coverages, by, row);
    let mortgagees = linked.rows(Part::Mortgagees, by, row);
    let heading = if part == Part::Dwellings { "Dwelling" } else { "Location" };
    let address =
        columns(part, &[N::address]).first().and_then(|column| Some(value(column, row.get(N::address)?)));
    let property = row.object(N::property_data);
    html! {
        h3 { (heading) @if let Some(address) = address { ": " (address) } }
        (facts(part, row, names))
        @if let (Some(property), Some(column)) = (property, columns(part, &[N::property_data]).first()) {
            p.small { (words::object(column, property)) }
        }
        @if !own.is_empty() {
            div.scroll tabindex="0" role="group" aria-label="Coverages" {
                table {
                    caption { "Coverages" }
                    thead { tr { th scope="col" { "Coverage" } th scope="col" { "Limits" } th.number scope="col" { "Premium" } } }
                    tbody {
                        @for coverage in own {
                            tr {
                                th scope="row" { (words::coverage(coverage)) }
                                td { (words::limits(coverage)) }
                                td.number { (coverage.integer(N::premium_cents).map(crate::money::dollars).unwrap_or_default()) }
                            }
                        }
                    }
                }
            }
        }
        @if !mortgagees.is_empty() {
            (table(Part::Mortgagees, "Mortgagees", false, mortgagees, &[
                N::mortgagee_name, N::mortgagee_type, N::mortgage_loan_number, N::mortgagee_address,
            ]))
        }
    }
}
