//! One object without depth, for tools that map members and nothing else. It has the same members for every pull.
//!
//! Words are as people read them; amounts are whole cents, where the member's name says so.

use serde_json::{Map, Value};

use super::words;
use crate::{
    cell::{Cell, Row},
    gaps::State,
    name::Name as N,
    schema::Kind,
    table::{Column, Part},
    tables::LINES,
    view::Intake,
};

/// Most rows of a part.
const MOST: usize = 6;

/// Members by the end of their names, each with the columns of which the first that is there is taken.
type Members = &'static [(&'static str, &'static [N])];

const PULL: Members = &[
    ("id", &[N::pull_id]),
    ("status", &[N::status]),
    ("type", &[N::type_]),
    ("created_at", &[N::created_at]),
    ("carrier", &[N::carrier_friendly_name, N::carrier_name]),
    ("account_identifier", &[N::account_identifier]),
];

const CONTACT: Members = &[
    ("first_name", &[N::first_name]),
    ("middle_name", &[N::middle_name]),
    ("last_name", &[N::last_name]),
    ("email", &[N::email]),
    ("phone", &[N::phone]),
    ("mobile_phone", &[N::mobile_phone]),
    ("home_phone", &[N::home_phone]),
    ("work_phone", &[N::work_phone]),
    ("date_of_birth", &[N::date_of_birth]),
    ("mailing_address", &[N::mailing_address]),
    ("physical_address", &[N::physical_address]),
];

const PERSON: Members = &[
    ("id", &[N::person_id]),
    ("first_name", &[N::first_name]),
    ("last_name", &[N::last_name]),
    ("full_name", &[N::full_name, N::name]),
    ("date_of_birth", &[N::date_of_birth]),
    ("drivers_license", &[N::drivers_license]),
    ("drivers_license_state", &[N::drivers_license_state]),
    ("relationship", &[N::relationship_to_insured]),
    ("marital_status", &[N::marital_status]),
    ("gender", &[N::gender]),
    ("occupation", &[N::occupation]),
];

const POLICY: Members = &[
    ("policy_id", &[N::policy_id]),
    ("policy_number", &[N::carrier_policy_number]),
    ("carrier", &[N::carrier_friendly_name, N::carrier_name]),
    ("type", &[N::policy_type]),
    ("line", &[N::line]),
    ("status", &[N::status]),
    ("is_active", &[N::is_active]),
    ("effective_date", &[N::effective_date]),
    ("expiry_date", &[N::expiry_date]),
    ("days_to_expiry", &[N::days_to_expiry]),
    ("premium_cents", &[N::total_premium_cents]),
    ("annualized_premium_cents", &[N::annualized_premium_cents]),
];

const VEHICLE: Members = &[
    ("id", &[N::vehicle_id]),
    ("policy_id", &[N::policy_id]),
    ("vin", &[N::vin]),
    ("year", &[N::year]),
    ("make", &[N::make]),
    ("model", &[N::model]),
    ("annual_mileage", &[N::annual_mileage]),
    ("ownership", &[N::ownership_type]),
    ("lien_holder", &[N::lien_holder]),
    ("is_removed", &[N::is_removed]),
    ("garaging_address", &[N::garaging_address]),
];

const DWELLING: Members = &[
    ("id", &[N::dwelling_id]),
    ("policy_id", &[N::policy_id]),
    ("address", &[N::address]),
    ("replacement_cost_cents", &[N::replacement_cost_cents]),
    ("loss_settlement", &[N::loss_settlement_type]),
];

/// Of an address, beside the whole on one line.
const ADDRESS: &[N] = &[N::city, N::state, N::zip];

/// Rows that stand there one by one: what each is called, and its members.
const ROWS: &[(Part, &str, Members)] = &[
    (Part::People, "person", PERSON),
    (Part::Policies, "policy", POLICY),
    (Part::Vehicles, "vehicle", VEHICLE),
    (Part::Dwellings, "dwelling", DWELLING),
];

/// Parts that are counted.
const COUNTED: &[Part] = &[
    Part::People,
    Part::Policies,
    Part::Vehicles,
    Part::Dwellings,
    Part::Locations,
    Part::Claims,
    Part::LossEvents,
    Part::DrivingRecords,
    Part::Documents,
];

/// The object, as JSON.
pub fn object(intake: &Intake<'_>) -> String {
    let model = &intake.model;
    let mut flat = Flat(Map::new());
    flat.set("version", intake.version.into());
    flat.set("day", intake.day.iso().into());
    flat.row("pull", Part::Pull, PULL, Some(model.pull()));
    flat.row("contact", Part::Contact, CONTACT, model.part(Part::Contact).first());
    for part in COUNTED {
        flat.set(&format!("{}_count", part.as_str()), model.part(*part).len().into());
    }
    let policies = model.part(Part::Policies);
    for line in LINES.split(' ') {
        flat.row(line, Part::Policies, POLICY, in_force(policies, line));
    }
    for (part, one, members) in ROWS {
        for at in 0..MOST {
            flat.row(&format!("{one}_{}", at + 1), *part, members, model.part(*part).get(at));
        }
    }
    let open = intake.gaps.iter().filter(|gap| gap.state == State::Open);
    let sentences: Vec<&str> = open.map(|gap| gap.because.as_str()).collect();
    flat.set("gaps_count", sentences.len().into());
    flat.set("gaps", (!sentences.is_empty()).then(|| sentences.join("\n")).into());
    flat.set("missing_count", intake.missing.len().into());
    Value::Object(flat.0).to_string()
}

/// The first policy of a line that is in force; where none is known to be, the first that may be.
fn in_force<'r, 'a>(policies: &'r [Row<'a>], line: &str) -> Option<&'r Row<'a>> {
    let of_line = || policies.iter().filter(|policy| policy.text(N::line) == Some(line));
    of_line()
        .find(|policy| policy.is(N::is_active))
        .or_else(|| of_line().find(|policy| policy.flag(N::is_active).is_none()))
}

struct Flat(Map<String, Value>);

impl Flat {
    fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// Members of a row, absent ones as `null`.
    fn row(&mut self, before: &str, part: Part, members: Members, row: Option<&Row<'_>>) {
        for (name, names) in members {
            let name = format!("{before}_{name}");
            let columns =
                names.iter().filter_map(|column| part.columns().iter().find(|its| its.name == *column));
            let mut is_address = false;
            let mut found = None;
            for column in columns {
                is_address |= matches!(column.kind, Kind::Object(_));
                let cell = row.and_then(|row| row.get(column.name));
                found = found.or_else(|| cell.map(|cell| (column, cell)));
            }
            self.set(&name, found.map_or(Value::Null, |(column, cell)| value(column, cell)));
            if is_address {
                let address = if let Some((_, Cell::Object(row))) = found { Some(row) } else { None };
                for column in ADDRESS {
                    let text = address.and_then(|row| row.text(*column));
                    self.set(&format!("{name}_{column}"), text.into());
                }
            }
        }
    }
}

/// A number or a flag as itself, all else as people read it.
fn value(column: &Column, cell: &Cell<'_>) -> Value {
    match cell {
        Cell::Flag(flag) => (*flag).into(),
        Cell::Integer(number) => (*number).into(),
        _ => Some(words::value(column, cell)).filter(|text| !text.is_empty()).into(),
    }
}

#[cfg(test)]
mod tests;
