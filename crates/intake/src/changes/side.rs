//! One of the two models: where its rows stand, and whom they name.

use std::collections::HashMap;

use crate::{
    cell::{Cell, Row},
    model::Model,
    name::Name as N,
    table::Part,
};

/// Parts whose rows others stand in.
const HOLDERS: &[Part] = &[Part::Policies, Part::Vehicles, Part::Dwellings, Part::Locations];

/// Parts whose rows others name.
const NAMED: &[Part] = &[Part::People, Part::Policies, Part::Vehicles, Part::Dwellings, Part::Locations];

/// A row: its part, and its place there.
pub type Place = (Part, usize);

/// One of the two models.
pub struct Side<'m> {
    pub model: &'m Model<'m>,
    /// What each row stands in, by part.
    holders: Vec<Vec<Option<Place>>>,
    /// Rows by their ids.
    ids: HashMap<(Part, &'m str), usize>,
}

impl<'m> Side<'m> {
    pub fn of(model: &'m Model<'m>) -> Self {
        let mut sources: HashMap<&str, Place> = HashMap::new();
        for part in HOLDERS {
            for (at, row) in model.part(*part).iter().enumerate() {
                sources.extend(row.text(N::source).map(|source| (source, (*part, at))));
            }
        }
        let mut ids = HashMap::new();
        for part in NAMED {
            let Some(id) = part.table().id else { continue };
            for (at, row) in model.part(*part).iter().enumerate() {
                row.text(id).into_iter().for_each(|id| {
                    ids.entry((*part, id)).or_insert(at);
                });
            }
        }
        let holders = Part::ALL.iter().map(|part| {
            // A person is named in several places.
            let is_held = *part != Part::People;
            let rows = model.part(*part).iter().enumerate();
            rows.map(|(at, row)| holder(&sources, (*part, at), row).filter(|_| is_held)).collect()
        });
        Self { model, holders: holders.collect(), ids }
    }

    pub fn row(&self, (part, at): Place) -> &'m Row<'m> {
        &self.model.part(part)[at]
    }

    /// What a row stands in.
    pub fn holder(&self, (part, at): Place) -> Option<Place> {
        self.holders[part as usize][at]
    }

    /// The row of `part` that is named so.
    pub fn named(&self, part: Part, id: &str) -> Option<usize> {
        self.ids.get(&(part, id)).copied()
    }

    /// The policy that a row belongs to or is.
    pub fn policy(&self, place: Place) -> Option<Place> {
        let mut at = Some(place);
        while let Some(place) = at {
            if place.0 == Part::Policies {
                return at;
            }
            at = self.holder(place);
        }
        let id = self.row(place).text(N::policy_id)?;
        self.named(Part::Policies, id).map(|at| (Part::Policies, at))
    }
}

/// The row that another stands in: its pointer begins the other's. Rows without an id have it, too.
fn holder(sources: &HashMap<&str, Place>, place: Place, row: &Row<'_>) -> Option<Place> {
    let mut source = row.text(N::source)?;
    loop {
        match sources.get(source) {
            Some(found) if found.0 != place.0 => return Some(*found),
            _ => source = source.rsplit_once('/')?.0,
        }
    }
}

/// The ids that a row has under `column`.
pub fn ids<'r>(row: &'r Row<'_>, column: N) -> Vec<&'r str> {
    match row.get(column) {
        Some(Cell::Text(text)) => vec![text],
        Some(Cell::Texts(texts)) => texts.iter().map(AsRef::as_ref).collect(),
        _ => Vec::new(),
    }
}
