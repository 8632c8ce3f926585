//! The person that shared the pull: names, ways to reach them, addresses.

use crate::{
    called::{Called, plain},
    cell::{Cell, Row},
    name::Name as N,
    people::People,
    read::{Placed, Reading},
    scalar::word,
    schema::{ADDRESS, DWELLING, NAMED_INSURED, VEHICLE},
};

/// The contact's row: what the pull says, then what its primary insured says of themselves.
#[must_use]
pub fn of<'a>(reading: &Reading<'a>, people: &People) -> Row<'a> {
    let pull = &reading.pull().row;
    let mut row = Row::default();
    let names = [N::first_name, N::middle_name, N::last_name];
    let phones = [N::phone, N::mobile_phone, N::home_phone, N::work_phone, N::work_phone_extension];
    for column in names.iter().chain(&phones) {
        row.set(*column, pull.get(*column).cloned());
    }
    row.set(N::email, pull.get(N::account_email).or_else(|| pull.get(N::email)).cloned());
    let called = Called::of(&row);
    let is_insured = |placed: &Placed<'_>| {
        // Of another than the pull names nothing is taken.
        let is_other = called.as_ref().is_some_and(|called| !is_called(placed, called));
        placed.schema.is(&NAMED_INSURED) && !is_other
    };
    let primary = |placed: &Placed<'a>| is_insured(placed) && placed.row.is(N::is_primary_named_insured);
    let insured = people.first(reading, primary).or_else(|| people.first(reading, is_insured));
    if let Some((_, insured)) = &insured {
        let of_insured = [N::email, N::mobile_phone, N::home_phone, N::work_phone];
        for column in of_insured.iter().chain(names.iter().filter(|_| called.is_none())) {
            if row.get(*column).is_none() {
                row.set(*column, insured.row.get(*column).cloned());
            }
        }
    }
    let driver = driver(reading, people, Called::of(&row));
    let born = driver.as_ref().and_then(|(_, driver)| driver.row.get(N::date_of_birth));
    row.set(N::date_of_birth, born.or_else(|| pull.get(N::date_of_birth)).cloned());
    row.set(N::person_id, driver.or(insured).map(|(person, _)| person));
    let addresses = addresses(reading);
    row.set(N::mailing_address, addresses("MAILING").or_else(|| addresses("")).map(Cell::Object));
    row.set(N::physical_address, addresses("PHYSICAL").or_else(|| addresses("")).map(Cell::Object));
    row.set(N::source, Cell::from(reading.pull().source.clone()));
    row
}

fn is_called(placed: &Placed<'_>, name: &Called) -> bool {
    Called::of(&placed.row).is_some_and(|called| called.may_be(name))
}

/// The driver who is the insured: who is called like the contact, else the only one.
fn driver<'r, 'a>(
    reading: &'r Reading<'a>,
    people: &People,
    name: Option<Called>,
) -> Option<(Cell<'static>, &'r Placed<'a>)> {
    let is_insured = |placed: &Placed<'_>| {
        let relation = placed.row.text(N::relationship_to_insured);
        placed.schema.id == Some(N::driver_id) && relation.is_some_and(|text| word("INSURED", text).is_some())
    };
    let called =
        name.and_then(|name| people.first(reading, |placed| is_insured(placed) && is_called(placed, &name)));
    let first = || people.first(reading, is_insured);
    let is_alone = |(_, found): &(Cell<'static>, &Placed<'a>)| {
        let key = |placed: &Placed<'_>| Called::of(&placed.row).map(|called| called.key);
        let other = |placed: &Placed<'a>| is_insured(placed) && key(placed) != key(found);
        people.first(reading, other).is_none()
    };
    called.or_else(|| first().filter(is_alone))
}

/// The first address of a nature; where there is none, of a dwelling, then where a vehicle is kept.
fn addresses<'r, 'a>(reading: &'r Reading<'a>) -> impl Fn(&str) -> Option<Row<'a>> + use<'r, 'a> {
    |nature| {
        if !nature.is_empty() {
            let is_it = |row: &Row<'_>| {
                row.text(N::address_nature).is_some_and(|text| text.trim().eq_ignore_ascii_case(nature))
            };
            return reading.all(&ADDRESS).map(|(_, placed)| &placed.row).find(|row| is_it(row)).cloned();
        }
        let dwelling = reading.all(&DWELLING).find_map(|(_, placed)| placed.row.object(N::address));
        let garaging =
            || reading.all(&VEHICLE).find_map(|(_, placed)| placed.row.object(N::garaging_address));
        dwelling.or_else(garaging).cloned()
    }
}

/// Mortgagees as dwellings had them before the contract had a list: those that their list has not.
pub fn former_mortgagees<'a>(reading: &Reading<'a>) -> Vec<Row<'a>> {
    let members = [N::mortgagee_name, N::mortgagee_address, N::mortgage_loan_number];
    let mut rows = Vec::new();
    for (id, placed) in reading.all(&DWELLING) {
        let mut row = Row::default();
        for column in members {
            row.set(column, placed.row.get(column).cloned());
        }
        let own =
            [N::mortgage_loan_number, N::mortgagee_name].map(|column| (column, row.text(column).map(plain)));
        // What cannot be held against each other is taken for the same.
        let is_listed = placed.row.rows(N::mortgagees).iter().any(|id| {
            let other = &reading[*id].row;
            let mut same =
                own.iter().filter_map(|(column, own)| Some(*own.as_ref()? == plain(other.text(*column)?)));
            same.next().unwrap_or(true)
        });
        if row.is_empty() || is_listed {
            continue;
        }
        for column in [N::policy_id, N::dwelling_id] {
            row.set(column, reading.link(id, column).map(|id| Cell::from(id.to_owned())));
        }
        row.set(N::source, Cell::from(placed.source.clone()));
        rows.push(row);
    }
    rows
}
