//! What evaluating an expression would take, worked out on what it would be given: an expression of a few bytes can ask for more memory than
//! there is. It is walked as the evaluation walks it, with the weight of each value in the value's place.

use cel::{
    IdedExpr,
    common::ast::{ComprehensionExpr, EntryExpr, Expr, LiteralValue, operators},
};
use serde_json::Value as Json;

use super::{
    functions::{self, Growth},
    scope::{Fault, MAX_WORK, Scope},
};

/// Weight of a value beside its bytes.
const NODE: u64 = 16;

/// What is known of a value.
#[derive(Clone)]
enum Bound<'v> {
    Known(&'v Json),
    /// A list that the expression makes, and what it weighs.
    List(Vec<Self>, u64),
    /// Anything of at most this weight.
    Weight(u64),
}

const SMALL: Bound<'static> = Bound::Weight(NODE);

/// What a list or a map literal, or one of a loop's results, has room for.
struct Walk<'s, 'v> {
    scope: &'s Scope<'v>,
    names: Vec<(&'s str, Bound<'v>)>,
    left: u64,
}

/// Refuses what would take more than [`MAX_WORK`].
pub fn check(expression: &IdedExpr, scope: &Scope<'_>) -> Result<(), Fault> {
    let mut walk = Walk { scope, names: Vec::new(), left: MAX_WORK };
    walk.bound(expression).map(drop)
}

/// The weight of a value; `None` where it is more than `most`, as far as which it is looked at.
fn weight(json: &Json, most: u64) -> Option<u64> {
    let mut sum = NODE;
    let mut add = |more: Option<u64>| {
        sum = sum.checked_add(more?).filter(|sum| *sum <= most)?;
        Some(sum)
    };
    match json {
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
        Json::String(text) => drop(add(Some(text.len() as u64))?),
        Json::Array(items) => {
            for item in items {
                add(weight(item, most))?;
            }
        }
        Json::Object(members) => {
            for (name, it) in members {
                add(Some(name.len() as u64))?;
                add(weight(it, most))?;
            }
        }
    }
    Some(sum)
}

impl<'v> Bound<'v> {
    fn member(&self, name: &str) -> Self {
        match self {
            Self::Known(Json::Object(members)) => members.get(name).map_or(SMALL, Self::Known),
            Self::Known(_) | Self::List(..) => SMALL,
            Self::Weight(_) => self.clone(),
        }
    }

    /// As a list that others may be put behind.
    fn into_items(self) -> Result<Vec<Self>, Self> {
        match self {
            Self::List(items, _) => Ok(items),
            Self::Known(Json::Array(items)) => Ok(items.iter().map(Self::Known).collect()),
            other => Err(other),
        }
    }
}

impl<'s, 'v> Walk<'s, 'v> {
    fn spend(&mut self, work: u64) -> Result<(), Fault> {
        self.left = self.left.checked_sub(work).ok_or(Fault::Work)?;
        Ok(())
    }

    /// The weight of a value. Looking at it is work, too.
    fn weigh(&mut self, bound: &Bound<'v>) -> Result<u64, Fault> {
        match bound {
            Bound::List(_, weight) | Bound::Weight(weight) => Ok(*weight),
            Bound::Known(json) => {
                let weight = weight(json, self.left).ok_or(Fault::Work)?;
                self.spend(weight)?;
                Ok(weight)
            }
        }
    }

