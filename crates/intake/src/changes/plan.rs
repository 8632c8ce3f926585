//! What is compared of a part: how a row is found again in the other model, and which columns are watched.

use super::kind::ChangeKind;
use crate::{name::Name, table::Part};

/// How the rows of a part are compared.
#[derive(Debug)]
pub struct Plan {
    /// The part.
    pub part: Part,
    /// How a row is found again: by the first of these, then those that are left by the next.
    pub rules: &'static [Rule],
    /// A row that only the newer model has.
    pub added: Option<ChangeKind>,
    /// The same where this flag is set.
    pub added_where: Option<(Name, ChangeKind)>,
    /// A row that only the older model has.
    pub removed: Option<ChangeKind>,
    /// Columns that are watched, by the change that each gives.
    pub watched: &'static [(ChangeKind, &'static [Name])],
    /// Columns that name rows of another part: they change where these are not each other's.
    pub links: &'static [(Name, Part)],
    /// What a link gives that changed.
    pub relinked: Option<ChangeKind>,
    /// Flags that say what happened by what they became: set, and not set.
    pub turned: &'static [(Name, ChangeKind, ChangeKind)],
    /// Columns that are not named apart where this flag turned, too.
    pub told_by: &'static [(Name, Name)],
    /// The flag of rows that count as not there.
    pub gone: Option<Name>,
    /// Whether a row says only what it links: then one that says the same as another is no row that came or went.
    pub is_link: bool,
    /// Whether a row changes as a whole, and not column by column.
    pub is_whole: bool,
}

/// A way to find a row again: by what has the same under all keys.
#[derive(Debug)]
pub struct Rule {
    /// What must be the same. A row that lacks one is not looked for so.
    pub keys: &'static [Key],
    /// Whether it counts only where each model has one such row, however it was found.
    pub is_alone: bool,
}

/// What rows have in common.
#[derive(Debug, Clone, Copy)]
pub enum Key {
    /// What they stand in.
    Within,
    /// Canopy's id.
    Id,
    /// One of several ids; only as the last key.
    AnyOf(Name),
    /// The same letters and digits.
    Same(Name),
    /// The same letters and digits, or neither any.
    SameOrNone(Name),
    /// Where an address is: house, street, unit and ZIP code.
    At(Name),
    /// The same, of a row that is an address.
    Here,
    /// What a person is called.
    Called,
    /// Rows of that part that are each other's, or neither any.
    Linked(Name, Part),
    /// All that is watched.
    All,
}

impl Rule {
    /// Rows that have the same under all keys; of several each with the one that is most like it.
    pub const fn each(keys: &'static [Key]) -> Self {
        Self { keys, is_alone: false }
    }

    /// The only row of each model that has the same under all keys.
    pub const fn alone(keys: &'static [Key]) -> Self {
        Self { keys, is_alone: true }
    }
}

impl Plan {
    /// One that compares nothing.
    pub const PLAIN: Self = Self {
        part: Part::Pull,
        rules: &[],
        added: None,
        added_where: None,
        removed: None,
        watched: &[],
        links: &[],
        relinked: None,
        turned: &[],
        told_by: &[],
        gone: None,
        is_link: false,
        is_whole: false,
    };

    /// What a change of `column` gives, where it is watched.
    #[must_use]
    pub fn kind(&self, column: Name) -> Option<ChangeKind> {
        let turned = self.turned.iter().find(|(its, ..)| *its == column).map(|(_, on, _)| *on);
        let watched = self.watched.iter().find(|(_, columns)| columns.contains(&column));
        turned.or_else(|| watched.map(|(kind, _)| *kind)).or_else(|| self.link(column).and(self.relinked))
    }

    /// The part whose rows `column` names.
    #[must_use]
    pub fn link(&self, column: Name) -> Option<Part> {
        self.links.iter().find(|(its, _)| *its == column).map(|(_, part)| *part)
    }
}
