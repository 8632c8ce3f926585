//! Drivers: a young one whom no policy knows, and those whom a policy excludes.

use std::collections::HashSet;

use crate::{
    cell::Row,
    day::Day,
    gaps::{
        account::{Account, group},
        called::called,
        gap::{Finding, MOST_POINTERS, State, pointer},
        thresholds::Thresholds,
    },
    name::Name as N,
    table::Part,
};

/// No state lets anyone younger drive, not even to learn it.
const YOUNGEST: i64 = 14;

/// Whole years on the day: from the birth date, else from an age with its day.
fn age(person: &Row<'_>, day: Day) -> Option<i64> {
    let years = |since: Day| if since <= day { day.months_since(since) / 12 } else { 0 };
    if let Some(born) = person.text(N::date_of_birth).and_then(Day::parse) {
        return Some(years(born));
    }
    let since = person.text(N::age_on_date).and_then(Day::parse).map_or(0, years);
    Some(person.integer(N::age)?.saturating_add(since))
}

/// Vehicles of auto policies in force with who drives them.
struct Listed<'m> {
    vehicles: Vec<&'m Row<'m>>,
    drivers: Vec<&'m Row<'m>>,
}

fn listed<'m>(account: &Account<'m>) -> Listed<'m> {
    let vehicles: Vec<_> = account.autos().flat_map(|policy| account.vehicles(policy)).collect();
    let ids: HashSet<&str> = vehicles.iter().filter_map(|vehicle| vehicle.text(N::vehicle_id)).collect();
    let rows = account.model.part(Part::Drivers).iter();
    let drivers = rows.filter(|row| row.text(N::vehicle_id).is_some_and(|id| ids.contains(id)));
    Listed { vehicles, drivers: drivers.collect() }
}

/// A young driver of the account who is on no vehicle of an auto policy. Who is excluded there is listed.
pub fn young_unlisted(account: &Account<'_>, set: &Thresholds) -> Vec<Finding> {
    let Listed { vehicles, drivers } = listed(account);
    if account.autos().next().is_none() {
        return Vec::new();
    }
    let has_no_vehicle = vehicles.is_empty();
    let known: HashSet<&str> = drivers.iter().filter_map(|driver| driver.text(N::person_id)).collect();
    let people = account.model.part(Part::People).iter();
    let unlisted = people.filter(|person| {
        person.texts(N::roles).any(|role| role == "DRIVER")
            && person.text(N::person_id).is_none_or(|id| !known.contains(id))
    });
    let findings = unlisted.filter_map(|person| {
        let source = person.texts(N::sources).find(|source| source.contains("/drivers"));
        let need = |member| format!("{}/{member}", source.unwrap_or_default());
        let finding = match age(person, account.day) {
            Some(age) if !(YOUNGEST..set.young_driver_age).contains(&age) => return None,
            Some(age) if known.is_empty() => {
                let because = format!(
                    "A driver of the account is {age} years old, and who drives which vehicle is not listed"
                );
                let vehicles = vehicles.iter().map(|vehicle| pointer(vehicle, "drivers"));
                // Where no vehicle is listed either, that is what lacks.
                let policies = account.autos().filter(|_| has_no_vehicle);
                let policies = policies.map(|policy| pointer(policy, "vehicles"));
                let needs = vehicles.chain(policies).take(MOST_POINTERS);
                needs.fold(Finding::new(State::Unknown, because), Finding::needs)
            }
            Some(age) => Finding::open(format!(
                "A driver of the account is {age} years old and on no vehicle of an auto policy in force"
            )),
            None => Finding::unknown(
                "A driver of the account whose age is not known is on no vehicle of an auto policy in force"
                    .to_owned(),
                need("date_of_birth_str"),
            ),
        };
        Some(finding.about(person))
    });
    findings.collect()
}

/// A driver whom an auto policy excludes: once for each policy.
pub fn excluded(account: &Account<'_>, _: &Thresholds) -> Vec<Finding> {
    let mut findings = Vec::new();
    for policy in account.autos() {
        let vehicles: HashSet<&str> =
            account.vehicles(policy).filter_map(|vehicle| vehicle.text(N::vehicle_id)).collect();
        let is_here = |row: &&&Row<'_>| row.text(N::vehicle_id).is_some_and(|id| vehicles.contains(id));
        let rows = account.drivers(policy).iter();
        let excluded = rows.filter(|row| row.is(N::is_excluded)).filter(is_here);
        for (_, rows) in group(excluded.map(|row| (row.text(N::person_id), *row))) {
            let because = match rows.len() {
                1 => format!("{}: a driver is excluded on one vehicle", called(policy)),
                many => format!("{}: a driver is excluded on {many} vehicles", called(policy)),
            };
            let mut finding = Finding::open(because).about(rows[0]).rests_on(rows.iter().copied());
            if rows.len() > 1 {
                finding = finding.of_several_vehicles();
            }
            findings.push(finding);
        }
    }
    findings
}
