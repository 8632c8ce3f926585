//! Rows that are told apart by little, and what is watched.

use std::{collections::HashSet, time::Instant};

use serde_json::{Value, json};

use super::{
    super::{ChangeKind, MAX_CHANGES, between, plans::PLANS},
    edits::PERSONAL,
    named, pulls, sorted, text,
};
use crate::{model::Model, name::Name as N, redact::Redact, table::Part};

/// Columns that are not watched: worked out from others, or of the day on which they were read.
const UNWATCHED: &[(Part, &[N])] = &[
    (Part::Contact, &[N::date_of_birth, N::mailing_address, N::physical_address]),
    (
        Part::People,
        &[
            N::address_id,
            N::age,
            N::age_on_date,
            N::roles,
            N::named_insured_ids,
            N::driver_ids,
            N::commercial_named_insured_ids,
            N::sources,
        ],
    ),
    (
        Part::Policies,
        &[
            N::description,
            N::line,
            N::term_months,
            N::annualized_premium_cents,
            N::days_to_expiry,
            N::is_active,
        ],
    ),
    (Part::Vehicles, &[N::is_removed, N::vin_check]),
    (Part::Coverages, &[N::premium_group_id, N::is_shared]),
    (Part::Forms, &[N::pdf_available]),
    (Part::PremiumGroups, &[N::vehicle_coverage_ids]),
    (
        Part::Life,
        &[
            N::total_accumulated_dividend_on_date,
            N::total_loan_balance_on_date,
            N::total_cash_value_on_date,
            N::total_surrender_value_on_date,
        ],
    ),
    (Part::Beneficiaries, &[N::named_insured_id]),
    (Part::Claims, &[N::status, N::driver_id, N::address_id]),
    (Part::DrivingRecords, &[N::driver_id]),
    (Part::Documents, &[N::is_latest_declarations, N::is_stored, N::link]),
    (Part::Agents, &[N::address_id]),
    (Part::Answers, &[N::meta]),
];

#[test]
fn each_column_is_watched_or_said_not_to_be() {
    for plan in PLANS {
        let table = plan.part.table();
        let unwatched = UNWATCHED.iter().find(|(part, _)| *part == plan.part).map_or(&[][..], |(_, all)| all);
        let places = [N::source, N::policy_id, N::vehicle_id, N::location_id, N::person_id, N::driver_id];
        for column in plan.part.columns() {
            let is_watched = plan.kind(column.name).is_some();
            let is_place = table.id == Some(column.name)
                || table.links.contains(&column.name)
                || column.name == N::source
                || matches!(plan.part, Part::Insureds | Part::Drivers | Part::Contact)
                    && places.contains(&column.name);
            let ways = [is_watched, unwatched.contains(&column.name), is_place];
            let count = ways.iter().filter(|is_so| **is_so).count();
            assert_eq!(count, 1, "{} {}: {ways:?}", plan.part.as_str(), column.name);
        }
        let watched = plan.watched.iter().flat_map(|(_, columns)| *columns);
        for column in watched.chain(unwatched) {
            let is_column = plan.part.columns().iter().any(|its| its.name == *column);
            assert!(is_column, "{} has no {column}", plan.part.as_str());
        }
    }
    let parts: HashSet<Part> = PLANS.iter().map(|plan| plan.part).collect();
    let others: Vec<Part> = Part::ALL.iter().copied().filter(|part| !parts.contains(part)).collect();
    assert_eq!((parts.len(), others), (PLANS.len(), vec![Part::Pull, Part::SharedLimits]));
}

#[test]
fn each_kind_of_change_is_one_that_is_given() {
    let mut given: HashSet<ChangeKind> =
        [ChangeKind::TermRenewed, ChangeKind::DriverAssigned, ChangeKind::DriverUnassigned].into();
    for plan in PLANS {
        given.extend(plan.added.into_iter().chain(plan.removed).chain(plan.relinked));
        given.extend(plan.added_where.map(|(_, kind)| kind));
        given.extend(plan.watched.iter().map(|(kind, _)| *kind));
        given.extend(plan.turned.iter().flat_map(|(_, on, off)| [*on, *off]));
    }
    let lacking: Vec<_> = ChangeKind::ALL.iter().filter(|kind| !given.contains(kind)).collect();
    assert!(lacking.is_empty(), "{lacking:?}");
}

fn policy(members: Value) -> Value {
    let mut policy = json!({"policy_id": "p", "policy_type": "AUTO", "carrier_name": "acme"});
    policy.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    json!({ "policies": [policy] })
}

fn vehicle(members: &Value) -> Value {
    policy(json!({"vehicles": [members]}))
}

/// What changed, as one text.
fn said(before: &Value, after: &Value) -> String {
    let names = named(before, after).into_iter();
    let names =
        names.map(|(change, column)| column.map_or(change.clone(), |column| format!("{change} {column}")));
    names.collect::<Vec<_>>().join(", ")
}

