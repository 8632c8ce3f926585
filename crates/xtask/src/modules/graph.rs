//! Who imports whom, and where that comes back.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

/// One module uses another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    pub from: String,
    pub to: String,
    /// File and line.
    pub at: String,
}

/// Imports, each beginning where the one before leads to, the last leading back.
#[derive(Debug, PartialEq, Eq)]
pub struct Cycle(Vec<Import>);

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for import in &self.0 {
            write!(f, "{} → ", import.from)?;
        }
        writeln!(f, "{}", self.0[0].from)?;
        for Import { from, to, at } in &self.0 {
            writeln!(f, "    {from} uses {to}: {at}")?;
        }
        Ok(())
    }
}

/// Cycles, shortest first: each import that takes part in any takes part in one of these.
pub fn cycles(imports: &[Import]) -> Vec<Cycle> {
    let mut leaving: BTreeMap<&str, BTreeMap<&str, &Import>> = BTreeMap::new();
    for import in imports.iter().filter(|import| import.from != import.to) {
        leaving.entry(&import.from).or_default().entry(&import.to).or_insert(import);
    }
    let mut known = BTreeSet::new();
    let mut cycles = Vec::new();
    for import in leaving.values().flat_map(BTreeMap::values) {
        let Some(mut way) = shortest_way(&leaving, &import.to, &import.from) else { continue };
        way.insert(0, import);
        let first = (0..way.len()).min_by_key(|at| &way[*at].from).unwrap_or(0);
        way.rotate_left(first);
        if known.insert(way.iter().map(|import| &import.from).collect::<Vec<_>>()) {
            cycles.push(Cycle(way.into_iter().cloned().collect()));
        }
    }
    cycles.sort_by_key(|cycle| cycle.0.len());
    cycles
}

fn shortest_way<'i>(
    leaving: &BTreeMap<&str, BTreeMap<&str, &'i Import>>,
    from: &str,
    to: &str,
) -> Option<Vec<&'i Import>> {
    let mut arrived: BTreeMap<&str, Option<&'i Import>> = BTreeMap::from([(from, None)]);
    let mut waiting = VecDeque::from([from]);
    while let Some(at) = waiting.pop_front() {
        if at == to {
            let mut way = Vec::new();
            let mut at = to;
            while let Some(import) = arrived[at] {
                way.insert(0, import);
                at = &import.from;
            }
            return Some(way);
        }
        for import in leaving.get(at).into_iter().flat_map(BTreeMap::values) {
            if !arrived.contains_key(import.to.as_str()) {
                arrived.insert(&import.to, Some(import));
                waiting.push_back(&import.to);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(arrows: &[(&str, &str)]) -> Vec<String> {
        let import = |(from, to): &(&str, &str)| Import {
            from: (*from).to_owned(),
            to: (*to).to_owned(),
            at: format!("{from}.rs:1"),
        };
        let imports: Vec<Import> = arrows.iter().map(import).collect();
        cycles(&imports).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_module_that_comes_back_to_itself_is_told_with_each_import_on_the_way() {
        let cycle = "a → b → a\n    a uses b: a.rs:1\n    b uses a: b.rs:1\n";
        assert_eq!(found(&[("a", "b"), ("b", "a"), ("b", "c")]), [cycle]);
        let longer = found(&[("c", "a"), ("a", "b"), ("b", "c")]);
        assert_eq!(longer.len(), 1);
        assert!(longer[0].starts_with("a → b → c → a\n"), "{longer:?}");
    }

    #[test]
    fn two_cycles_through_one_module_are_both_told() {
        let both = found(&[("a", "b"), ("b", "a"), ("a", "c"), ("c", "d"), ("d", "a")]);
        assert_eq!(both.len(), 2);
        assert!(both[1].starts_with("a → c → d → a"), "{both:?}");
    }

    #[test]
    fn what_only_leads_downwards_is_no_cycle() {
        assert!(found(&[("a", "b"), ("a", "c"), ("b", "c"), ("a", "a")]).is_empty());
    }
}
