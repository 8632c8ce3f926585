//! Limits that all vehicles of a policy share: given once, and marked where they repeat.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
};

use crate::{
    cell::{Cell, Row},
    model::Model,
    name::Name as N,
    table::Part,
    tables::LIMITS,
};

/// What makes two coverages the same: their name and their limits, as text.
fn likeness(row: &Row<'_>) -> Option<String> {
    let name = row.text(N::name)?;
    let values: Vec<_> = LIMITS.iter().map(|column| (row.integer(*column), row.flag(*column))).collect();
    let has_limit = LIMITS.iter().any(|column| row.integer(*column).is_some() || row.is(*column));
    has_limit.then(|| format!("{name} {values:?}"))
}

/// Makes the shared limits' rows, and marks the coverages that they are of.
pub(crate) fn work_out(model: &mut Model<'_>) {
    let mut vehicles: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut seen: HashSet<(&str, &str)> = HashSet::new();
    for row in model.part(Part::Vehicles).iter().filter(|row| !row.is(N::is_removed)) {
        if let (Some(policy), Some(vehicle)) = (row.text(N::policy_id), row.text(N::vehicle_id))
            && seen.insert((policy, vehicle))
        {
            vehicles.entry(policy.to_owned()).or_default().push(vehicle.to_owned());
        }
    }
    let mut alike: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for (at, row) in model.part(Part::Coverages).iter().enumerate() {
        let policy = row.text(N::policy_id).filter(|_| row.text(N::vehicle_id).is_some());
        if let Some((policy, likeness)) = policy.zip(likeness(row)) {
            alike.entry((policy.to_owned(), likeness)).or_default().push(at);
        }
    }
    let mut shared = Vec::new();
    for ((policy, _), places) in &alike {
        let Some(all) = vehicles.get(policy) else { continue };
        let coverages = model.part(Part::Coverages);
        let having: HashSet<&str> =
            places.iter().filter_map(|at| coverages[*at].text(N::vehicle_id)).collect();
        if all.iter().all(|vehicle| having.contains(vehicle.as_str())) {
            shared.push((places.clone(), all.clone()));
        }
    }
    shared.sort();
    for (places, vehicle_ids) in shared {
        let coverages = model.part_mut(Part::Coverages);
        let mut row = Row::default();
        for column in Part::SharedLimits.columns() {
            row.set(column.name, coverages[places[0]].get(column.name).cloned());
        }
        row.set(N::vehicle_ids, Cell::Texts(vehicle_ids.into_iter().map(Cow::Owned).collect()));
        for at in places {
            coverages[at].set(N::is_shared, Cell::Flag(true));
        }
        model.part_mut(Part::SharedLimits).push(row);
    }
    for row in model.part_mut(Part::Coverages) {
        if row.text(N::vehicle_id).is_some() && row.flag(N::is_shared).is_none() {
            row.set(N::is_shared, Cell::Flag(false));
        }
    }
}
