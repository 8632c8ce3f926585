//! Coverages down, vehicles across.

use std::collections::HashMap;

use maud::{Markup, html};

use crate::{
    cell::Row,
    forms::{
        linked::Linked,
        words::{self, vehicle},
    },
    name::Name as N,
    table::Part,
};

/// Vehicles beside each other in one table: as many as paper has room for, so that no page grows with their square.
const ACROSS: usize = 4;

/// Coverages down, vehicles across; what all vehicles share once, in the first table.
pub fn grids(linked: &Linked<'_, '_>, policy: &Row<'_>, vehicles: &[&Row<'_>]) -> Markup {
    let has = |row: &&&Row<'_>| !linked.rows(Part::Coverages, N::vehicle_id, row).is_empty();
    let covered: Vec<&Row<'_>> = vehicles.iter().filter(has).copied().collect();
    // One vehicle shares with none.
    let shared = linked.rows(Part::SharedLimits, N::policy_id, policy);
    let shared = if vehicles.len() > 1 { shared } else { &[] };
    html! {
        @for (at, vehicles) in covered.chunks(ACROSS).enumerate() {
            (grid(linked, vehicles, if at == 0 { shared } else { &[] }, !shared.is_empty()))
        }
    }
}

/// `has_shared`: coverages of shared limits stand elsewhere.
fn grid(linked: &Linked<'_, '_>, vehicles: &[&Row<'_>], shared: &[&Row<'_>], has_shared: bool) -> Markup {
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (at, vehicle) in vehicles.iter().enumerate() {
        let own = linked.rows(Part::Coverages, N::vehicle_id, vehicle).iter();
        for row in own.filter(|row| !(has_shared && row.is(N::is_shared))) {
            let Some(name) = row.text(N::name) else { continue };
            let place = *places.entry(name).or_insert_with(|| {
                rows.push((words::coverage(row), vec![String::new(); vehicles.len()]));
                rows.len() - 1
            });
            let cell = &mut rows[place].1[at];
            if !cell.is_empty() {
                cell.push_str("; ");
            }
            cell.push_str(&words::limits(row));
        }
    }
    html! {
        @if !(rows.is_empty() && shared.is_empty()) {
            div.scroll tabindex="0" role="group" aria-label="Coverages by vehicle" {
                table {
                    caption { "Coverages by vehicle" }
                    thead {
                        tr { th scope="col" { "Coverage" } @for it in vehicles { th scope="col" { (vehicle(it)) } } }
                    }
                    tbody {
                        @for row in shared {
                            tr {
                                th scope="row" { (words::coverage(row)) }
                                td colspan=(vehicles.len()) { (words::limits(row)) " · all vehicles" }
                            }
                        }
                        @for (name, cells) in &rows {
                            tr {
                                th scope="row" { (name) }
                                @for it in cells { td { @if it.is_empty() { "–" } @else { (it) } } }
                            }
                        }
                    }
                }
            }
        }
    }
}