#[test]
fn rows_are_found_again_by_what_they_are_known_by() {
    let number = |number: &str| policy(json!({"policy_id": number, "carrier_policy_number": number}));
    let two = |one: &str, other: &str| json!({"policies": [number(one)["policies"][0], number(other)["policies"][0]]});
    let car = |id: &str, vin: &str, model: &str| {
        vehicle(&json!({"vehicle_id": id, "vin": vin, "year": 2018, "make": "KIA", "model": model}))
    };
    let dwelling = |id: &str, street: &str| {
        policy(
            json!({"dwellings": [{"dwelling_id": id, "address": {"number": "1", "street": street, "zip": "11231"}}]}),
        )
    };
    for (before, after, expected) in [
        (number("A-1"), number("a1"), ""),
        (number("A1"), number("A2"), "policy_changed carrier_policy_number"),
        (two("A1", "A2"), two("A1", "A3"), "policy_added, policy_removed"),
        (number("A1"), two("A1", "A2"), "policy_added"),
        (car("1", "V1", "Rio"), car("2", "V1", "Rio"), ""),
        (car("1", "V1", "Rio"), car("2", "V2", "Rio"), "vehicle_changed vin"),
        (car("1", "V1", "Rio"), car("2", "V2", "Soul"), "vehicle_added, vehicle_removed"),
        (car("1", "V1", "Rio"), car("1", "V2", "Rio"), "vehicle_changed vin"),
        (dwelling("1", "Clinton"), dwelling("2", "CLINTON"), ""),
        (dwelling("1", "Clinton"), dwelling("2", "Other"), "address_changed address"),
        (policy(json!({})), json!({"policies": []}), "policy_removed"),
        (json!({}), policy(json!({})), "policy_added"),
        (json!({}), json!({}), ""),
    ] {
        assert_eq!(said(&before, &after), expected, "{before} {after}");
    }
}

#[test]
fn rows_with_the_same_name_are_paired_by_what_is_most_alike() {
    let limit = |limits: &[i64]| {
        let coverages: Vec<Value> = limits
            .iter()
            .map(|limit| json!({"name": "COLLISION", "per_incident_limit_cents": limit, "premium_cents": limit}))
            .collect();
        vehicle(&json!({"vehicle_id": "v", "coverages": coverages}))
    };
    assert_eq!(said(&limit(&[1, 2, 3]), &limit(&[3, 2, 1])), "");
    assert_eq!(said(&limit(&[1, 2, 3]), &limit(&[3, 2])), "coverage_removed");
    let mut after = limit(&[3, 2, 1]);
    after["policies"][0]["vehicles"][0]["coverages"][2]["premium_cents"] = json!(9);
    assert_eq!(said(&limit(&[1, 2, 3]), &after), "premium_changed premium_cents");
    let many: Vec<i64> = (0..500).collect();
    let more: Vec<i64> = (100..600).rev().collect();
    assert_eq!(named(&limit(&many), &limit(&more)).len(), 200);
}

#[test]
fn what_stands_in_a_removed_vehicle_is_not_listed() {
    let car = |is_removed: bool, limit: i64| {
        let coverages = json!([{"name": "COLLISION", "per_incident_limit_cents": limit}]);
        vehicle(
            &json!({"vehicle_id": "v", "is_removed": is_removed, "annual_mileage": limit, "coverages": coverages}),
        )
    };
    let none = policy(json!({}));
    for (before, after, expected) in [
        (car(false, 1), car(true, 2), "vehicle_removed is_removed"),
        (car(true, 1), car(false, 2), "vehicle_added is_removed"),
        (car(true, 1), car(true, 2), ""),
        (car(true, 1), none.clone(), ""),
        (none.clone(), car(true, 1), ""),
        (car(false, 1), none.clone(), "vehicle_removed"),
        (none, car(false, 1), "vehicle_added"),
    ] {
        assert_eq!(said(&before, &after), expected, "{before} {after}");
    }
}

#[test]
fn a_driver_is_added_once_and_assigned_to_further_vehicles() {
    let lois = json!({"driver_id": "d2", "first_name": "Lois", "last_name": "Lane"});
    let clark = json!({"driver_id": "d1", "first_name": "Clark", "last_name": "Kent"});
    let pull = |account: &[&Value], one: &[&Value], other: &[&Value]| {
        let cars = json!([{"vehicle_id": "v1", "vin": "1", "drivers": one}, {"vehicle_id": "v2", "vin": "2", "drivers": other}]);
        let mut pull = policy(json!({ "vehicles": cars }));
        pull["drivers"] = json!(account);
        pull
    };
    let before = pull(&[&clark], &[&clark], &[]);
    for (after, expected) in [
        (pull(&[&clark], &[&clark], &[&clark]), "driver_assigned"),
        (pull(&[&clark, &lois], &[&clark], &[]), "driver_added"),
        (pull(&[&clark], &[&clark, &lois], &[]), "driver_added"),
        (pull(&[&clark, &lois], &[&clark, &lois], &[]), "driver_added, driver_assigned"),
        (pull(&[], &[&clark], &[]), ""),
        (pull(&[&clark, &clark], &[&clark, &clark], &[]), ""),
        (pull(&[&clark], &[], &[]), "driver_unassigned"),
        (pull(&[], &[], &[]), "driver_removed, driver_unassigned"),
        (pull(&[&lois], &[&lois], &[]), "driver_added, driver_assigned, driver_removed, driver_unassigned"),
    ] {
        assert_eq!(said(&before, &after), expected, "{after}");
    }
    // One vehicle more, and who drives it is new to the account, too.
    let mut after = before.clone();
    let cars = after["policies"][0]["vehicles"].as_array_mut().unwrap();
    cars.push(json!({"vehicle_id": "v3", "vin": "3", "drivers": [lois, clark]}));
    assert_eq!(said(&before, &after), "driver_added, vehicle_added");
}

