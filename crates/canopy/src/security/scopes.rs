//! What a back-office token is good for. Source: design, "Tokens and scopes".

use serde::{Deserialize, Serialize};

use crate::contract::Scope;

/// A set of scopes. None holds another: a token that may write and not read cannot read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scopes(u8);

impl Scopes {
    /// Of a token that names none: `read+write`.
    pub const DEFAULT: Self = Self(bit(Scope::Read) | bit(Scope::Write));

    /// Of a workflow's step: all but what is set for the whole team.
    pub const WORKFLOWS: Self = Self(Self::DEFAULT.0 | bit(Scope::Servicing));

    /// Reads `scope[+scope…]`; `None` for a name that is no scope.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let scope = |name: &str| Scope::ALL.into_iter().find(|scope| scope.as_str() == name);
        text.split('+').try_fold(Self(0), |all, name| Some(Self(all.0 | bit(scope(name)?))))
    }

    /// Whether the set has `scope`.
    #[must_use]
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & bit(scope) != 0
    }
}

const fn bit(scope: Scope) -> u8 {
    1 << scope as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_what_it_names_and_nothing_else() {
        for scope in Scope::ALL {
            let only = Scopes::parse(scope.as_str()).unwrap();
            assert!(Scope::ALL.into_iter().all(|other| only.has(other) == (other == scope)), "{scope:?}");
        }
        assert_eq!(Scopes::parse("read+write"), Some(Scopes::DEFAULT));
        assert_eq!(Scopes::parse("write+read+read"), Some(Scopes::DEFAULT));
        assert!(!Scopes::DEFAULT.has(Scope::Servicing) && !Scopes::DEFAULT.has(Scope::Admin));
        for text in ["", "Read", "read+", "+read", "read write", "read,write", "raed", "*"] {
            assert_eq!(Scopes::parse(text), None, "{text}");
        }
    }
}
