//! One object without depth, for tools that map members and nothing else. It has the same members for every pull.

use serde_json::{Map, Value};

use super::words;
use crate::{
    cell::{Cell, Row},
    gaps::State,
    json::Written,
    name::Name as N,
    table::{Column, Part},
    tables::LINES,
    view::Intake,
};

/// Most rows of a part.
const MOST: usize = 6;

const CONTACT: &[N] = &[
    N::first_name,
    N::middle_name,
    N::last_name,
    N::email,
    N::phone,
    N::mobile_phone,
    N::home_phone,
    N::work_phone,
    N::date_of_birth,
    N::mailing_address,
    N::physical_address,
];

const PULL: &[N] = &[
    N::pull_id,
    N::status,
    N::type_,
    N::created_at,
    N::carrier_name,
    N::carrier_friendly_name,
    N::account_identifier,
];

const POLICY: &[N] = &[
    N::policy_id,
    N::policy_type,
    N::line,
    N::carrier_name,
    N::carrier_friendly_name,
    N::carrier_policy_number,
    N::status,
    N::effective_date,
    N::expiry_date,
    N::days_to_expiry,
    N::total_premium_cents,
    N::annualized_premium_cents,
];

/// Rows that stand there one by one: what each is called, and its columns.
const ROWS: &[(Part, &str, &[N])] = &[
    (
        Part::People,
        "person",
        &[
            N::first_name,
            N::last_name,
            N::date_of_birth,
            N::drivers_license,
            N::drivers_license_state,
            N::relationship_to_insured,
            N::marital_status,
        ],
    ),
    (Part::Policies, "policy", POLICY),
    (
        Part::Vehicles,
        "vehicle",
        &[
            N::policy_id,
            N::year,
            N::make,
            N::model,
            N::vin,
            N::annual_mileage,
            N::ownership_type,
            N::garaging_address,
        ],
    ),
    (
        Part::Dwellings,
        "dwelling",
        &[N::policy_id, N::address, N::replacement_cost_cents, N::loss_settlement_type],
    ),
];

/// Parts that are counted.
const COUNTED: &[Part] = &[
    Part::People,
    Part::Policies,
    Part::Vehicles,
    Part::Dwellings,
    Part::Locations,
    Part::Claims,
    Part::DrivingRecords,
    Part::Documents,
];

/// The object, as JSON.
pub fn object(intake: &Intake<'_>) -> String {
    let model = &intake.model;
    let mut flat = Flat(Map::new());
    flat.0.insert("version".to_owned(), intake.version.into());
    flat.0.insert("day".to_owned(), intake.day.iso().into());
    flat.row("", Part::Pull, PULL, Some(model.pull()));
    flat.row("contact_", Part::Contact, CONTACT, model.part(Part::Contact).first());
    for part in COUNTED {
        flat.0.insert(format!("{}_count", part.as_str()), model.part(*part).len().into());
    }
    for line in LINES.split(' ') {
        let mut of_line =
            model.part(Part::Policies).iter().filter(|policy| policy.text(N::line) == Some(line));
        let in_force = of_line.clone().find(|policy| policy.flag(N::is_active) != Some(false));
        flat.row(&format!("{line}_"), Part::Policies, POLICY, in_force.or_else(|| of_line.next()));
    }
    for (part, one, columns) in ROWS {
        for at in 0..MOST {
            flat.row(&format!("{one}_{}_", at + 1), *part, columns, model.part(*part).get(at));
        }
    }
    let open: Vec<_> = intake.gaps.iter().filter(|gap| gap.state == State::Open).collect();
    let sentences: Vec<&str> = open.iter().map(|gap| gap.because.as_str()).collect();
    flat.0.insert("gaps_count".to_owned(), open.len().into());
    flat.0.insert("gaps".to_owned(), sentences.join("\n").into());
    Value::Object(flat.0).to_string()
}

struct Flat(Map<String, Value>);

impl Flat {
    /// These columns of a row, absent ones as `null`; an address on one line, and by its parts.
    fn row(&mut self, before: &str, part: Part, names: &[N], row: Option<&Row<'_>>) {
        let columns = names.iter().filter_map(|column| part.columns().iter().find(|its| its.name == *column));
        for column in columns {
            let cell = row.and_then(|row| row.get(column.name));
            if !column.columns.is_empty() {
                self.address(&format!("{before}{}", column.name), cell);
                continue;
            }
            let value = cell.map_or(Value::Null, |cell| value(column, cell));
            self.0.insert(format!("{before}{}", column.name), value);
        }
    }

    fn address(&mut self, name: &str, cell: Option<&Cell<'_>>) {
        let row = if let Some(Cell::Object(row)) = cell { Some(row) } else { None };
        let whole = row.map(words::address).filter(|text| !text.is_empty());
        self.0.insert(name.to_owned(), whole.into());
        for column in [N::city, N::state, N::zip] {
            let part = row.and_then(|row| row.text(column));
            self.0.insert(format!("{name}_{column}"), part.into());
        }
    }
}

/// A cell as JSON: of a word the contract's.
fn value(column: &'static Column, cell: &Cell<'_>) -> Value {
    let mut row = Row::default();
    row.set(column.name, cell.clone());
    let written = serde_json::to_value(Written(&row, std::slice::from_ref(column)));
    written
        .ok()
        .and_then(|mut value| value.get_mut(column.name.as_str()).map(Value::take))
        .unwrap_or_default()
}