#[test]
fn whoever_is_told_apart_in_one_model_only_is_no_other_person() {
    let pull = |name: &str| {
        let insured = json!([{"named_insured_id": "n", "first_name": name, "last_name": "Kent"}]);
        let mut pull = policy(json!({ "named_insureds": insured }));
        pull["drivers"] = json!([{"driver_id": "d", "first_name": "Clark", "last_name": "Kent"}]);
        pull["first_name"] = json!("Clark");
        pull
    };
    assert_eq!(said(&pull("Clark"), &pull("Kal")), "person_changed first_name");
    assert_eq!(said(&pull("Kal"), &pull("Clark")), "person_changed first_name");
    assert_eq!(said(&pull("Kal"), &pull("Kal")), "");
}

#[test]
fn no_more_are_listed_than_fit() {
    let pull = |year: i64| {
        let coverages = |count: i64| -> Vec<Value> {
            (0..count)
                .map(|at| json!({"vehicle_coverage_id": at, "premium_cents": year, "max_days": year}))
                .collect()
        };
        vehicle(&json!({"vehicle_id": "v", "coverages": coverages(6_000)}))
    };
    let (before, after) = (text(&pull(1)), text(&pull(2)));
    let (before, after) = (Model::of(&before).unwrap(), Model::of(&after).unwrap());
    let changes = between(&before, &after, Redact::Nothing);
    assert_eq!((changes.changes.len(), changes.changes_more), (MAX_CHANGES, 12_000 - MAX_CHANGES));
}

#[test]
fn changes_come_by_part_and_row() {
    let mut after = pulls()[PERSONAL].clone();
    after["claims"].as_array_mut().unwrap().reverse();
    for claim in after["claims"].as_array_mut().unwrap() {
        claim["payout_cents"] = json!(1);
    }
    after["policies"].as_array_mut().unwrap().remove(2);
    after["policies"][1]["vehicles"][0]["annual_mileage"] = json!(1);
    let (before, after) = (text(&pulls()[PERSONAL]), text(&after));
    let (before, after) = (Model::of(&before).unwrap(), Model::of(&after).unwrap());
    let changes = between(&before, &after, Redact::Nothing);
    let places: Vec<_> = changes.changes.iter().map(|it| (it.part, it.source_after.as_deref())).collect();
    let expected = [
        (Part::Policies, None),
        (Part::Vehicles, Some("/pull/policies/1/vehicles/0")),
        (Part::Claims, Some("/pull/claims/0")),
        (Part::Claims, Some("/pull/claims/1")),
    ];
    assert_eq!(places, expected);
    assert_eq!(changes.changes[2].source_before.as_deref(), Some("/pull/claims/1"));
    assert_eq!(sorted(&changes).len(), 4);
}

/// How long models with many coverages take: run by hand, in release.
#[test]
#[ignore = "it measures"]
fn how_long_it_takes() {
    for (count, names, are_ids_kept) in [
        (7_500, 7_500, true),
        (15_000, 15_000, true),
        (29_000, 29_000, true),
        (29_000, 29_000, false),
        (29_000, 1_000, false),
        (29_000, 1, false),
    ] {
        let pull = |premium: i64, prefix: &str| {
            let coverage = |at: usize| {
                json!({
                    "vehicle_coverage_id": format!("{prefix}{at}"), "friendly_name": format!("Cover {}", at % names),
                    "premium_cents": premium + at as i64, "per_incident_limit_cents": at, "is_declined": false,
                })
            };
            text(&vehicle(
                &json!({"vehicle_id": "v", "vin": "1", "coverages": (0..count).map(coverage).collect::<Vec<_>>()}),
            ))
        };
        let (before, after) = (pull(1, "a"), pull(2, if are_ids_kept { "a" } else { "b" }));
        let (before, after) = (Model::of(&before).unwrap(), Model::of(&after).unwrap());
        let begun = Instant::now();
        let same = between(&before, &before, Redact::Nothing).changes.len();
        let alike = begun.elapsed();
        let changes = between(&before, &after, Redact::Nothing);
        let all = changes.changes.len() + changes.changes_more;
        println!(
            "{count} of {names} names: {alike:?} for {same} changes, {:?} for {all}",
            begun.elapsed() - alike
        );
    }
}
