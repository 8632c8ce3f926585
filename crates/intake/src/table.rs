//! The model's tables: what columns each has, and whence.

use std::{collections::BTreeSet, sync::LazyLock};

use crate::{
    name::Name,
    schema::{Class, Kind, Member, Schema},
};

/// A table: rows of the schemas that it takes, with what they stand in and what is worked out.
#[derive(Debug)]
pub struct Table {
    /// Its part.
    pub part: Part,
    /// What its rows are.
    pub about: &'static str,
    /// The column that names a row, where rows are named.
    pub id: Option<Name>,
    /// The rows that each row stands in, by their name.
    pub links: &'static [Name],
    /// The schemas whose members it has.
    pub schemas: &'static [&'static Schema],
    /// Members of theirs that it has not.
    pub except: &'static [Name],
    /// What is worked out.
    pub made: &'static [Member],
}

/// One column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: Name,
    /// What it holds.
    pub kind: Kind,
    /// Whom it gives away.
    pub class: Class,
    /// Lists of words, of [`Kind::Named`] and [`Kind::Names`].
    pub words: Vec<&'static str>,
    /// Of [`Kind::Object`].
    pub columns: Vec<Column>,
}

impl Column {
    fn of(member: &Member) -> Self {
        Self {
            name: member.name,
            kind: member.kind,
            class: member.class,
            words: if let Kind::Named(words) | Kind::Names(words) = member.kind {
                vec![words]
            } else {
                Vec::new()
            },
            columns: if let Kind::Object(schema) = member.kind { columns(schema, &[]) } else { Vec::new() },
        }
    }

    /// The word of the contract that `text` is.
    #[must_use]
    pub fn word(&self, text: &str) -> Option<&'static str> {
        self.words.iter().find_map(|words| crate::scalar::word(words, text))
    }
}

/// The columns that a schema's members are.
fn columns(schema: &Schema, except: &[Name]) -> Vec<Column> {
    let is_column = |member: &&Member| {
        !member.is_apart
            && !except.contains(&member.name)
            && !matches!(member.kind, Kind::Many(_) | Kind::Left(_))
    };
    schema.members.iter().filter(is_column).map(Column::of).collect()
}

impl Table {
    fn columns(&self) -> Vec<Column> {
        let id = |column: &Name| Column::of(&crate::schema::text(*column));
        let mut all: Vec<Column> = self.id.iter().chain(self.links).map(id).collect();
        let ids = self.schemas.iter().filter_map(|schema| schema.id);
        let renamed: Vec<Name> = if self.id.is_some() { ids.collect() } else { Vec::new() };
        let members = self.schemas.iter().flat_map(|schema| columns(schema, self.except));
        let made = self.made.iter().map(Column::of);
        for column in members.chain(made).chain([id(&Name::source)]) {
            match all.iter_mut().find(|other| other.name == column.name) {
                Some(other) => other.words.extend(column.words),
                None if renamed.contains(&column.name) => {}
                None => all.push(column),
            }
        }
        all
    }
}

macro_rules! parts {
    ($($(#[$doc:meta])* $part:ident = $name:literal,)+) => {
        /// A part of the model.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Part { $($(#[$doc])* $part,)+ }

        impl Part {
            /// All, in the order in which they are given.
            pub const ALL: &[Self] = &[$(Self::$part,)+];

            /// What it is called.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                [$($name,)+][self as usize]
            }
        }
    };
}

parts! {
    /// The pull itself: one row.
    Pull = "pull",
    /// The person that shared it: one row.
    Contact = "contact",
    /// Each person once.
    People = "people",
    /// Policies.
    Policies = "policies",
    /// Who is insured by which policy.
    Insureds = "insureds",
    /// Vehicles.
    Vehicles = "vehicles",
    /// Who drives which vehicle.
    Drivers = "drivers",
    /// Dwellings.
    Dwellings = "dwellings",
    /// Locations of businesses.
    Locations = "locations",
    /// What is done at a location.
    Operations = "operations",
    /// Coverages of vehicles, dwellings and locations.
    Coverages = "coverages",
    /// Limits that all vehicles of a policy share.
    SharedLimits = "shared_limits",
    /// Mortgagees.
    Mortgagees = "mortgagees",
    /// Additional interests.
    Interests = "interests",
    /// Forms and endorsements.
    Forms = "forms",
    /// Coverages that are priced together.
    PremiumGroups = "premium_groups",
    /// Life policies.
    Life = "life",
    /// Their riders.
    Riders = "riders",
    /// Their beneficiaries.
    Beneficiaries = "beneficiaries",
    /// Claims.
    Claims = "claims",
    /// Losses of businesses.
    LossEvents = "loss_events",
    /// Accidents and violations.
    DrivingRecords = "driving_records",
    /// Documents.
    Documents = "documents",
    /// Agents.
    Agents = "agents",
    /// Addresses beside those that stand where they belong.
    Addresses = "addresses",
    /// What the consumer answered.
    Answers = "answers",
}

impl Part {
    /// Whether it is one row, and not a list of them.
    #[must_use]
    pub fn is_single(self) -> bool {
        matches!(self, Self::Pull | Self::Contact)
    }

    /// The part that is called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|part| part.as_str() == name)
    }

    /// Its table.
    #[must_use]
    pub fn table(self) -> &'static Table {
        &crate::tables::TABLES[self as usize]
    }

    /// Whether it has this column.
    #[must_use]
    pub fn has(self, column: Name) -> bool {
        static HELD: LazyLock<Vec<BTreeSet<Name>>> = LazyLock::new(|| {
            let names = |part: &Part| part.columns().iter().map(|column| column.name).collect();
            Part::ALL.iter().map(names).collect()
        });
        HELD[self as usize].contains(&column)
    }

    /// Its columns.
    #[must_use]
    pub fn columns(self) -> &'static [Column] {
        static COLUMNS: LazyLock<Vec<Vec<Column>>> =
            LazyLock::new(|| crate::tables::TABLES.iter().map(Table::columns).collect());
        &COLUMNS[self as usize]
    }
}
