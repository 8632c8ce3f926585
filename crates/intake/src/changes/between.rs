//! The changes of each part.

use std::{borrow::Cow, collections::HashSet};

use serde_json::value::RawValue;

use super::{
    alike::same,
    change::{Changes, MAX_CHANGES},
    drivers::Newcomers,
    kind::ChangeKind,
    pairs::{BOTH, Pairs},
    plan::Plan,
    plans,
    sentence::Told,
    side::{Place, Side, ids},
    writer::{Rows, Writer, raw},
};
use crate::{
    cell::{Cell, Row},
    json::Written,
    model::Model,
    name::Name as N,
    redact::Redact,
    schema::{Kind, PROPERTY_DATA},
    table::{Column, Part},
};

/// What changed from `before` to `after`, with what `redact` leaves out left out of the values: a change of them is a
/// change still.
///
/// What the day says (days to expiry, active) and what is worked out from other columns is not compared, nor the pull's
/// own row.
#[must_use]
pub fn between<'m>(before: &'m Model<'m>, after: &'m Model<'m>, redact: Redact) -> Changes {
    let pairs = Pairs::of([Side::of(before), Side::of(after)]);
    let newcomers = Newcomers::of(&pairs);
    let mut work = Work { pairs: &pairs, newcomers, redact, changes: Changes::default() };
    for part in Part::ALL {
        if let Some(plan) = plans::of(*part) {
            work.part(plan);
        }
    }
    work.changes
}

struct Work<'w, 'm> {
    pairs: &'w Pairs<'m>,
    newcomers: Newcomers,
    redact: Redact,
    changes: Changes,
}

