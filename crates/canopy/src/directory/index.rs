//! The list made ready once, to be searched at each key.

use super::{
    abbreviation, aliases,
    query::Query,
    rank::{Fit, Rank},
    spelling::Spelling,
};

/// An alias is not told by less than so many letters of its beginning.
const LEAST_OF_ALIAS: usize = 3;

/// The companies of a list, by all their names.
#[derive(Debug)]
pub struct Directory {
    companies: Vec<Vec<Spelling>>,
}

impl Directory {
    /// Of companies by name and homepage, in the order of the list. A homepage may be empty.
    pub fn new<'a>(companies: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self { companies: companies.into_iter().map(|(name, homepage)| spellings(name, homepage)).collect() }
    }

    /// Positions in the list of the companies that `typed` finds, the best first, at most `most`. Nothing typed finds all, in the
    /// list's order. Companies that only fit with typos are found when no other is.
    #[must_use]
    pub fn find(&self, typed: &str, most: usize) -> Vec<usize> {
        let Some(query) = Query::new(typed) else { return (0..self.companies.len()).take(most).collect() };
        let mut found = self.ranked(|names| fit(names, &query));
        if let [position] = self.short_for(&query)[..] {
            found.push((Rank { fit: Fit::Alias, edits: 0, dropped: 0, rest: 0 }, position));
        }
        if found.is_empty() && query.says_something {
            found = self.ranked(|names| fit_nearly(names, &query));
        }
        found.sort_unstable();
        let mut positions: Vec<usize> = Vec::new();
        for (_, position) in found {
            if positions.len() < most && !positions.contains(&position) {
                positions.push(position);
            }
        }
        positions
    }

    fn ranked(&self, rank: impl Fn(&[Spelling]) -> Option<Rank>) -> Vec<(Rank, usize)> {
        let all = self.companies.iter().enumerate();
        all.filter_map(|(position, names)| Some((rank(names)?, position))).collect()
    }

    /// The companies whose name it may be short for.
    fn short_for(&self, query: &Query) -> Vec<usize> {
        let is_short = |names: &[Spelling]| {
            let words = names.first().map(Spelling::words).unwrap_or_default();
            query.forms.iter().any(|form| abbreviation::is_short_for(&form.word, words))
        };
        let all = self.companies.iter().enumerate();
        all.filter(|(_, names)| is_short(names)).map(|(position, _)| position).collect()
    }
}

/// The company's name, then its others.
fn spellings(name: &str, homepage: &str) -> Vec<Spelling> {
    let mut names: Vec<Spelling> = Spelling::new(name).into_iter().collect();
    let Some(name) = names.first() else { return names };
    let others: Vec<Spelling> =
        aliases::of(name).filter_map(Spelling::new).chain(Spelling::new(homepage)).collect();
    for other in others {
        if names.iter().all(|name| name.joined() != other.joined()) {
            names.push(other);
        }
    }
    names
}

/// How the best of a company's names fits.
fn fit(names: &[Spelling], query: &Query) -> Option<Rank> {
    let of_others = || {
        let of_others = names.iter().skip(1).filter_map(|name| name.fit(query));
        let says_much = query.forms.iter().all(|form| form.word.length >= LEAST_OF_ALIAS);
        let alias = of_others.filter(|rank| says_much || rank.fit == Fit::Exact).min()?;
        Some(Rank { fit: Fit::Alias, edits: alias.fit as usize, ..alias })
    };
    names.first()?.fit(query).or_else(of_others)
}

fn fit_nearly(names: &[Spelling], query: &Query) -> Option<Rank> {
    let (name, others) = names.split_first()?;
    let of_others = others.iter().filter_map(|name| {
        let rank = name.fit_nearly(query)?;
        Some(Rank { rest: rank.rest + 1, ..rank })
    });
    name.fit_nearly(query).into_iter().chain(of_others).chain(name.fit_within(query)).min()
}
