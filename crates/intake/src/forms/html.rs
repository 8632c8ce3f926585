//! One page to look at and to print, without a script.

use std::collections::HashMap;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{
    linked::Linked,
    style::STYLE,
    words::{self, carrier, label, value, vehicle},
};
use crate::{
    cell::Row,
    gaps::State,
    name::Name as N,
    schema::Kind,
    table::{Column, Part},
    view::Intake,
};

/// The page. `changes` are sentences of what is not as in the version before.
#[must_use]
pub fn page(intake: &Intake<'_>, changes: &[String]) -> String {
    let model = &intake.model;
    let pull = model.pull();
    let open: Vec<_> = intake.gaps.iter().filter(|gap| gap.state == State::Open).collect();
    let policies = model.part(Part::Policies);
    let linked = Linked::of(model);
    html! {
        (DOCTYPE)
        html lang="en-US" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="referrer" content="no-referrer";
                title { "Insurance intake " (pull.text(N::pull_id).unwrap_or_default()) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "Insurance intake" }
                    p.lead {
                        @if let Some(carrier) = carrier(pull) { (carrier) " · " }
                        "version " (intake.version) ", as of " (intake.day.iso())
                    }
                    p.small { "Pull " (pull.text(N::pull_id).unwrap_or("unknown")) }
                }
                main {
                    (contact(intake))
                    (overview(policies))
                    @if !open.is_empty() {
                        section {
                            h2 { "Worth a talk" }
                            ul.talk {
                                @for gap in open {
                                    li { p { strong { (gap.because) } } p { (gap.closes) } }
                                }
                            }
                        }
                    }
                    @if !changes.is_empty() {
                        section {
                            h2 { "Since the version before" }
                            ul { @for change in changes { li { (change) } } }
                        }
                    }
                    @for policy in policies { (self::policy(&linked, policy)) }
                    @for (part, title, columns) in TABLES { (rows(intake, *part, title, columns)) }
                    (documents(intake))
                    (missing(intake))
                }
            }
        }
    }
    .into_string()
}

/// What of each part stands in a table of its own, whatever policy it is of.
const TABLES: &[(Part, &str, &[N])] = &[
    (
        Part::People,
        "People",
        &[
            N::first_name,
            N::last_name,
            N::name,
            N::roles,
            N::date_of_birth,
            N::age,
            N::relationship_to_insured,
            N::drivers_license,
            N::drivers_license_state,
            N::occupation,
        ],
    ),
    (
        Part::Claims,
        "Claims",
        &[
            N::date_occurred,
            N::type_,
            N::status,
            N::date_closed,
            N::payout_cents,
            N::carrier_claim_identifier,
        ],
    ),
    (
        Part::LossEvents,
        "Losses",
        &[N::date_of_occurrence, N::type_, N::amount_paid_cents, N::amount_reserved_cents, N::is_claim_open],
    ),
    (
        Part::DrivingRecords,
        "Driving records",
        &[N::incident_date, N::incident_type, N::violation_type, N::is_at_fault],
    ),
    (Part::Agents, "Agents", &[N::agency_name, N::agent_full_name, N::phone_number, N::email]),
];

/// The columns of a part by their names, in this order.
fn columns(part: Part, names: &[N]) -> Vec<&'static Column> {
    names.iter().filter_map(|column| part.columns().iter().find(|its| its.name == *column)).collect()
}

/// Names with their values, those that are there.
fn facts(part: Part, row: &Row<'_>, names: &[N]) -> Markup {
    let there: Vec<_> =
        columns(part, names).into_iter().filter_map(|column| Some((column, row.get(column.name)?))).collect();
    html! {
        @if !there.is_empty() {
            dl { @for (column, cell) in there { div { dt { (label(column.name)) } dd { (value(column, cell)) } } } }
        }
    }
}

