//! What policies of a line usually have, and one lacks.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::{
    cell::Row,
    model::Model,
    name::Name as N,
    scalar::word,
    table::{Part, Table},
};

/// Most entries.
const MOST: usize = 1_000;

/// Something that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// The table.
    pub part: &'static str,
    /// What of each row, or `rows` where there is none at all.
    pub what: &'static str,
    /// Of which policy.
    pub policy_id: Option<String>,
    /// JSON pointer to where it would stand; of missing rows to the policy that lacks them.
    pub pointer: String,
}

/// What a line needs: each policy, and the rows of a part that belong to it.
struct Need {
    /// Lines, or types of policies.
    of: &'static str,
    part: Part,
    columns: &'static [N],
}

/// What each policy needs, whatever its line.
const OF_POLICIES: &[N] = &[
    N::policy_type,
    N::carrier_policy_number,
    N::effective_date,
    N::expiry_date,
    N::total_premium_cents,
    N::status,
];

/// Of a policy for life nobody expects the day on which it ends.
const ENDLESS: &str = "WHOLE_LIFE UNIVERSAL_LIFE LIFE";

/// What is usually asked for by whoever quotes the line.
const NEEDS: &[Need] = &[
    Need { of: "auto home renters umbrella life specialty", part: Part::Insureds, columns: &[] },
    Need {
        of: "auto COMMERCIAL_AUTO",
        part: Part::Vehicles,
        columns: &[N::vin, N::year, N::make, N::model, N::garaging_address],
    },
    Need { of: "auto COMMERCIAL_AUTO", part: Part::Drivers, columns: &[] },
    Need { of: "auto home renters COMMERCIAL_AUTO", part: Part::Coverages, columns: &[N::name] },
    Need { of: "home", part: Part::Dwellings, columns: &[N::address, N::replacement_cost_cents] },
    Need { of: "renters", part: Part::Dwellings, columns: &[N::address] },
    Need { of: "life", part: Part::Life, columns: &[N::death_benefit_amount_cents] },
    Need { of: "life", part: Part::Beneficiaries, columns: &[] },
];

/// What hangs on vehicles, which a policy for who owns none has not.
const WITH_VEHICLES: &[Part] = &[Part::Vehicles, Part::Drivers, Part::Coverages];

/// What each driver is usually asked for.
const OF_DRIVERS: &[N] =
    &[N::first_name, N::last_name, N::date_of_birth, N::drivers_license, N::drivers_license_state];

/// What is missing, at most a thousand entries. A policy that its carrier gives no access to lacks nothing that one could
/// wait for, and a quote is none.
#[must_use]
pub fn of(model: &Model<'_>) -> Vec<Missing> {
    let mut missing = Vec::new();
    let rows: HashMap<Part, _> =
        NEEDS.iter().map(|need| (need.part, model.by(need.part, N::policy_id))).collect();
    let mut seen = HashSet::new();
    for policy in model.part(Part::Policies) {
        let id = policy.text(N::policy_id);
        let says = |column, words| policy.text(column).is_some_and(|text| word(words, text).is_some());
        let is_seen = id.is_some_and(|id| !seen.insert(id));
        if is_seen || policy.is(N::limited_access) || says(N::status, "QUOTE") {
            continue;
        }
        let is_needed = |column: &N| *column != N::expiry_date || !says(N::policy_type, ENDLESS);
        let needed = OF_POLICIES.iter().filter(|column| is_needed(column));
        missing.extend(lacking(Part::Policies, needed, policy, id));
        let Some(line) = policy.text(N::line) else { continue };
        let owns_none = says(N::policy_type, "NAMED_NON_OWNER");
        for need in NEEDS.iter().filter(|need| word(need.of, line).is_some() || says(N::policy_type, need.of))
        {
            if owns_none && WITH_VEHICLES.contains(&need.part) {
                continue;
            }
            let rows = id.and_then(|id| rows[&need.part].get(id)).map_or(&[][..], Vec::as_slice);
            if rows.is_empty() {
                missing.push(entry(need.part, "rows", id, source(policy).to_owned()));
            }
            for row in rows.iter().filter(|row| !row.is(N::is_removed)) {
                missing.extend(lacking(need.part, need.columns, row, id));
            }
        }
        if missing.len() >= MOST {
            break;
        }
    }
    let is_driver = |row: &&Row<'_>| row.texts(N::roles).any(|role| role == "DRIVER");
    for person in model.part(Part::People).iter().filter(is_driver) {
        missing.extend(lacking(Part::People, OF_DRIVERS, person, None));
        if missing.len() >= MOST {
            break;
        }
    }
    missing.truncate(MOST);
    missing
}

/// What a row lacks of `columns`.
fn lacking<'r>(
    part: Part,
    columns: impl IntoIterator<Item = &'r N>,
    row: &'r Row<'r>,
    policy_id: Option<&'r str>,
) -> impl Iterator<Item = Missing> {
    let lacking = columns.into_iter().filter(|column| row.get(**column).is_none());
    lacking.map(move |column| {
        let pointer = format!("{}/{}", source(row), part.table().member(*column));
        entry(part, column.as_str(), policy_id, pointer)
    })
}

/// Where a row stands; a driver's where they are one, and not where they are insured.
fn source<'r>(row: &'r Row<'_>) -> &'r str {
    let driver = row.texts(N::sources).find(|source| source.contains("/drivers"));
    driver.or_else(|| row.text(N::source)).unwrap_or_default()
}

