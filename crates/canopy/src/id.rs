//! Names that Canopy and the edge give to things.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest identifier taken. Canopy's are UUIDs of 36 characters; the room is for what it may use later.
pub const MAX_ID_LENGTH: usize = 64;

/// An identifier that is safe as a path segment and as a storage key:
/// 1 to [`MAX_ID_LENGTH`] of `A-Z a-z 0-9 - _`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Id(String);

/// The pull a webhook, a snapshot or a document belongs to. A UUID is the same in capital letters (RFC 9562, section 4),
/// so it is kept in small ones.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PullId(Id);

/// One page's session with the edge.
pub type SessionId = Id;
/// A document of a pull.
pub type DocumentId = Id;

/// A text that is no identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an identifier: 1 to {MAX_ID_LENGTH} letters, digits, '-' or '_'")]
pub struct InvalidId;

impl Id {
    /// Takes `text` if it is an identifier.
    ///
    /// # Errors
    /// [`InvalidId`] when it is empty, too long or has another character.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if text.is_empty() || text.len() > MAX_ID_LENGTH || !text.bytes().all(allowed) {
            return Err(InvalidId);
        }
        Ok(Self(text.to_owned()))
    }

    /// The identifier as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PullId {
    /// Takes `text` if it is an identifier.
    ///
    /// # Errors
    /// As [`Id::parse`].
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        Id::parse(&text.to_ascii_lowercase()).map(Self)
    }

    /// As any identifier.
    #[must_use]
    pub fn as_id(&self) -> &Id {
        &self.0
    }

    /// The identifier in small letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for PullId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for PullId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        Self::parse(&text)
    }
}

impl From<PullId> for String {
    fn from(id: PullId) -> Self {
        id.0.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Id {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        Self::parse(&text)
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.0
    }
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
        }
    }
}
