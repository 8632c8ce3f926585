//! Which values are the same, and which rows are most like each other.

use crate::{
    called::plain,
    cell::{Cell, Row},
    json::Shown,
    schema::{ADDRESS, Class, Kind},
    table::Column,
};

/// Most pairs of rows with the same key that are compared with each other. Where there are more, they are paired by
/// the order of what they say.
const MAX_COMPARED: usize = 256;

/// Whether both are the same to whoever reads them: the order of lists, and how numbers of policies and the like are
/// written, say nothing.
pub fn same(column: &Column, before: Option<&Cell<'_>>, after: Option<&Cell<'_>>) -> bool {
    let is_there = |cell: &&Cell<'_>| !matches!(cell, Cell::Texts(texts) if texts.is_empty());
    match (before.filter(is_there), after.filter(is_there)) {
        (None, None) => true,
        (Some(before), Some(after)) => same_cell(column, before, after),
        // Of a word that the contract has not, nothing is shown.
        (Some(Cell::Text(text)), None) | (None, Some(Cell::Text(text))) => {
            matches!(column.kind, Kind::Named(_)) && column.word(text).is_none()
        }
        _ => false,
    }
}

fn same_cell(column: &Column, before: &Cell<'_>, after: &Cell<'_>) -> bool {
    match (before, after) {
        (Cell::Flag(before), Cell::Flag(after)) => before == after,
        (Cell::Integer(before), Cell::Integer(after)) => before == after,
        (Cell::Text(before), Cell::Text(after)) if matches!(column.kind, Kind::Named(_)) => {
            column.word(before) == column.word(after)
        }
        (Cell::Text(before), Cell::Text(after)) => {
            before == after || column.class == Class::Ids && plain(before) == plain(after)
        }
        (Cell::Texts(before), Cell::Texts(after)) => {
            let sorted = |texts: &[std::borrow::Cow<'_, str>]| {
                let known = |text: &str| column.word(text).map_or_else(|| text.to_owned(), str::to_owned);
                let mut texts: Vec<String> = texts.iter().map(|text| known(text)).collect();
                texts.sort_unstable();
                texts
            };
            before == after || sorted(before) == sorted(after)
        }
        (Cell::Object(before), Cell::Object(after)) => same_object(column, before, after),
        (Cell::Json(before), Cell::Json(after)) => {
            let read = |json: &str| serde_json::from_str::<serde_json::Value>(json).ok();
            before.get() == after.get() || read(before.get()) == read(after.get())
        }
        _ => false,
    }
}

/// Of an address, letters and digits count.
fn same_object(column: &Column, before: &Row<'_>, after: &Row<'_>) -> bool {
    let Kind::Object(schema) = column.kind else { return false };
    let is_address = schema.is(&ADDRESS);
    column.columns.iter().filter(|inner| schema.id != Some(inner.name)).all(|inner| {
        let (before, after) = (before.get(inner.name), after.get(inner.name));
        match (before, after) {
            (Some(Cell::Text(before)), Some(Cell::Text(after))) if is_address => {
                plain(before) == plain(after)
            }
            _ => same(inner, before, after),
        }
    })
}

/// Pairs rows of which each side has several with the same key: those that say the same first, then those that are most
/// like each other. `watched` are the columns that count.
pub fn pairs(
    watched: &[&Column],
    before: &[(usize, &Row<'_>)],
    after: &[(usize, &Row<'_>)],
) -> Vec<(usize, usize)> {
    if let ([(before, _)], [(after, _)]) = (before, after) {
        return vec![(*before, *after)];
    }
    if before.is_empty() || after.is_empty() {
        return Vec::new();
    }
    let (mut before, mut after) = (sorted(watched, before), sorted(watched, after));
    let mut pairs = Vec::new();
    let (mut left, mut at) = (Vec::new(), 0);
    for one in before {
        while at < after.len() && after[at].said < one.said {
            at += 1;
        }
        match after.get_mut(at).filter(|other| other.said == one.said) {
            Some(other) => {
                pairs.push((one.at, other.at));
                other.is_paired = true;
                at += 1;
            }
            None => left.push(one),
        }
    }
    before = left;
    after.retain(|row| !row.is_paired);
    if before.len().saturating_mul(after.len()) > MAX_COMPARED {
        pairs.extend(before.iter().zip(&after).map(|(before, after)| (before.at, after.at)));
        return pairs;
    }
    let mut likenesses = Vec::new();
    for (one, row) in before.iter().enumerate() {
        for (other, its) in after.iter().enumerate() {
            let is_same =
                |column: &&&Column| same(column, row.row.get(column.name), its.row.get(column.name));
            likenesses.push((watched.len() - watched.iter().filter(is_same).count(), one, other));
        }
    }
    likenesses.sort_unstable();
    for (_, one, other) in likenesses {
        if !before[one].is_paired && !after[other].is_paired {
            before[one].is_paired = true;
            after[other].is_paired = true;
            pairs.push((before[one].at, after[other].at));
        }
    }
    pairs
}

/// What a row's watched columns say, as text.
pub fn said(watched: &[&Column], row: &Row<'_>) -> String {
    let values: Vec<_> = watched.iter().map(|column| Shown(column, row.get(column.name))).collect();
    serde_json::to_string(&values).expect("a row is plain data")
}

struct Candidate<'r, 'a> {
    /// What its watched columns say.
    said: String,
    at: usize,
    row: &'r Row<'a>,
    is_paired: bool,
}

/// By what they say: whatever order they came in.
fn sorted<'r, 'a>(watched: &[&Column], rows: &[(usize, &'r Row<'a>)]) -> Vec<Candidate<'r, 'a>> {
    let rows =
        rows.iter().map(|(at, row)| Candidate { said: said(watched, row), at: *at, row, is_paired: false });
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by(|one, other| one.said.cmp(&other.said));
    rows
}
