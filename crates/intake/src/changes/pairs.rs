//! Which row of one model is which of the other.

use std::collections::HashMap;

use super::{
    alike,
    plan::{Key, Plan, Rule},
    plans::{self, PLANS},
    side::{Place, Side, ids},
};
use crate::{
    address,
    called::{Called, plain},
    cell::{Cell, Row},
    name::Name as N,
    table::{Column, Part},
};

/// How rows are found again that are known by nothing: by all that they say. One that only links says too little.
const REST: &Rule = &Rule::each(&[Key::Within, Key::All]);

/// The older model, and the newer.
pub const BOTH: [usize; 2] = [0, 1];

/// Both models, with the rows that are each other's.
pub struct Pairs<'m> {
    pub sides: [Side<'m>; 2],
    /// Of each model, by part: each row's counterpart in the other.
    others: [Vec<Vec<Option<usize>>>; 2],
    /// People that are told apart in one model, and are one in the other: the one of the newer that they are, too.
    also: [HashMap<usize, usize>; 2],
}

impl<'m> Pairs<'m> {
    pub fn of(sides: [Side<'m>; 2]) -> Self {
        let none = |side: &Side<'_>| -> Vec<Vec<Option<usize>>> {
            Part::ALL.iter().map(|part| vec![None; side.model.part(*part).len()]).collect()
        };
        let others = [none(&sides[0]), none(&sides[1])];
        let mut pairs = Self { sides, others, also: Default::default() };
        for plan in PLANS {
            let watched = watched(plan);
            for rule in plan.rules.iter().chain(Some(REST).filter(|_| !plan.is_link)) {
                if BOTH.iter().all(|side| pairs.others[*side][plan.part as usize].iter().any(Option::is_none))
                {
                    pairs.find(plan, rule, &watched);
                }
            }
            if plan.part == Part::People {
                pairs.find_also(plan);
            }
        }
        pairs
    }

    /// A row's counterpart.
    pub fn other(&self, side: usize, (part, at): Place) -> Option<Place> {
        self.others[side][part as usize][at].map(|at| (part, at))
    }

    /// What a row and its counterpart have in common, and no other row has: the place of the newer.
    pub fn common(&self, side: usize, (part, at): Place) -> Option<usize> {
        let other = self.others[side][part as usize][at];
        let common = if side == 0 { other } else { other.map(|_| at) };
        common.or_else(|| self.also[side].get(&at).copied().filter(|_| part == Part::People))
    }

    /// Who is, too, a person that only one model tells apart.
    pub fn other_also(&self, side: usize, (part, at): Place) -> Option<Place> {
        let newer = self.also[side].get(&at).filter(|_| part == Part::People)?;
        if side == 0 { Some((part, *newer)) } else { self.other(1, (part, *newer)) }
    }

    /// Pairs what is left of a part by a rule.
    fn find(&mut self, plan: &Plan, rule: &Rule, watched: &[&Column]) {
        let mut groups: Vec<[Vec<usize>; 2]> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for side in BOTH {
            for at in 0..self.others[side][plan.part as usize].len() {
                if !rule.is_alone && self.others[side][plan.part as usize][at].is_some() {
                    continue;
                }
                for key in self.keys(side, (plan.part, at), rule) {
                    let group = *places.entry(key).or_insert_with(|| {
                        groups.push(Default::default());
                        groups.len() - 1
                    });
                    groups[group][side].push(at);
                }
            }
        }
        for group in groups {
            if rule.is_alone && group.iter().any(|rows| rows.len() != 1) {
                continue;
            }
            let rows = |side: usize| -> Vec<(usize, &'m Row<'m>)> {
                let left =
                    group[side].iter().filter(|at| self.others[side][plan.part as usize][**at].is_none());
                left.map(|at| (*at, self.sides[side].row((plan.part, *at)))).collect()
            };
            for (before, after) in alike::pairs(watched, &rows(0), &rows(1)) {
                self.others[0][plan.part as usize][before] = Some(after);
                self.others[1][plan.part as usize][after] = Some(before);
            }
        }
    }

    /// Whom else somebody is by an id.
    fn find_also(&mut self, plan: &Plan) {
        for rule in plan.rules.iter().filter(|rule| matches!(rule.keys, [Key::AnyOf(_)])) {
            let known = BOTH.map(|side| {
                let mut known: HashMap<String, usize> = HashMap::new();
                for at in 0..self.others[side][plan.part as usize].len() {
                    if let Some(common) = self.common(side, (plan.part, at)) {
                        let keys = self.keys(side, (plan.part, at), rule);
                        known.extend(keys.into_iter().map(|key| (key, common)));
                    }
                }
                known
            });
            for side in BOTH {
                for at in 0..self.others[side][plan.part as usize].len() {
                    if self.common(side, (plan.part, at)).is_none() {
                        let keys = self.keys(side, (plan.part, at), rule);
                        let common = keys.iter().find_map(|key| known[1 - side].get(key)).copied();
                        self.also[side].extend(common.map(|common| (at, common)));
                    }
                }
            }
        }
    }

    /// What a row is looked for by, under a rule; nothing where it lacks what the rule needs.
    pub fn keys(&self, side: usize, place: Place, rule: &Rule) -> Vec<String> {
        let row = self.sides[side].row(place);
        let mut text = String::new();
        for key in rule.keys {
            if let Key::AnyOf(column) = key {
                return row.texts(*column).map(|id| format!("{text}{id}")).collect();
            }
            let Some(part) = self.key(side, place, row, *key) else { return Vec::new() };
            text += &part;
            text.push('\n');
        }
        vec![text]
    }

    fn key(&self, side: usize, place: Place, row: &Row<'_>, key: Key) -> Option<String> {
        match key {
            Key::Within => match self.sides[side].holder(place) {
                None => Some(String::new()),
                Some(holder) => self.common(side, holder).map(|at| format!("{} {at}", holder.0 as usize)),
            },
            // A source in its stead tells nothing.
            Key::Id => row.text(place.0.table().id?).filter(|id| !id.starts_with('/')).map(str::to_owned),
            Key::AnyOf(_) => None,
            Key::Same(column) => letters(row, column).filter(|text| !text.is_empty()),
            Key::SameOrNone(column) => Some(letters(row, column).unwrap_or_default()),
            Key::At(column) => address::key(row.object(column)?),
            Key::Here => address::key(row),
            Key::Called => Called::of(row).map(|called| called.key),
            Key::All => plans::of(place.0).map(|plan| alike::said(&watched(plan), row)),
            Key::Linked(column, part) => match ids(row, column).first() {
                None => Some(String::new()),
                Some(id) => {
                    let at = self.sides[side].named(part, id)?;
                    self.common(side, (part, at)).map(|at| at.to_string())
                }
            },
        }
    }
}

fn watched(plan: &Plan) -> Vec<&'static Column> {
    plan.part.columns().iter().filter(|column| plan.kind(column.name).is_some()).collect()
}

fn letters(row: &Row<'_>, column: N) -> Option<String> {
    match row.get(column)? {
        Cell::Text(text) => Some(plain(text)),
        Cell::Integer(number) => Some(number.to_string()),
        Cell::Flag(flag) => Some(flag.to_string()),
        _ => None,
    }
}
