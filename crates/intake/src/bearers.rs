//! Who of many a name may mean, as far as it is one.

use std::{collections::HashMap, hash::Hash};

/// One of many, or several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bearer {
    One(usize),
    Several,
}

impl Bearer {
    fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::Several }
    }
}

/// Those who are called so, each with a mark that tells them apart or without one.
#[derive(Debug)]
pub struct Bearers<'c, M>(HashMap<&'c str, OfKey<M>>);

#[derive(Debug)]
struct OfKey<M> {
    all: Bearer,
    by_mark: HashMap<Option<M>, Bearer>,
}

impl<M> Default for Bearers<'_, M> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<'c, M: Copy + Eq + Hash> Bearers<'c, M> {
    /// Adds that `who` is called so.
    pub fn add(&mut self, key: &'c str, mark: Option<M>, who: usize) {
        let who = Bearer::One(who);
        let of_key = self.0.entry(key).or_insert_with(|| OfKey { all: who, by_mark: HashMap::new() });
        of_key.all = of_key.all.and(who);
        let of_mark = of_key.by_mark.entry(mark).or_insert(who);
        *of_mark = of_mark.and(who);
    }

    /// The only one who has the same mark or none; without a mark whoever is called so.
    #[must_use]
    pub fn only(&self, key: &str, mark: Option<M>) -> Option<usize> {
        let of_key = self.0.get(key)?;
        let of = |mark| of_key.by_mark.get(&mark).copied();
        let bearer = match (mark.is_some(), of(None), of(mark)) {
            (false, ..) => Some(of_key.all),
            (true, Some(one), Some(other)) => Some(one.and(other)),
            (true, one, other) => one.or(other),
        };
        if let Bearer::One(who) = bearer? { Some(who) } else { None }
    }

    /// Whether `who` has no mark.
    #[must_use]
    pub fn is_without_mark(&self, key: &str, who: usize) -> bool {
        self.0.get(key).is_some_and(|of_key| of_key.by_mark.get(&None) == Some(&Bearer::One(who)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_counts_where_one_alone_may_be_meant() {
        let mut bearers = Bearers::default();
        let only =
            |bearers: &Bearers<'_, char>| [None, Some('a'), Some('b')].map(|mark| bearers.only("john", mark));
        assert_eq!(only(&bearers), [None, None, None]);
        bearers.add("john", Some('a'), 1);
        bearers.add("john", Some('a'), 1);
        assert_eq!(only(&bearers), [Some(1), Some(1), None]);
        bearers.add("john", Some('b'), 2);
        assert_eq!(only(&bearers), [None, Some(1), Some(2)]);
        bearers.add("john", None, 3);
        assert_eq!(only(&bearers), [None, None, None]);
        assert!(bearers.is_without_mark("john", 3) && !bearers.is_without_mark("john", 1));
    }
}
