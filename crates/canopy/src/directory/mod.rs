//! The insurance companies of Canopy's list, found by what people type: their words, misspelt, half a word, an address.

mod abbreviation;
mod aliases;
mod index;
mod query;
mod rank;
mod spelling;
#[cfg(test)]
mod tests;
mod text;
mod typo;
mod weak;
mod word;

pub use index::Directory;
