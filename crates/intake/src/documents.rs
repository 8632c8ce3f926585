//! Documents: where they are to be had, and which declarations of a policy are the latest.

use std::collections::{HashMap, HashSet};

use canopy::id::{DocumentId, PullId};

use crate::{cell::Cell, model::Model, name::Name as N, scalar::word, table::Part};

/// Fills what is worked out.
pub(crate) fn work_out(model: &mut Model<'_>) {
    let pull_id = model.pull().text(N::pull_id).and_then(|id| PullId::parse(id).ok());
    let mut latest: HashMap<String, (String, usize)> = HashMap::new();
    for (at, row) in model.part(Part::Documents).iter().enumerate() {
        if row.text(N::document_type).is_none_or(|text| word("DECLARATIONS", text).is_none()) {
            continue;
        }
        let added = row.text(N::date_added).unwrap_or_default();
        let Some(policy) = row.text(N::policy_id) else { continue };
        let newest = latest.entry(policy.to_owned()).or_insert((added.to_owned(), at));
        if newest.0.as_str() < added {
            *newest = (added.to_owned(), at);
        }
    }
    let latest: HashSet<usize> = latest.into_values().map(|(_, at)| at).collect();
    for (at, row) in model.part_mut(Part::Documents).iter_mut().enumerate() {
        let is_latest = latest.contains(&at);
        row.set(N::is_latest_declarations, Cell::Flag(is_latest));
        // What is no id leads nowhere.
        let id = row.text(N::document_id).and_then(|id| DocumentId::parse(id).ok());
        let link = pull_id.as_ref().zip(id);
        let link = link.map(|(pull, document)| format!("/api/v1/pulls/{pull}/documents/{document}"));
        row.set(N::link, link.map(Cell::from));
    }
}
