//! Values that must never be printed.

use std::fmt;

use subtle::ConstantTimeEq;

/// A secret text: a key, a token, a password. Its `Debug` form shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes `text` as it is: nothing is decoded or trimmed.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself. Name what it is for at the place that calls this.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether `other` is this secret, in time that depends on the lengths only.
    #[must_use]
    pub fn matches(&self, other: &str) -> bool {
        self.0.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_nothing_of_itself() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(…)");
    }

    #[test]
    fn only_the_same_text_matches() {
        let secret = Secret::new("demo-token");
        assert!(secret.matches("demo-token"));
        assert!(!secret.matches("demo-tokem"));
        assert!(!secret.matches("demo-token "));
        assert!(!secret.matches(""));
    }
}