/// A table of these columns, without those that no row has; `is_titled` where a heading of the same words stands above it.
fn table(part: Part, caption: &str, is_titled: bool, rows: &[&Row<'_>], names: &[N]) -> Markup {
    let used: Vec<_> = columns(part, names)
        .into_iter()
        .filter(|column| rows.iter().any(|row| words::cell(row, column.name).is_some()))
        .collect();
    let class = |column: &Column| matches!(column.kind, Kind::Cents).then_some("number");
    html! {
        div.scroll tabindex="0" role="group" aria-label=(caption) {
            table {
                caption.unseen[is_titled] { (caption) }
                thead { tr { @for column in &used { th class=[class(column)] scope="col" { (label(column.name)) } } } }
                tbody {
                    @for row in rows {
                        tr {
                            @for column in &used {
                                td class=[class(column)] {
                                    (words::cell(row, column.name).map(|cell| value(column, cell)).unwrap_or_default())
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn rows(intake: &Intake<'_>, part: Part, title: &str, names: &[N]) -> Markup {
    let rows: Vec<&Row<'_>> = intake.model.part(part).iter().collect();
    html! {
        @if !rows.is_empty() { section { h2 { (title) } (table(part, title, true, &rows, names)) } }
    }
}

fn contact(intake: &Intake<'_>) -> Markup {
    let Some(contact) = intake.model.part(Part::Contact).first() else { return html! {} };
    let name: Vec<&str> = [N::first_name, N::middle_name, N::last_name]
        .iter()
        .filter_map(|column| contact.text(*column))
        .collect();
    html! {
        section {
            h2 { @if name.is_empty() { "Contact" } @else { (name.join(" ")) } }
            (facts(Part::Contact, contact, &[
                N::date_of_birth, N::email, N::phone, N::mobile_phone, N::home_phone, N::work_phone,
                N::work_phone_extension, N::mailing_address, N::physical_address,
            ]))
        }
    }
}

fn overview(policies: &[Row<'_>]) -> Markup {
    let rows: Vec<&Row<'_>> = policies.iter().collect();
    let premium: i128 = policies
        .iter()
        .filter(|policy| policy.flag(N::is_active) != Some(false))
        .filter_map(|policy| policy.integer(N::annualized_premium_cents))
        .map(i128::from)
        .sum();
    html! {
        section {
            h2 { "Policies" }
            @if rows.is_empty() { p { "None." } } @else {
                (table(Part::Policies, "Policies", true, &rows, &[
                    N::line, N::carrier_friendly_name, N::carrier_policy_number, N::status, N::effective_date,
                    N::expiry_date, N::total_premium_cents,
                ]))
            }
            @if let (true, Ok(cents)) = (premium > 0, i64::try_from(premium)) {
                p.sum { "In force or pending, in a year: " strong { (crate::money::dollars(cents)) } }
            }
        }
    }
}

/// One policy with all that belongs to it.
fn policy(linked: &Linked<'_, '_>, policy: &Row<'_>) -> Markup {
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

/// Vehicles beside each other in one table: as many as paper has room for, so that no page grows with their square.
const ACROSS: usize = 4;

/// Coverages down, vehicles across; what all vehicles share once, in the first table.
fn grids(linked: &Linked<'_, '_>, policy: &Row<'_>, vehicles: &[&Row<'_>]) -> Markup {
    let has = |row: &&&Row<'_>| !linked.rows(Part::Coverages, N::vehicle_id, row).is_empty();
    let covered: Vec<&Row<'_>> = vehicles.iter().filter(has).copied().collect();
    // One vehicle shares with none.
    let shared = linked.rows(Part::SharedLimits, N::policy_id, policy);
    let shared = if vehicles.len() > 1 { shared } else { &[] };
    html! {
        @for (at, vehicles) in covered.chunks(ACROSS).enumerate() {
            (grid(linked, vehicles, if at == 0 { shared } else { &[] }, !shared.is_empty()))
        }
    }
}

/// `has_shared`: coverages of shared limits stand elsewhere.
fn grid(linked: &Linked<'_, '_>, vehicles: &[&Row<'_>], shared: &[&Row<'_>], has_shared: bool) -> Markup {
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (at, vehicle) in vehicles.iter().enumerate() {
        let own = linked.rows(Part::Coverages, N::vehicle_id, vehicle).iter();
        for row in own.filter(|row| !(has_shared && row.is(N::is_shared))) {
            let Some(name) = row.text(N::name) else { continue };
            let place = *places.entry(name).or_insert_with(|| {
                rows.push((words::coverage(row), vec![String::new(); vehicles.len()]));
                rows.len() - 1
            });
            let cell = &mut rows[place].1[at];
            if !cell.is_empty() {
                cell.push_str("; ");
            }
            cell.push_str(&words::limits(row));
        }
    }
    html! {
        @if !(rows.is_empty() && shared.is_empty()) {
            div.scroll tabindex="0" role="group" aria-label="Coverages by vehicle" {
                table {
                    caption { "Coverages by vehicle" }
                    thead {
                        tr { th scope="col" { "Coverage" } @for it in vehicles { th scope="col" { (vehicle(it)) } } }
                    }
                    tbody {
                        @for row in shared {
                            tr {
                                th scope="row" { (words::coverage(row)) }
                                td colspan=(vehicles.len()) { (words::limits(row)) " · all vehicles" }
                            }
                        }
                        @for (name, cells) in &rows {
                            tr {
                                th scope="row" { (name) }
                                @for it in cells { td { @if it.is_empty() { "–" } @else { (it) } } }
                            }
                        }
                    }
                }
            }
        }
    }
}

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

fn documents(intake: &Intake<'_>) -> Markup {
    let documents = intake.model.part(Part::Documents);
    html! {
        @if !documents.is_empty() {
            section {
                h2 { "Documents" }
                ul {
                    @for document in documents {
                        @let title = words::document(document);
                        li {
                            @match document.text(N::link).filter(|_| document.is(N::is_stored)) {
                                Some(link) => a href=(link) { (title) },
                                None => (title),
                            }
                            @if document.is(N::is_latest_declarations) { " · latest declarations" }
                        }
                    }
                }
            }
        }
    }
}

fn missing(intake: &Intake<'_>) -> Markup {
    html! {
        @if !intake.missing.is_empty() {
            section {
                h2 { "Usually asked, and not there" }
                ul.columns {
                    @for it in &intake.missing {
                        li {
                            @if it.what == "rows" { (words::words(it.part)) }
                            @else { (words::words(it.part)) ": " (words::words(it.what.trim_end_matches("_cents"))) }
                        }
                    }
                }
            }
        }
    }
}
