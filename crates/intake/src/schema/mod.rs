//! Canopy's schemas as tables: each member once, with what it holds and whether it tells who somebody is.
//!
//! Source: `contract/openapi.json`, section `components.schemas`; a test holds every table against it.

mod commercial;
mod dwelling;
mod life;
mod loss;
mod person;
mod policy;
mod pull;
mod vehicle;

pub use commercial::{COMMERCIAL_NAMED_INSURED, LOCATION, LOCATION_COVERAGE, LOCATION_OPERATION};
pub use dwelling::{DWELLING, DWELLING_COVERAGE, PROPERTY_DATA};
pub use life::{LIFE_POLICY, LIFE_POLICY_BENEFICIARY, LIFE_POLICY_DETAILS, LIFE_POLICY_RIDER};
pub use loss::{CLAIM, DRIVING_RECORD, LOSS_EVENT};
pub use person::{DRIVER, NAMED_INSURED, VEHICLE_DRIVER};
pub use policy::{ADDITIONAL_INTEREST, MORTGAGEE, POLICY, POLICY_FORM, PREMIUM_GROUP};
pub use pull::{ADDRESS, AGENT_INFO, ANSWER_FIELD, ANSWER_SECTION, DOCUMENT, ENVELOPE, PULL};
pub use vehicle::{VEHICLE, VEHICLE_COVERAGE, VEHICLE_COVERAGE_NAMES};

use crate::name::Name;

/// Members that real answers have beside their schema's: they say nothing that the model lacks.
pub const SEEN_BESIDE: &[&str] = &["property_data_fetched", "deleted_at"];

/// One of Canopy's schemas.
#[derive(Debug)]
pub struct Schema {
    /// As the contract calls it.
    pub name: &'static str,
    /// The member that names a row.
    pub id: Option<Name>,
    /// All of them.
    pub members: &'static [Member],
}

impl Schema {
    /// Whether both are the same.
    #[must_use]
    pub fn is(&'static self, other: &'static Self) -> bool {
        std::ptr::eq(self, other)
    }
}

/// A member of a schema, or a column of a table.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// Its name.
    pub name: Name,
    /// What it holds.
    pub kind: Kind,
    /// What it tells.
    pub class: Class,
    /// What answers call it, where that is not its name: the contract's, then others that repeat it.
    pub given: &'static [&'static str],
    /// Whether it is read for the sake of other columns, and is none itself.
    pub is_apart: bool,
}

/// What a member holds.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Text that is not blank; numbers count as their digits.
    Text,
    /// A whole number.
    Integer,
    /// Whole cents.
    Cents,
    /// A number as its digits.
    Decimal,
    /// Yes or no.
    Flag,
    /// A day, `YYYY-MM-DD`; of a time its day.
    Date,
    /// A day that may also come as `MM/DD/YYYY`.
    Birthday,
    /// A point in time, RFC 3339.
    Moment,
    /// One of these words, separated by spaces; as it came beside it.
    Named(&'static str),
    /// Some of these words.
    Names(&'static str),
    /// Texts.
    Texts,
    /// Anything.
    Json,
    /// Anything, which may also come as the text of it.
    Metadata,
    /// An object that is part of its row.
    Object(&'static Schema),
    /// Rows of their own: an array of objects, or one alone.
    Many(&'static Schema),
    /// Not taken, with the reason.
    Left(&'static str),
}

/// Whom or what a value gives away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Nobody.
    Open,
    /// How a person is called and reached, and when and where they live.
    Contact,
    /// A number that others know the person, the policy or the vehicle by.
    Ids,
}

impl Member {
    /// It tells how a person is called or reached.
    #[must_use]
    pub const fn contact(mut self) -> Self {
        self.class = Class::Contact;
        self
    }

    /// It is a number that somebody or something is known by.
    #[must_use]
    pub const fn ids(mut self) -> Self {
        self.class = Class::Ids;
        self
    }

    /// Answers call it so: as the contract does first.
    #[must_use]
    pub const fn given(mut self, names: &'static [&'static str]) -> Self {
        self.given = names;
        self
    }

    /// What the contract calls it.
    #[must_use]
    pub fn contract_name(&self) -> &'static str {
        self.given.first().copied().unwrap_or(self.name.as_str())
    }

    /// It is no column.
    #[must_use]
    pub const fn apart(mut self) -> Self {
        self.is_apart = true;
        self
    }
}

/// One constructor for each kind.
macro_rules! kinds {
    ($($of:ident($($argument:ident: $type:ty)?) $kind:ident;)+) => {$(
        #[doc = concat!("A member that holds [`Kind::", stringify!($kind), "`].")]
        #[must_use]
        pub const fn $of(column: Name $(, $argument: $type)?) -> Member {
            Member { name: column, kind: Kind::$kind $(($argument))?, class: Class::Open, given: &[], is_apart: false }
        }
    )+};
}

kinds! {
    text() Text;
    integer() Integer;
    cents() Cents;
    decimal() Decimal;
    flag() Flag;
    date() Date;
    birthday() Birthday;
    moment() Moment;
    named(words: &'static str) Named;
    names(words: &'static str) Names;
    texts() Texts;
    json() Json;
    metadata() Metadata;
    object(schema: &'static Schema) Object;
    many(schema: &'static Schema) Many;
    left(reason: &'static str) Left;
}

#[cfg(test)]
mod tests;
