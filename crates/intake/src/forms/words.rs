//! Values as people read them.

use std::collections::HashSet;

use crate::{
    cell::{Cell, Row},
    gaps::{Gap, State},
    money::dollars,
    name::Name as N,
    schema::{Class, Kind},
    table::Column,
    view::Intake,
    wording::{self, carrier, first_large},
};

/// What stands in a column: of a carrier how it calls itself, else what it is filed under.
#[must_use]
pub fn cell<'r, 'a>(row: &'r Row<'a>, column: N) -> Option<&'r Cell<'a>> {
    row.get(column)
        .or_else(|| if column == N::carrier_friendly_name { row.get(N::carrier_name) } else { None })
}

/// What a column is called: `carrier_policy_number` → `Carrier policy number`.
#[must_use]
pub fn label(column: N) -> String {
    let name = column.as_str();
    let known = LABELS.iter().find(|(its, _)| *its == column).map(|(_, label)| (*label).to_owned());
    let plain = name.trim_end_matches("_cents").trim_end_matches(PERCENT).trim_start_matches("num_");
    known.unwrap_or_else(|| words(plain))
}

/// Columns whose names alone would not tell people what they are.
const LABELS: &[(N, &str)] = &[
    (N::annualized_premium_cents, "Premium in a year"),
    (N::carrier_friendly_name, "Carrier"),
    (N::carrier_name, "Carrier"),
    (N::carrier_policy_number, "Number"),
    (N::carrier_claim_identifier, "Number"),
    (N::date_of_birth, "Born"),
    (N::drivers_license, "Licence"),
    (N::drivers_license_state, "Licence of"),
    (N::effective_date, "From"),
    (N::email, "E-mail"),
    (N::expiry_date, "To"),
    (N::is_removed, "Removed"),
    (N::payout_cents, "Paid"),
    (N::policy_type, "Type"),
    (N::relationship_to_insured, "Relationship"),
    (N::term_months, "Term in months"),
    (N::total_premium_cents, "Premium"),
    (N::vin, "VIN"),
];

/// Words that people write in capitals.
const SHORT: &[&str] = &[
    "APN", "BPP", "CFC", "FEIN", "GED", "GL", "HIN", "ICC", "ID", "NAICS", "PDF", "PHD", "PIP", "RV", "SIC",
    "VIN",
];

/// A word of the contract's as people write it: `BODILY_INJURY_LIABILITY` → `Bodily injury liability`.
#[must_use]
pub fn words(code: &str) -> String {
    let is_code = code.chars().all(|letter| !letter.is_lowercase());
    let parts = code.split(['_', ' ']).filter(|part| !part.is_empty());
    let parts = parts.map(|part| match SHORT.iter().find(|short| short.eq_ignore_ascii_case(part)) {
        Some(short) => (*short).to_owned(),
        None if is_code => part.to_lowercase(),
        None => part.to_owned(),
    });
    first_large(&parts.collect::<Vec<_>>().join(" "))
}

/// What names of columns end in whose numbers are percentages.
const PERCENT: &str = "_percent";

fn unit(column: &Column) -> &'static str {
    if column.name.as_str().ends_with(PERCENT) { "%" } else { "" }
}

/// A cell on one line; of a moment its day.
#[must_use]
pub fn value(column: &Column, cell: &Cell<'_>) -> String {
    match (column.kind, cell) {
        (_, Cell::Flag(true)) => "yes".to_owned(),
        (_, Cell::Flag(false)) => "no".to_owned(),
        (Kind::Cents, Cell::Integer(cents)) => dollars(*cents),
        (_, Cell::Integer(number)) => format!("{number}{}", unit(column)),
        (Kind::Decimal, Cell::Text(digits)) => format!("{digits}{}", unit(column)),
        (Kind::Named(_), Cell::Text(text)) => column.word(text).map_or_else(|| text.to_string(), words),
        (Kind::Moment, Cell::Text(text)) => text.split('T').next().unwrap_or_default().to_owned(),
        (_, Cell::Text(text)) => text.to_string(),
        (Kind::Names(_), Cell::Texts(texts)) => {
            let words = texts.iter().map(|text| column.word(text).map_or_else(|| text.to_string(), words));
            words.collect::<Vec<_>>().join(", ")
        }
        (_, Cell::Texts(texts)) => texts.join(", "),
        (_, Cell::Object(row)) if row.get(N::city).is_some() || row.get(N::full_address).is_some() => {
            address(row)
        }
        (_, Cell::Object(row)) => object(column, row),
        (_, Cell::Json(_) | Cell::Rows(_)) => String::new(),
    }
}