impl<'m> Work<'_, 'm> {
    fn part(&mut self, plan: &'static Plan) {
        let watched: Vec<(&'static Column, ChangeKind)> =
            plan.part.columns().iter().filter_map(|column| Some((column, plan.kind(column.name)?))).collect();
        let listed = BOTH.map(|side| self.linked(plan, side));
        for side in [1, 0] {
            for at in 0..self.rows(plan.part, side).len() {
                let place = (plan.part, at);
                match self.pairs.other(side, place) {
                    Some(before) if side == 1 => self.both(plan, &watched, before, place),
                    Some(_) => {}
                    None if plan.part == Part::Drivers => {
                        let is_first = self.newcomers.is_first(self.pairs, side, place);
                        self.driver(plan, side, place, &listed, is_first);
                    }
                    None if plan.part == Part::People => self.person(plan, &watched, side, place),
                    None => self.one(plan, side, place, &listed),
                }
            }
        }
    }

    fn rows(&self, part: Part, side: usize) -> &'m [Row<'m>] {
        self.pairs.sides[side].model.part(part)
    }

    fn row(&self, side: usize, place: Place) -> &'m Row<'m> {
        self.pairs.sides[side].row(place)
    }

    /// What the rows of a part that only links say.
    fn linked(&self, plan: &Plan, side: usize) -> HashSet<String> {
        let Some(rule) = plan.rules.first().filter(|_| plan.is_link) else { return HashSet::new() };
        let rows = 0..self.rows(plan.part, side).len();
        rows.flat_map(|at| self.pairs.keys(side, (plan.part, at), rule)).collect()
    }

    /// Whether a row counts as there.
    fn is_there(&self, side: usize, place: Place) -> bool {
        let gone = plans::of(place.0).and_then(|plan| plan.gone);
        gone.is_none_or(|gone| !self.row(side, place).is(gone))
    }

    /// Whether what a row stands in is in both models.
    fn is_held(&self, side: usize, place: Place) -> bool {
        self.pairs.sides[side].holder(place).is_none_or(|holder| {
            let is_kept = self.pairs.other(side, holder).is_some_and(|other| self.is_there(1 - side, other));
            is_kept && self.is_there(side, holder) && self.is_held(side, holder)
        })
    }

    /// A row of one model only.
    fn one(&mut self, plan: &Plan, side: usize, place: Place, listed: &[HashSet<String>; 2]) {
        let row = self.row(side, place);
        let where_it_is = plan.added_where.filter(|(flag, _)| row.is(*flag)).map(|(_, kind)| kind);
        let kind = if side == 1 { where_it_is.or(plan.added) } else { plan.removed };
        let is_said = || {
            let keys = plan.rules.first().map(|rule| self.pairs.keys(side, place, rule));
            plan.is_link && keys.into_iter().flatten().any(|key| listed[1 - side].contains(&key))
        };
        let Some(kind) = kind else { return };
        if self.is_there(side, place) && self.is_held(side, place) && !is_said() {
            self.came_or_went(kind, side, place);
        }
    }

    fn came_or_went(&mut self, kind: ChangeKind, side: usize, place: Place) {
        let rows = if side == 1 { [None, Some(place)] } else { [Some(place), None] };
        let told = if side == 1 { Told::Came } else { Told::Went };
        self.push(kind, rows, None, told, |writer| writer.whole());
    }

    /// A driver's row of one model only: somebody who drives for the first time, or one vehicle more.
    fn driver(
        &mut self,
        plan: &Plan,
        side: usize,
        place: Place,
        listed: &[HashSet<String>; 2],
        is_first: bool,
    ) {
        if is_first {
            let kind = if side == 1 { ChangeKind::DriverAdded } else { ChangeKind::DriverRemoved };
            self.came_or_went(kind, side, place);
        } else if self.pairs.sides[side].holder(place).is_some() {
            let kinds = (Some(ChangeKind::DriverAssigned), Some(ChangeKind::DriverUnassigned));
            self.one(&Plan { added: kinds.0, removed: kinds.1, ..*plan }, side, place, listed);
        }
    }

    /// Somebody whom one model only tells apart: what is said of them that is not said of who they are in the other.
    fn person(&mut self, plan: &Plan, watched: &[(&'static Column, ChangeKind)], side: usize, place: Place) {
        let Some(other) = self.pairs.other_also(side, place) else { return };
        let (own, its) = (self.row(side, place), self.row(1 - side, other));
        for (column, kind) in watched {
            let (own, its) = (own.get(column.name), its.get(column.name));
            if own.is_some() && !same(column, own, its) {
                let places = if side == 1 { [other, place] } else { [place, other] };
                self.column(plan, column, *kind, places);
            }
        }
    }

    /// A row that both models have.
    fn both(&mut self, plan: &Plan, watched: &[(&'static Column, ChangeKind)], before: Place, after: Place) {
        if !self.is_held(1, after) {
            return;
        }
        let rows = [Some(before), Some(after)];
        match (self.is_there(0, before), self.is_there(1, after)) {
            (true, true) => {}
            (false, false) => return,
            (_, is_there) => {
                let (kind, told) =
                    if is_there { (plan.added, Told::Came) } else { (plan.removed, Told::Went) };
                let column =
                    plan.gone.and_then(|gone| plan.part.columns().iter().find(|its| its.name == gone));
                let (Some(kind), Some(column)) = (kind, column) else { return };
                let path = Cow::Borrowed(column.name.as_str());
                self.push(kind, rows, Some(path), told, |writer| writer.values(column, None));
                return;
            }
        }
        let (old, new) = (self.row(0, before), self.row(1, after));
        let mut differing: Vec<_> = watched
            .iter()
            .filter(|(column, _)| match plan.link(column.name) {
                Some(part) => !self.links_same(column.name, part, old, new),
                None => !same(column, old.get(column.name), new.get(column.name)),
            })
            .collect();
        if plan.is_whole {
            if let Some((_, kind)) = differing.first() {
                self.push(*kind, rows, None, Told::Changed, |writer| writer.whole());
            }
            return;
        }
        let turned = |flag: N| differing.iter().any(|(column, _)| column.name == flag);
        let told: Vec<N> =
            plan.told_by.iter().filter(|(_, by)| turned(*by)).map(|(column, _)| *column).collect();
        differing.retain(|(column, _)| !told.contains(&column.name));
        if plan.part == Part::Policies && self.renewed(rows) {
            differing.retain(|(_, kind)| *kind != ChangeKind::TermChanged);
        }
        for (column, kind) in differing {
            self.column(plan, column, *kind, [before, after]);
        }
    }

    /// A term of which both days moved on is one change.
    fn renewed(&mut self, rows: Rows) -> bool {
        let [Some(before), Some(after)] = rows else { return false };
        let (before, after) = (self.row(0, before), self.row(1, after));
        let moved =
            |column| before.text(column).zip(after.text(column)).filter(|(before, after)| before < after);
        let (Some(from), Some(to)) = (moved(N::effective_date), moved(N::expiry_date)) else { return false };
        let days = [N::effective_date, N::expiry_date, N::renewal_date];
        let columns: Vec<Column> =
            Part::Policies.columns().iter().filter(|column| days.contains(&column.name)).cloned().collect();
        let told = Told::Renewed { before: [from.0, to.0], after: [from.1, to.1] };
        self.push(ChangeKind::TermRenewed, rows, None, told, |_| {
            [before, after].map(|row| raw(&Written(row, &columns)))
        });
        true
    }

    fn column(&mut self, plan: &Plan, column: &'static Column, kind: ChangeKind, places: [Place; 2]) {
        let rows = places.map(Some);
        let [old, new] = BOTH.map(|side| self.row(side, places[side]).get(column.name));
        let is_property = matches!(column.kind, Kind::Object(schema) if schema.is(&PROPERTY_DATA));
        if let (true, Some(Cell::Object(old)), Some(Cell::Object(new))) = (is_property, old, new) {
            for inner in &column.columns {
                let (old, new) = (old.get(inner.name), new.get(inner.name));
                let is_watched = !matches!(inner.name, N::property_data_id | N::last_update_date);
                if is_watched && !same(inner, old, new) {
                    let path = Cow::Owned(format!("{}.{}", column.name, inner.name));
                    let told = Told::Column { column: inner, before: old, after: new };
                    self.push(kind, rows, Some(path), told, |writer| writer.values(inner, Some(column.name)));
                }
            }
            return;
        }
        let turned = plan.turned.iter().find(|(flag, ..)| *flag == column.name);
        let kind = match (turned, new) {
            (Some((_, on, _)), Some(Cell::Flag(true))) => *on,
            (Some((_, _, off)), Some(Cell::Flag(false))) => *off,
            (Some((_, on, _)), _) => plan.watched.first().map_or(*on, |(kind, _)| *kind),
            (None, _) => kind,
        };
        let told = match turned.zip(new) {
            Some((_, Cell::Flag(true))) => Told::Opened,
            Some((_, Cell::Flag(false))) => Told::Closed,
            _ => Told::Column { column, before: old, after: new },
        };
        let path = Cow::Borrowed(column.name.as_str());
        self.push(kind, rows, Some(path), told, |writer| writer.values(column, None));
    }

    /// Whether both name rows that are each other's. Of one that is not there nothing is known.
    fn links_same(&self, column: N, part: Part, before: &Row<'_>, after: &Row<'_>) -> bool {
        let named = |side: usize, row: &Row<'_>| -> Option<Vec<Option<usize>>> {
            let side_of = &self.pairs.sides[side];
            let mut rows = Vec::new();
            for id in ids(row, column) {
                let place = (part, side_of.named(part, id)?);
                rows.push(self.pairs.common(side, place));
            }
            rows.sort_unstable();
            Some(rows)
        };
        match (named(0, before), named(1, after)) {
            (Some(before), Some(after)) => before == after && !before.contains(&None),
            _ => true,
        }
    }

    fn push(
        &mut self,
        change: ChangeKind,
        rows: Rows,
        column: Option<Cow<'static, str>>,
        told: Told<'_>,
        values: impl FnOnce(&Writer<'_, 'm>) -> [Box<RawValue>; 2],
    ) {
        if self.changes.changes.len() >= MAX_CHANGES {
            self.changes.changes_more += 1;
            return;
        }
        let writer = Writer { sides: &self.pairs.sides, redact: self.redact, rows };
        self.changes.changes.extend(writer.change(change, column, &told, values(&writer)));
    }
}
