//! How well a company's name fits what was typed.

/// In which way, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// The smaller, the better: by fit, then typos, then words that the name has not, then what else speaks against it. One number:
/// a rank is made and compared for each name at each key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank(u32);

impl Rank {
    /// Each number below 256, as no text has more letters.
    pub fn new(fit: Fit, typos: usize, dropped: usize, rest: usize) -> Self {
        Self(u32::from_be_bytes([fit as u8, typos as u8, dropped as u8, rest as u8]))
    }

    pub fn is_exact(self) -> bool {
        self.0 >> 24 == Fit::Exact as u32
    }

    /// Of another name of the company's, which fits so without a typo.
    pub fn of_alias(self) -> Self {
        let [fit, _, dropped, rest] = self.0.to_be_bytes();
        Self(u32::from_be_bytes([Fit::Alias as u8, fit, dropped, rest]))
    }

    /// The better of the two.
    pub fn or(self, other: Option<Self>) -> Option<Self> {
        Some(other.map_or(self, |other| other.min(self)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fit_weighs_more_than_typos_and_those_more_than_words() {
        let in_order = [
            Rank::new(Fit::Exact, 2, 120, 120),
            Rank::new(Fit::Words, 0, 1, 5),
            Rank::new(Fit::Exact, 0, 0, 0).of_alias(),
            Rank::new(Fit::Beginning, 0, 0, 0).of_alias(),
            Rank::new(Fit::Typo, 1, 3, 0),
            Rank::new(Fit::Typo, 2, 0, 0),
        ];
        assert!(in_order.is_sorted());
        assert_eq!(in_order[1].or(Some(in_order[0])), Some(in_order[0]));
        assert_eq!(in_order[1].or(None), Some(in_order[1]));
    }
}
