//! Rows by what they belong to, worked out once for a whole page.

use std::collections::{HashMap, HashSet};

use crate::{cell::Row, model::Model, name::Name as N, table::Part};

/// The ids that rows belong by.
const LINKS: &[N] = &[N::policy_id, N::vehicle_id, N::dwelling_id, N::location_id, N::person_id];

/// The parts whose rows others belong to, by the column that names them.
const OWNERS: &[(Part, N)] = &[
    (Part::Policies, N::policy_id),
    (Part::Vehicles, N::vehicle_id),
    (Part::Dwellings, N::dwelling_id),
    (Part::Locations, N::location_id),
];

/// All rows of a model by their links.
pub struct Linked<'m, 'a> {
    rows: HashMap<(Part, N), HashMap<&'m str, Vec<&'m Row<'a>>>>,
    /// Of rows of one id the first, to which what names that id belongs.
    owners: HashMap<(N, &'m str), &'m Row<'a>>,
}

impl<'m, 'a> Linked<'m, 'a> {
    /// Of `model`.
    pub fn of(model: &'m Model<'a>) -> Self {
        let pairs = Part::ALL.iter().flat_map(|part| LINKS.iter().map(move |column| (*part, *column)));
        let pairs = pairs.filter(|(part, column)| part.has(*column));
        let rows = pairs.map(|(part, column)| ((part, column), model.by(part, column))).collect();
        let mut owners = HashMap::new();
        for (part, column) in OWNERS {
            for row in model.part(*part) {
                if let Some(id) = row.text(*column) {
                    owners.entry((*column, id)).or_insert(row);
                }
            }
        }
        Self { rows, owners }
    }

    /// The rows of `part` that belong to `row`, which is named under `column`. Where several are named the same, the first has
    /// them: else what is shown would grow with the square of what is there.
    pub fn rows(&self, part: Part, column: N, row: &Row<'_>) -> &[&'m Row<'a>] {
        let Some(id) = row.text(column) else { return &[] };
        if self.owners.get(&(column, id)).is_some_and(|first| !std::ptr::eq(*first, row)) {
            return &[];
        }
        self.rows.get(&(part, column)).and_then(|rows| rows.get(id)).map_or(&[], Vec::as_slice)
    }

    /// The person whom `row` is about.
    pub fn person(&self, row: &Row<'_>) -> Option<String> {
        self.rows(Part::People, N::person_id, row).first().and_then(|person| super::words::person(person))
    }

    /// Who drives a vehicle, with what is said of them there.
    pub fn drivers(&self, vehicle: &Row<'_>) -> Vec<String> {
        let links = self.rows(Part::Drivers, N::vehicle_id, vehicle).iter();
        let named = links.filter_map(|link| {
            let mark = match (link.is(N::is_excluded), link.is(N::is_primary)) {
                (true, _) => " (excluded)",
                (_, true) => " (primary)",
                _ => "",
            };
            Some(self.person(link)? + mark)
        });
        named.collect()
    }

    /// Who is insured by a policy, each once.
    pub fn insured(&self, policy: &Row<'_>) -> Vec<String> {
        let links = self.rows(Part::Insureds, N::policy_id, policy).iter();
        let mut seen = HashSet::new();
        links.filter_map(|link| self.person(link)).filter(|name| seen.insert(name.clone())).collect()
    }
}
