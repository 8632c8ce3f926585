//! What rows are called in sentences: never by a person's name, a number or an address.

use super::side::{Place, Side};
use crate::{
    cell::{Cell, Row},
    name::Name as N,
    table::{Column, Part},
    wording::{self, carrier, clip, first_large, spaced},
};

/// What a row of a part is, where it has no name of its own.
const NOUNS: &[(Part, &str)] = &[
    (Part::Contact, "the contact"),
    (Part::People, "a person"),
    (Part::Insureds, "a named insured"),
    (Part::Vehicles, "a vehicle"),
    (Part::Drivers, "a driver"),
    (Part::Dwellings, "the dwelling"),
    (Part::Locations, "a location"),
    (Part::Operations, "an operation"),
    (Part::Coverages, "a coverage"),
    (Part::Mortgagees, "a mortgagee"),
    (Part::Interests, "an additional interest"),
    (Part::Forms, "a form"),
    (Part::PremiumGroups, "a group of coverages"),
    (Part::Life, "the life insurance"),
    (Part::Riders, "a rider"),
    (Part::Beneficiaries, "a beneficiary"),
    (Part::Claims, "a claim"),
    (Part::LossEvents, "a loss"),
    (Part::DrivingRecords, "a driving record"),
    (Part::Documents, "a document"),
    (Part::Agents, "an agent"),
    (Part::Addresses, "an address of the account"),
    (Part::Answers, "an answer of the consumer"),
];

/// What a row is called: `the 2018 Chevrolet Camaro`, `the State Farm auto policy`, `Collision`, `a claim`.
pub fn called(part: Part, row: &Row<'_>) -> String {
    match part {
        Part::Policies => {
            let kind = row.text(N::policy_type).map(|text| format!("{} ", spaced(clip(text))));
            let carrier = carrier(row).map(|text| format!("{} ", clip(text)));
            format!("the {}{}policy", carrier.unwrap_or_default(), kind.unwrap_or_default())
        }
        Part::Vehicles => {
            wording::vehicle(row).map_or_else(|| noun(part).to_owned(), |vehicle| format!("the {vehicle}"))
        }
        Part::Coverages => coverage(row).unwrap_or_else(|| noun(part).to_owned()),
        _ => noun(part).to_owned(),
    }
}

/// The same with what it belongs to: `the dwelling of the State Farm homeowners policy`.
pub fn placed(side: &Side<'_>, place: Place) -> String {
    let own = called(place.0, side.row(place));
    match belongs(side, place) {
        // A vehicle is known by what it is.
        Some(_) if place.0 == Part::Vehicles && own != noun(place.0) => own,
        Some(to) => format!("{own} of {to}"),
        None => own,
    }
}

/// What a row belongs to: what it stands in, or the policy that it names.
pub fn belongs(side: &Side<'_>, place: Place) -> Option<String> {
    let holder = side.holder(place);
    let holder = holder.or_else(|| side.policy(place).filter(|_| place.0 != Part::Policies))?;
    Some(placed(side, holder))
}

fn noun(part: Part) -> &'static str {
    NOUNS.iter().find(|(its, _)| *its == part).map_or("a row", |(_, noun)| noun)
}

/// A coverage by the contract's name, else by the carrier's.
fn coverage(row: &Row<'_>) -> Option<String> {
    let column = Part::Coverages.columns().iter().find(|column| column.name == N::name)?;
    let word = row.text(N::name).and_then(|text| column.word(text)).map(spaced);
    let own = row.text(N::friendly_name).or_else(|| row.text(N::name));
    word.or_else(|| own.map(|text| clip(text).to_owned())).map(|text| first_large(&text))
}

/// A value as a sentence says it; `None` for texts and whatever may tell who somebody is.
pub fn value(column: &Column, cell: &Cell<'_>) -> Option<String> {
    use crate::schema::{Class, Kind};
    if column.class != Class::Open {
        return None;
    }
    let is_percent = column.name.as_str().ends_with("_percent");
    let percent = if is_percent { "%" } else { "" };
    match (column.kind, cell) {
        (Kind::Cents, Cell::Integer(cents)) => Some(crate::money::dollars(*cents)),
        (Kind::Integer, Cell::Integer(number)) => Some(format!("{number}{percent}")),
        (Kind::Decimal, Cell::Text(digits)) => Some(format!("{digits}{percent}")),
        (Kind::Date, Cell::Text(day)) => Some(day.clone().into_owned()),
        (Kind::Named(_), Cell::Text(text)) => column.word(text).map(spaced),
        _ => None,
    }
}
