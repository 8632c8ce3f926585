//! How well a company's name fits what was typed.

/// In which way, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It is the name.
    Exact,
    /// The name begins with it.
    Beginning,
    /// Words of the name begin with its words.
    Words,
    /// It is another name of the company's, or short for its name.
    Alias,
    /// It is so with typos.
    Typo,
    /// It has the name in it, among words that say something else.
    Within,
}

/// The smaller, the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    pub fit: Fit,
    /// Typos; of an alias, how it fits.
    pub edits: usize,
    /// Words that the name has not.
    pub dropped: usize,
    /// What else speaks against it.
    pub rest: usize,
}