/// An address on one line: as it came, else of its parts. Where the street is left out, town and state.
#[must_use]
pub fn address(row: &Row<'_>) -> String {
    let whole = row.text(N::full_address).filter(|text| !text.contains(crate::redact::MASK));
    if let Some(whole) = whole {
        return whole.to_owned();
    }
    let join =
        |columns: &[N]| columns.iter().filter_map(|column| row.text(*column)).collect::<Vec<_>>().join(" ");
    let street = join(&[N::number, N::prefix, N::street, N::type_, N::sec_unit_type, N::sec_unit_num]);
    let street = if street.contains(crate::redact::MASK) { String::new() } else { street };
    let parts = [street, join(&[N::city]), join(&[N::state, N::zip])];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// What an object says, without names of owners and what it is filed under.
#[must_use]
pub fn object(column: &Column, row: &Row<'_>) -> String {
    let open = column
        .columns
        .iter()
        .filter(|column| column.class == Class::Open && !column.name.as_str().ends_with("_id"));
    let said = open.filter_map(|column| {
        let text = value(column, row.get(column.name)?);
        (!text.is_empty()).then(|| format!("{}: {text}", label(column.name)))
    });
    said.collect::<Vec<_>>().join(" · ")
}

/// What a document is called: its kind and day where its title was left out.
#[must_use]
pub fn document(row: &Row<'_>) -> String {
    if let Some(title) = row.text(N::title).filter(|title| !title.contains(crate::redact::MASK)) {
        return title.to_owned();
    }
    let kind = row.text(N::document_type).map_or_else(|| "Document".to_owned(), words);
    row.text(N::date_added).map_or_else(|| kind.clone(), |day| format!("{kind}, {day}"))
}

/// What a coverage is called.
#[must_use]
pub fn coverage(row: &Row<'_>) -> String {
    row.text(N::friendly_name).map_or_else(|| row.text(N::name).map(words).unwrap_or_default(), str::to_owned)
}

/// Limits by what each is for, as amounts of cents.
const LIMITS: &[(N, &str)] = &[
    (N::per_person_limit_cents, "a person"),
    (N::per_incident_limit_cents, "an incident"),
    (N::per_employee_limit_cents, "an employee"),
    (N::per_day_limit_cents, "a day"),
    (N::per_term_limit_cents, "a term"),
    (N::per_policy_year_limit_cents, "a policy year"),
    (N::business_income_limit_cents, "of business income"),
];

const UNLIMITED: &[(N, &str)] =
    &[(N::per_person_unlimited, "unlimited a person"), (N::per_incident_unlimited, "unlimited an incident")];

/// What a coverage pays and what it leaves to the insured, on one line.
#[must_use]
pub fn limits(row: &Row<'_>) -> String {
    if row.is(N::is_declined) {
        return "declined".to_owned();
    }
    let mut limits: Vec<String> = Vec::new();
    limits.extend(UNLIMITED.iter().filter(|(column, _)| row.is(*column)).map(|(_, text)| (*text).to_owned()));
    let amounts = LIMITS.iter().filter_map(|(column, of)| Some((row.integer(*column)?, *of)));
    limits.extend(amounts.map(|(cents, of)| format!("{} {of}", dollars(cents))));
    let percent = |column: N, of: &str| row.text(column).map(|digits| format!("{digits}% {of}"));
    limits.extend(percent(N::per_incident_limit_percent, "of the dwelling’s limit"));
    limits.extend(percent(N::limit_percent, "covered"));
    let count = |column: N, of: &str| row.integer(column).map(|number| format!("{number} {of}"));
    limits.extend(row.integer(N::max_days).map(|days| format!("at most {days} days")));
    limits.extend(count(N::per_incident_limit_months, "months an incident"));
    limits.extend(count(N::als_months, "months of actual loss"));
    let mut parts = vec![limits.join(" / ")];
    parts.extend(match (row.integer(N::deductible_cents), row.text(N::deductible_percent)) {
        (Some(cents), Some(digits)) => Some(format!("deductible {} ({digits}%)", dollars(cents))),
        (Some(cents), None) => Some(format!("deductible {}", dollars(cents))),
        (None, Some(digits)) => Some(format!("deductible {digits}%")),
        (None, None) => None,
    });
    parts.extend(row.is(N::actual_cash_value).then(|| "actual cash value".to_owned()));
    parts.extend(
        row.flag(N::is_stacked).map(|stacked| if stacked { "stacked" } else { "not stacked" }.to_owned()),
    );
    let said: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if said.is_empty() { "included".to_owned() } else { said.join(", ") }
}

/// A vehicle's year, make and model.
#[must_use]
pub fn vehicle(row: &Row<'_>) -> String {
    wording::vehicle(row).unwrap_or_else(|| "Vehicle".to_owned())
}

/// A person's name, first and last where there are both.
#[must_use]
pub fn person(row: &Row<'_>) -> Option<String> {
    let names: Vec<&str> =
        [N::first_name, N::last_name].iter().filter_map(|column| row.text(*column)).collect();
    let whole = || row.text(N::full_name).or_else(|| row.text(N::name));
    if names.len() == 2 {
        Some(names.join(" "))
    } else {
        whole().map(str::to_owned).or_else(|| names.first().map(|name| (*name).to_owned()))
    }
}

/// What kind of policy it is, of whom, and its number.
#[must_use]
pub fn policy(row: &Row<'_>) -> String {
    let kind = row.text(N::policy_type).map_or_else(|| "Policy".to_owned(), words);
    let rest = [carrier(row), row.text(N::carrier_policy_number)].into_iter().flatten().map(str::to_owned);
    std::iter::once(kind).chain(rest).collect::<Vec<_>>().join(" · ")
}

/// What is worth a talk: open gaps, of those that read the same one.
#[must_use]
pub fn talk<'i>(intake: &'i Intake<'_>) -> Vec<&'i Gap> {
    let mut seen = HashSet::new();
    let open = intake.gaps.iter().filter(|gap| gap.state == State::Open);
    open.filter(|gap| seen.insert((&gap.because, gap.closes))).collect()
}

#[cfg(test)]
mod tests;
