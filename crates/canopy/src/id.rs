//! Names that Canopy and the edge give to things.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest identifier taken. Canopy's are UUIDs of 36 characters; the room is for what it may use later.
pub const MAX_ID_LENGTH: usize = 64;

/// Place of an entry in its pull's log, from 1.
pub type Position = i64;

/// A text that is no identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an identifier: 1 to {MAX_ID_LENGTH} letters, digits, '-' or '_'")]
pub struct InvalidId;

/// Any of the identifiers, where it does not matter of what: one segment of a path.
pub trait Identifier {
    /// The identifier as it is kept.
    fn as_str(&self) -> &str;
}

/// Identifiers, each a type of its own so that none is taken for another: safe as a path segment and as a storage key,
/// 1 to [`MAX_ID_LENGTH`] of `A-Z a-z 0-9 - _`. In parentheses, how its text is kept.
macro_rules! identifiers {
    ($($(#[$documentation:meta])* $name:ident($keep:path);)+) => {$(
        $(#[$documentation])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes `text` if it is an identifier.
            ///
            /// # Errors
            /// [`InvalidId`] when it is empty, too long or has another character.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                checked(text).map($keep).map(Self)
            }

            /// The identifier as it is kept.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Identifier for $name {
            fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

identifiers! {
    /// What Canopy names and the edge only passes on: a team, a policy, a servicing action, a carrier.
    Id(str::to_owned);

    /// The pull a webhook, a snapshot or a document belongs to. A UUID is the same in capital letters (RFC 9562,
    /// section 4), so it is kept in small ones.
    PullId(str::to_ascii_lowercase);

    /// One page's session with the edge.
    SessionId(str::to_owned);

    /// A document of a pull.
    DocumentId(str::to_owned);

    /// Who is told of what downstream.
    SubscriptionId(str::to_owned);

    /// A personal link of the agency's.
    InvitationId(str::to_owned);
}

fn checked(text: &str) -> Result<&str, InvalidId> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_id = (1..=MAX_ID_LENGTH).contains(&text.len()) && text.bytes().all(allowed);
    is_id.then_some(text).ok_or(InvalidId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_taken_as_it_is() {
        let id = Id::parse("ce559727-cf02-4ebf-83ce-8035f8828be4").unwrap();
        assert_eq!(id.as_str(), "ce559727-cf02-4ebf-83ce-8035f8828be4");
    }

    #[test]
    fn pulls_are_compared_without_case() {
        let id = PullId::parse("CE559727-cf02-4EBF-83ce-8035f8828be4").unwrap();
        assert_eq!(id.as_str(), "ce559727-cf02-4ebf-83ce-8035f8828be4");
        let stored: PullId = serde_json::from_str("\"Ce\"").unwrap();
        assert_eq!(stored, PullId::parse("cE").unwrap());
    }

    #[test]
    fn nothing_that_could_leave_its_path_segment_is_an_identifier() {
        for text in ["", "..", "a/b", "a%2fb", "a b", "é", "a?b", "a.b", &"a".repeat(65)] {
            assert_eq!(Id::parse(text), Err(InvalidId), "{text:?}");
            assert_eq!(PullId::parse(text), Err(InvalidId), "{text:?}");
        }
    }
}
