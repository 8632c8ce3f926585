//! Whether a vehicle's liability limits suffice, be they split or single.

use crate::{
    cell::Row,
    gaps::cover::{Cover, Limit},
    money::dollars,
};

/// Coverages of bodily injury liability.
pub const BODILY: &[&str] = &["BODILY_INJURY_LIABILITY OPTIONAL_BODILY_INJURY_LIABILITY"];
/// Coverages of property damage liability.
pub const PROPERTY: &[&str] = &["PROPERTY_DAMAGE_LIABILITY"];
/// Coverages of both with one limit.
pub const SINGLE: &[&str] = &["SINGLE_LIMIT_LIABILITY COMBINED_SINGLE_LIMIT"];

/// What limits are to be at least, in cents.
#[derive(Debug, Clone, Copy)]
pub struct Bar {
    /// Bodily injury, per person.
    pub per_person: i64,
    /// Bodily injury, per accident.
    pub per_incident: i64,
    /// Property damage.
    pub property: i64,
    /// One limit for both.
    pub single: i64,
    /// Whether bodily injury liability has to be there.
    pub asks_bodily: bool,
    /// Whether property damage liability has to be there.
    pub asks_property: bool,
}

/// How limits compare.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Measured {
    /// What is lower, as parts of a sentence.
    pub lower: Vec<String>,
    /// Coverages whose limits are not said.
    pub unsaid: Vec<&'static str>,
}

/// A vehicle's liability coverages.
#[derive(Debug)]
pub struct Liability<'m> {
    bodily: Cover<'m>,
    property: Cover<'m>,
    single: Cover<'m>,
}

impl<'m> Liability<'m> {
    /// Those among `coverages`.
    pub fn of(coverages: &[&'m Row<'m>]) -> Self {
        let of = |names| Cover::of(coverages, names);
        Self { bodily: of(BODILY), property: of(PROPERTY), single: of(SINGLE) }
    }

    /// Whether there is any, paying or declined.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        self.rows().next().is_some()
    }

    /// The rows.
    pub fn rows(&self) -> impl Iterator<Item = &'m Row<'m>> {
        [self.single, self.bodily, self.property].into_iter().filter_map(Cover::row)
    }

    /// How they compare with `bar`. A single limit decides alone where it is said, or nothing else is there.
    pub fn measure(&self, bar: &Bar) -> Measured {
        let mut measured = Measured::default();
        let is_split = self.bodily.row().or(self.property.row()).is_some();
        if let Cover::Given(row) = self.single
            && (Limit::of(row).most().is_some() || !is_split)
        {
            measured.total(
                "the combined single limit",
                "COMBINED_SINGLE_LIMIT",
                Limit::of(row).most(),
                bar.single,
            );
            return measured;
        }
        match self.bodily {
            Cover::Given(row) => measured.bodily(Limit::of(row), bar),
            Cover::Declined(_) if bar.asks_bodily => {
                measured.lower.push("bodily injury liability is declined".to_owned());
            }
            Cover::NotListed if bar.asks_bodily => measured.unsaid.push("BODILY_INJURY_LIABILITY"),
            _ => {}
        }
        match self.property {
            Cover::Given(row) => {
                let limit = Limit::of(row).most();
                measured.total("property damage liability", "PROPERTY_DAMAGE_LIABILITY", limit, bar.property);
            }
            Cover::Declined(_) if bar.asks_property => {
                measured.lower.push("property damage liability is declined".to_owned());
            }
            Cover::NotListed if bar.asks_property => measured.unsaid.push("PROPERTY_DAMAGE_LIABILITY"),
            _ => {}
        }
        measured
    }
}

impl Measured {
    fn total(&mut self, what: &str, coverage: &'static str, limit: Option<i64>, least: i64) {
        match limit {
            Some(limit) if limit < least => {
                self.lower.push(format!("{what} is {}, below {}", dollars(limit), dollars(least)));
            }
            Some(_) => {}
            None => self.unsaid.push(coverage),
        }
    }

    fn bodily(&mut self, limit: Limit, bar: &Bar) {
        let whats = [
            ("per person", limit.per_person, bar.per_person),
            ("per accident", limit.per_incident, bar.per_incident),
        ];
        let lower = whats.iter().filter_map(|(what, limit, least)| {
            let limit = limit.filter(|limit| limit < least)?;
            Some(format!("{} {what}, below {}", dollars(limit), dollars(*least)))
        });
        let lower: Vec<String> = lower.collect();
        if !lower.is_empty() {
            self.lower.push(format!("bodily injury liability is {}", lower.join(", and ")));
        } else if limit.per_incident.or(limit.per_person.filter(|limit| *limit >= bar.per_incident)).is_none()
        {
            // One limit per accident needs none per person; one per person alone says nothing of an accident.
            self.unsaid.push("BODILY_INJURY_LIABILITY");
        }
    }
}