    fn weigh_all(&mut self, bounds: &[Bound<'v>]) -> Result<Vec<u64>, Fault> {
        bounds.iter().map(|bound| self.weigh(bound)).collect()
    }

    /// The heaviest of some that it may be; a small one where there is none.
    fn heaviest(&mut self, bounds: Vec<Bound<'v>>) -> Result<Bound<'v>, Fault> {
        let weights = self.weigh_all(&bounds)?;
        let heaviest = bounds.into_iter().zip(weights).max_by_key(|(_, weight)| *weight);
        Ok(heaviest.map_or(SMALL, |(bound, _)| bound))
    }

    /// Of the elements of a list or a map, the heaviest.
    fn heaviest_within(&mut self, of: Bound<'v>) -> Result<Bound<'v>, Fault> {
        match of {
            Bound::Weight(_) => Ok(of),
            Bound::Known(Json::Object(members)) => {
                self.heaviest(members.values().map(Bound::Known).collect())
            }
            other => {
                let items = other.into_items().unwrap_or_default();
                self.heaviest(items)
            }
        }
    }

    /// A list of these.
    fn list(&mut self, items: Vec<Bound<'v>>) -> Result<Bound<'v>, Fault> {
        let weight = self.weigh_all(&items)?.into_iter().fold(NODE, u64::saturating_add);
        self.spend(weight)?;
        Ok(Bound::List(items, weight))
    }

    fn bound(&mut self, part: &'s IdedExpr) -> Result<Bound<'v>, Fault> {
        self.spend(NODE)?;
        match &part.expr {
            Expr::Unspecified | Expr::Struct(_) => Ok(SMALL),
            Expr::Ident(name) => {
                let local = self.names.iter().rev().find(|(known, _)| known == name);
                let known = || self.scope.find(name).map_or(SMALL, Bound::Known);
                Ok(local.map_or_else(known, |(_, bound)| bound.clone()))
            }
            Expr::Literal(LiteralValue::String(text)) => Ok(Bound::Weight(NODE + text.inner().len() as u64)),
            Expr::Literal(LiteralValue::Bytes(bytes)) => Ok(Bound::Weight(NODE + bytes.inner().len() as u64)),
            Expr::Literal(_) => Ok(SMALL),
            Expr::Select(select) => {
                let of = self.bound(&select.operand)?;
                Ok(if select.test { SMALL } else { of.member(&select.field) })
            }
            Expr::List(list) => {
                let items =
                    list.elements.iter().map(|element| self.bound(element)).collect::<Result<_, _>>()?;
                self.list(items)
            }
            Expr::Map(map) => {
                let mut weight = NODE;
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        for part in [&entry.key, &entry.value] {
                            let bound = self.bound(part)?;
                            weight = weight.saturating_add(self.weigh(&bound)?);
                        }
                    }
                }
                self.spend(weight)?;
                Ok(Bound::Weight(weight))
            }
            Expr::Call(call) => {
                let of = call.target.iter().map(|target| &**target).chain(&call.args);
                let arguments = of.map(|argument| self.bound(argument)).collect::<Result<Vec<_>, _>>()?;
                self.call(&call.func_name, &call.args, arguments)
            }
            Expr::Comprehension(looped) => self.comprehension(looped),
        }
    }

    fn call(
        &mut self,
        name: &str,
        written: &[IdedExpr],
        arguments: Vec<Bound<'v>>,
    ) -> Result<Bound<'v>, Fault> {
        let mut arguments = arguments.into_iter();
        let mut next = || arguments.next().unwrap_or(SMALL);
        match name {
            operators::CONDITIONAL => {
                next();
                let either = vec![next(), next()];
                self.heaviest(either)
            }
            operators::ADD => match (next().into_items(), next().into_items()) {
                (Ok(mut items), Ok(more)) => {
                    items.extend(more);
                    self.list(items)
                }
                (one, other) => {
                    let mut sum = 0_u64;
                    for part in [one, other] {
                        let bounds = part.unwrap_or_else(|bound| vec![bound]);
                        let weights = self.weigh_all(&bounds)?;
                        sum = weights.into_iter().fold(sum.saturating_add(NODE), u64::saturating_add);
                    }
                    self.spend(sum)?;
                    Ok(Bound::Weight(sum))
                }
            },
            _ if functions::is_selection(name) => {
                let of = next();
                match written.get(1).and_then(functions::literal_text) {
                    Some(name) => Ok(of.member(name)),
                    None => self.heaviest_within(of),
                }
            }
            _ => {
                let arguments: Vec<_> = arguments.collect();
                let weights = self.weigh_all(&arguments)?.into_iter();
                let (weight, work) = match functions::growth(name) {
                    Growth::Small => (NODE, weights.fold(0, u64::saturating_add)),
                    Growth::Heaviest => (weights.max().unwrap_or(NODE), 0),
                    Growth::Times(times) => {
                        let grown = weights.fold(0, u64::saturating_add).saturating_mul(times);
                        (grown, grown)
                    }
                    Growth::Product => {
                        let grown = weights.fold(1, u64::saturating_mul);
                        (grown, grown)
                    }
                };
                self.spend(work)?;
                Ok(Bound::Weight(weight))
            }
        }
    }

    /// A loop. Its step puts at most a few elements behind what there is, or says yes or no: what it gives is what all its steps give to nothing.
    fn comprehension(&mut self, looped: &'s ComprehensionExpr) -> Result<Bound<'v>, Fault> {
        let range = self.bound(&looped.iter_range)?;
        let is_list = matches!(&looped.accu_init.expr, Expr::List(_));
        let begin = if is_list { Bound::List(Vec::new(), NODE) } else { SMALL };
        let depth = self.names.len();
        let mut given = Vec::new();
        let step = |walk: &mut Self, element: Bound<'v>| {
            walk.names.push((&looped.accu_var, begin.clone()));
            walk.names.push((&looped.iter_var, element.clone()));
            walk.names.extend(looped.iter_var2.as_deref().map(|name| (name, element)));
            walk.bound(&looped.loop_cond)?;
            let gives = walk.bound(&looped.loop_step);
            walk.names.truncate(depth);
            gives
        };
        match range {
            Bound::Known(Json::Object(members)) => {
                for (name, _) in members {
                    let key = Bound::Weight(NODE + name.len() as u64);
                    given.push(step(self, key)?);
                }
            }
            Bound::Weight(weight) => {
                let (before, times) = (self.left, weight / NODE);
                let gives = step(self, Bound::Weight(weight))?;
                self.spend((before - self.left).saturating_mul(times.saturating_sub(1)))?;
                let all = self.weigh(&gives)?.saturating_mul(times).max(NODE);
                return Ok(if is_list { Bound::Weight(all) } else { SMALL });
            }
            other => {
                for element in other.into_items().unwrap_or_default() {
                    given.push(step(self, element)?);
                }
            }
        }
        if !is_list {
            return Ok(SMALL);
        }
        self.list(given.into_iter().flat_map(|gives| gives.into_items().unwrap_or_default()).collect())
    }
}
