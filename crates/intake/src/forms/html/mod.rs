//! One page to look at and to print, without a script.

mod grid;
mod policy;
mod table;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use self::{
    policy::policy,
    table::{facts, table},
};
use super::{linked::Linked, style::STYLE, words};
use crate::{cell::Row, name::Name as N, table::Part, view::Intake, wording::carrier};

/// The page. `changes` are sentences of what is not as in the version before.
#[must_use]
pub fn page(intake: &Intake<'_>, changes: &[String]) -> String {
    let model = &intake.model;
    let pull = model.pull();
    let open = words::talk(intake);
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
                    N::policy_type, N::carrier_friendly_name, N::carrier_policy_number, N::status, N::effective_date,
                    N::expiry_date, N::total_premium_cents,
                ]))
            }
            @if let (true, Ok(cents)) = (premium > 0, i64::try_from(premium)) {
                p.sum { "In force or pending, in a year: " strong { (crate::money::dollars(cents)) } }
            }
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
