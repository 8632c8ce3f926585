//! Leaving out whom a model is about.

use std::borrow::Cow;

use crate::{
    cell::{Cell, Row},
    model::Model,
    schema::{Class, Kind},
    table::{Column, Part},
};

/// Characters of a number that stay.
const KEPT: usize = 4;

/// What stands for what was left out.
pub(crate) const MASK: &str = "••••";

/// What is left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Redact {
    /// Nothing.
    #[default]
    Nothing,
    /// Names, birth dates, streets, phone numbers and e-mail addresses.
    Contact,
    /// Numbers of policies, licences, vehicles, loans, claims and the like: their last four characters stay.
    Ids,
    /// Both.
    All,
}

impl Redact {
    /// The values of `redact=`, and what they leave out.
    pub const NAMES: &[(&str, Self)] = &[("contact", Self::Contact), ("ids", Self::Ids), ("all", Self::All)];

    fn hides(self, class: Class) -> bool {
        match class {
            Class::Open => false,
            Class::Contact => matches!(self, Self::Contact | Self::All),
            Class::Ids => matches!(self, Self::Ids | Self::All),
        }
    }

    /// Leaves it out of each row.
    pub fn apply(self, model: &mut Model<'_>) {
        if self == Self::Nothing {
            return;
        }
        for part in Part::ALL {
            model.part_mut(*part).iter_mut().for_each(|row| self.row(row, part.columns()));
        }
    }

    /// Leaves it out of one row.
    pub(crate) fn row(self, row: &mut Row<'_>, columns: &[Column]) {
        for column in columns {
            let Some(cell) = row.get_mut(column.name) else { continue };
            let is_hidden = self.hides(column.class);
            match cell {
                Cell::Object(inner) => self.row(inner, &column.columns),
                // What nobody knows the content of may hold anything.
                Cell::Text(text) if matches!(column.kind, Kind::Named(_)) && column.word(text).is_none() => {
                    row.set(column.name, None);
                }
                Cell::Texts(texts) if matches!(column.kind, Kind::Names(_)) => {
                    texts.retain(|text| column.word(text).is_some());
                }
                Cell::Json(_) => row.set(column.name, None),
                _ if !is_hidden => {}
                Cell::Text(_) if matches!(column.kind, Kind::Birthday) => row.set(column.name, None),
                Cell::Text(text) => *text = Cow::Owned(mask(text, column.class)),
                Cell::Texts(texts) => {
                    texts.iter_mut().for_each(|text| *text = Cow::Owned(mask(text, column.class)))
                }
                Cell::Flag(_) | Cell::Integer(_) | Cell::Rows(_) => {}
            }
        }
    }
}

/// A number's last characters, where there are more; of a name or an address nothing.
fn mask(text: &str, class: Class) -> String {
    let letters: Vec<char> = text.chars().filter(|letter| letter.is_alphanumeric()).collect();
    let digits = letters.iter().filter(|letter| letter.is_ascii_digit()).count();
    let is_number = class == Class::Ids || digits * 2 > letters.len();
    if !is_number || letters.len() <= KEPT * 2 {
        return MASK.to_owned();
    }
    let end: String = letters[letters.len() - KEPT..].iter().collect();
    format!("{MASK}{end}")
}
