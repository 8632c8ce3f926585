//! The list made ready once, to be searched at each key.

use super::{
    abbreviation,
    aliases::Aliases,
    query::Query,
    rank::{Fit, Rank},
    spelling::Spelling,
};

/// An alias is not told by less than so many letters of its beginning.
const LEAST_OF_ALIAS: usize = 3;

/// The companies of a list, by all their names.
#[derive(Debug)]
pub struct Directory {
    companies: Vec<Company>,
}

#[derive(Debug)]
struct Company {
    /// `None` where no word is in it.
    name: Option<Spelling>,
    others: Vec<Spelling>,
}

impl Directory {
    /// Of companies by name and homepage, in the order of the list. A homepage may be empty.
    pub fn new<'a>(companies: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let aliases = Aliases::read();
        let companies = companies.into_iter().map(|(name, homepage)| {
            let name = Spelling::new(name);
            let mut others = Vec::new();
            if let Some(name) = &name {
                others.extend(aliases.of(name).filter_map(Spelling::new).chain(Spelling::new(homepage)));
            }
            Company { name, others }
        });
        Self { companies: companies.collect() }
    }

    /// Positions in the list of the companies that `typed` finds, the best first, at most `most`. Nothing typed finds all, in the
    /// list's order. Companies that only fit with typos are found when no other is.
    #[must_use]
    pub fn find(&self, typed: &str, most: usize) -> Vec<usize> {
        let Some(query) = Query::new(typed) else { return (0..self.companies.len()).take(most).collect() };
        let mut found = self.ranked(&query, false);
        if found.is_empty() && query.says_something {
            found = self.ranked(&query, true);
        }
        found.into_iter().map(|(_, position)| position).take(most).collect()
    }

    /// The companies that fit, in order.
    fn ranked(&self, query: &Query, typos: bool) -> Vec<(Rank, usize)> {
        let short = if typos { None } else { self.short_for(query) };
        let mut found = Vec::new();
        for (position, company) in self.companies.iter().enumerate() {
            let rank = if typos { company.fit_nearly(query) } else { company.fit(query) };
            let short = (short == Some(position)).then(|| Rank::new(Fit::Alias, 0, 0, 0));
            if let Some(rank) = rank.map_or(short, |rank| rank.or(short)) {
                let place = found.partition_point(|other| *other < (rank, position));
                found.insert(place, (rank, position));
            }
        }
        found
    }

    /// The company for whose name it is short, if there is only one.
    fn short_for(&self, query: &Query) -> Option<usize> {
        let is_short = |company: &Company| {
            let words = company.name.as_ref().map(Spelling::words).unwrap_or_default();
            query.forms.iter().any(|form| abbreviation::is_short_for(&form.word, words))
        };
        let mut all = (0..self.companies.len()).filter(|position| is_short(&self.companies[*position]));
        all.next().filter(|_| all.next().is_none())
    }
}

impl Company {
    fn fit(&self, query: &Query) -> Option<Rank> {
        let mut best = self.name.as_ref()?.fit(query);
        let says_much = query.forms.iter().all(|form| form.word.length() >= LEAST_OF_ALIAS);
        for rank in self.others.iter().filter_map(|other| other.fit(query)) {
            if says_much || rank.is_exact() {
                best = rank.of_alias().or(best);
            }
        }
        best
    }

    fn fit_nearly(&self, query: &Query) -> Option<Rank> {
        let name = self.name.as_ref()?;
        let mut best = name.fit_within(query);
        for spelling in self.others.iter().chain([name]) {
            if let Some(rank) = spelling.fit_nearly(query) {
                best = rank.or(best);
            }
        }
        best
    }
}
