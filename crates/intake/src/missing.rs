//! What policies of a line usually have, and one lacks.

use std::collections::HashMap;

use serde::Serialize;

use crate::{
    cell::{Cell, Row},
    model::Model,
    name::Name as N,
    scalar::word,
    table::Part,
};

/// Something that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// The table.
    pub part: &'static str,
    /// What of each row, or `rows` where there is none at all.
    pub what: &'static str,
    /// Of which policy.
    pub policy_id: Option<String>,
    /// JSON pointer to where it would stand.
    pub pointer: String,
}

/// What a line needs: each policy, and the rows of a part that belong to it.
struct Need {
    lines: &'static str,
    part: Part,
    columns: &'static [N],
}

const EVERY: &str = "auto home renters umbrella life commercial specialty";

/// What is usually asked for by whoever quotes the line.
const NEEDS: &[Need] = &[
    Need {
        lines: EVERY,
        part: Part::Policies,
        columns: &[
            N::carrier_policy_number,
            N::effective_date,
            N::expiry_date,
            N::total_premium_cents,
            N::status,
        ],
    },
    Need { lines: "auto home renters umbrella life specialty", part: Part::Insureds, columns: &[] },
    Need {
        lines: "auto",
        part: Part::Vehicles,
        columns: &[N::vin, N::year, N::make, N::model, N::garaging_address],
    },
    Need { lines: "auto", part: Part::Drivers, columns: &[] },
    Need { lines: "auto home renters", part: Part::Coverages, columns: &[N::name] },
    Need { lines: "home", part: Part::Dwellings, columns: &[N::address, N::replacement_cost_cents] },
    Need { lines: "renters", part: Part::Dwellings, columns: &[N::address] },
    Need { lines: "life", part: Part::Life, columns: &[N::death_benefit_amount_cents] },
    Need { lines: "life", part: Part::Beneficiaries, columns: &[] },
];

/// What each driver is usually asked for.
const OF_DRIVERS: &[N] =
    &[N::first_name, N::last_name, N::date_of_birth, N::drivers_license, N::drivers_license_state];

/// What is missing. A policy that its carrier gives no access to lacks nothing that one could wait for.
#[must_use]
pub fn of(model: &Model<'_>) -> Vec<Missing> {
    let mut missing = Vec::new();
    let rows: HashMap<Part, _> =
        NEEDS.iter().map(|need| (need.part, model.by(need.part, N::policy_id))).collect();
    for policy in model.part(Part::Policies).iter().filter(|policy| !policy.is(N::limited_access)) {
        let (id, line) = (policy.text(N::policy_id), policy.text(N::line));
        let Some(line) = line else { continue };
        for need in NEEDS.iter().filter(|need| word(need.lines, line).is_some()) {
            let rows: Vec<&Row<'_>> = match need.part {
                Part::Policies => vec![policy],
                part => id.and_then(|id| rows[&part].get(id)).cloned().unwrap_or_default(),
            };
            if rows.is_empty() {
                missing.push(entry(need.part, "rows", policy, id));
            }
            for row in rows.into_iter().filter(|row| !row.is(N::is_removed)) {
                let lacking = need.columns.iter().filter(|column| row.get(**column).is_none());
                missing.extend(lacking.map(|column| entry(need.part, column.as_str(), row, id)));
            }
        }
    }
    let is_driver = |row: &&Row<'_>| row.texts(N::roles).any(|role| role == "DRIVER");
    for person in model.part(Part::People).iter().filter(is_driver) {
        let lacking = OF_DRIVERS.iter().filter(|column| person.get(**column).is_none());
        missing.extend(lacking.map(|column| entry(Part::People, column.as_str(), person, None)));
    }
    missing
}

fn entry(part: Part, what: &'static str, row: &Row<'_>, policy_id: Option<&str>) -> Missing {
    let pointer = row.get(N::source).and_then(Cell::text).unwrap_or_default().to_owned();
    Missing { part: part.as_str(), what, policy_id: policy_id.map(str::to_owned), pointer }
}
