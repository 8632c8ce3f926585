//! Rows as lists of facts and as tables.

use maud::{Markup, html};

use crate::{
    cell::Row,
    forms::words::{self, label, value},
    name::Name as N,
    schema::Kind,
    table::{Column, Part},
};

/// The columns of a part by their names, in this order.
pub fn columns(part: Part, names: &[N]) -> Vec<&'static Column> {
    names.iter().filter_map(|column| part.columns().iter().find(|its| its.name == *column)).collect()
}

/// Names with their values, those that are there.
pub fn facts(part: Part, row: &Row<'_>, names: &[N]) -> Markup {
    let there: Vec<_> =
        columns(part, names).into_iter().filter_map(|column| Some((column, row.get(column.name)?))).collect();
    html! {
        @if !there.is_empty() {
            dl { @for (column, cell) in there { div { dt { (label(column.name)) } dd { (value(column, cell)) } } } }
        }
    }
}

/// A table of these columns, without those that no row has; `is_titled` where a heading of the same words stands above it.
pub fn table(part: Part, caption: &str, is_titled: bool, rows: &[&Row<'_>], names: &[N]) -> Markup {
    let used: Vec<_> = columns(part, names)
        .into_iter()
        .filter(|column| rows.iter().any(|row| !shown(row, column).is_empty()))
        .collect();
    html! {
        div.scroll tabindex="0" role="group" aria-label=(caption) {
            table {
                caption.unseen[is_titled] { (caption) }
                thead { tr { @for column in &used { th class=[class(column)] scope="col" { (label(column.name)) } } } }
                tbody {
                    @for row in rows {
                        tr {
                            @for column in &used {
                                td class=[class(column)] { (shown(row, column)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn shown(row: &Row<'_>, column: &Column) -> String {
    words::cell(row, column.name).map(|cell| value(column, cell)).unwrap_or_default()
}

fn class(column: &Column) -> Option<&'static str> {
    match column.kind {
        Kind::Cents => Some("number"),
        Kind::Date | Kind::Birthday | Kind::Moment => Some("day"),
        _ => None,
    }
}
