//! Claims and driving records: whose they are, and whether they are open.

use std::collections::HashMap;

use crate::{cell::Cell, model::Model, name::Name as N, scalar::word, table::Part};

/// Fills what is worked out.
pub(crate) fn work_out(model: &mut Model<'_>) {
    let mut drivers: HashMap<String, String> = HashMap::new();
    for person in model.part(Part::People) {
        let ids = person.texts(N::driver_ids).zip(std::iter::repeat(person.text(N::person_id)));
        drivers.extend(ids.filter_map(|(driver, person)| Some((driver.to_owned(), person?.to_owned()))));
    }
    for part in [Part::Claims, Part::DrivingRecords] {
        for row in model.part_mut(part) {
            let person = row.text(N::driver_id).and_then(|driver| drivers.get(driver));
            row.set(N::person_id, person.cloned().map(Cell::from));
        }
    }
    for claim in model.part_mut(Part::Claims) {
        let is = |status| claim.text(N::status).map(|text| word(status, text).is_some());
        let is_open = match (is("OPEN"), is("CLOSED"), claim.get(N::date_closed)) {
            (Some(true), ..) => Some(true),
            (_, Some(true), _) | (.., Some(_)) => Some(false),
            _ => None,
        };
        claim.set(N::is_open, is_open.map(Cell::Flag));
    }
}