impl Table {
    /// What the contract calls a column.
    fn member(&self, column: N) -> &'static str {
        let mut members = self.schemas.iter().flat_map(|schema| schema.members);
        members.find(|member| member.name == column).map_or(column.as_str(), |member| member.contract_name())
    }
}

fn entry(part: Part, what: &'static str, policy_id: Option<&str>, pointer: String) -> Missing {
    Missing { part: part.as_str(), what, policy_id: policy_id.map(str::to_owned), pointer }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{MOST, Missing, of};
    use crate::{
        model::Model,
        redact::Redact,
        tests::{intake, published},
    };

    fn missing(pull: Value) -> Vec<Missing> {
        of(&Model::of(&json!({ "pull": pull }).to_string()).unwrap())
    }

    fn said(missing: &[Missing]) -> Vec<(&str, &str, &str)> {
        missing.iter().map(|entry| (entry.part, entry.what, entry.pointer.as_str())).collect()
    }

    /// A policy with all that each needs.
    fn policy(kind: &str) -> Value {
        json!({
            "policy_id": "p",
            "policy_type": kind,
            "carrier_policy_number": "1",
            "effective_date": "2025-01-01",
            "expiry_date": "2026-01-01",
            "total_premium_cents": 0,
            "status": "ACTIVE",
            "named_insureds": [{"named_insured_id": "n", "full_name": "Jane Doe"}],
        })
    }

    #[test]
    fn each_line_says_which_rows_it_lacks() {
        for (kind, parts) in [
            ("AUTO", &["vehicles", "drivers", "coverages"][..]),
            ("MOTORCYCLE", &["vehicles", "drivers", "coverages"]),
            ("NAMED_NON_OWNER", &[]),
            ("HOMEOWNERS", &["coverages", "dwellings"]),
            ("RENTERS", &["coverages", "dwellings"]),
            ("UMBRELLA", &[]),
            ("TERM_LIFE", &["life", "beneficiaries"]),
            ("BUSINESS_OWNERS", &[]),
            ("FLOOD", &[]),
        ] {
            let found = missing(json!({"policies": [policy(kind)]}));
            let expected: Vec<_> = parts.iter().map(|part| (*part, "rows", "/pull/policies/0")).collect();
            assert_eq!(said(&found), expected, "{kind}");
        }
    }

    #[test]
    fn what_a_row_lacks_is_pointed_to_by_the_contracts_name() {
        let mut auto = policy("AUTO");
        auto["total_premium_cents"] = Value::Null;
        auto["vehicles"] = json!([
            {"vehicle_id": "v", "year": 2018, "make": "FORD", "model": "Focus", "coverages": [{"name": "COLLISION"}],
             "drivers": [{"driver_id": "d", "first_name": "Jane", "last_name": "Doe", "drivers_license": "X12345"}]},
            {"vehicle_id": "w", "is_removed": true},
        ]);
        let found = missing(json!({"policies": [auto]}));
        let driver = "/pull/policies/0/vehicles/0/drivers/0";
        let expected = [
            ("policies", "total_premium_cents", "/pull/policies/0/total_premium_cents".to_owned()),
            ("vehicles", "vin", "/pull/policies/0/vehicles/0/vin".to_owned()),
            ("vehicles", "garaging_address", "/pull/policies/0/vehicles/0/garaging_address".to_owned()),
            ("people", "date_of_birth", format!("{driver}/date_of_birth_str")),
            ("people", "drivers_license_state", format!("{driver}/drivers_license_state")),
        ];
        let expected: Vec<_> = expected.iter().map(|(part, what, at)| (*part, *what, at.as_str())).collect();
        assert_eq!(said(&found), expected);
        assert_eq!(found[1].policy_id.as_deref(), Some("p"));
    }

    #[test]
    fn a_policy_of_no_type_lacks_it_and_one_for_life_no_end() {
        let mut none = policy("AUTO");
        none["policy_type"] = Value::Null;
        assert_eq!(
            said(&missing(json!({"policies": [none]}))),
            [("policies", "policy_type", "/pull/policies/0/policy_type")]
        );
        let mut life = policy("WHOLE_LIFE");
        life["expiry_date"] = Value::Null;
        assert!(missing(json!({"policies": [life]})).iter().all(|entry| entry.part != "policies"));
    }

    #[test]
    fn a_policy_without_access_and_a_quote_lack_nothing() {
        let closed = json!({"policy_id": "p", "policy_type": "AUTO", "limited_access": true});
        let quote = json!({"policy_id": "q", "policy_type": "AUTO", "status": "QUOTE"});
        assert_eq!(missing(json!({"policies": [closed, quote]})), []);
    }

    #[test]
    fn it_stays_small() {
        let many: Vec<Value> = (0..1_000).map(|at| json!({"policy_id": at.to_string()})).collect();
        assert_eq!(missing(json!({"policies": many})).len(), MOST);
    }

    #[test]
    fn the_published_pulls_lack_this() {
        let published = published();
        let of = |at: usize| {
            let text = published[at].to_string();
            let found = intake(Model::of(&text).unwrap(), Redact::Nothing).missing;
            found.iter().map(|entry| (entry.part, entry.what)).collect::<Vec<_>>()
        };
        assert_eq!(of(0), []);
        assert_eq!(of(1), []);
    }
}
