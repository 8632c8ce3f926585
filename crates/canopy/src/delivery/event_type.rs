//! What an entry is called downstream, and which of those a subscription takes.

use serde::{Deserialize, Serialize};

use crate::pull::Kind;

/// Longest type asked for. Canopy's are shorter; the room is for what it may bring.
const MAX_TYPE_LENGTH: usize = 64;

/// Most types of one subscription.
const MAX_TYPES: usize = 100;

/// Takes all.
const ALL: &str = "*";

/// The type of an entry. Those that tell of what is only to come, or did not, have another than that event: nobody is to take
/// it for one that came.
#[must_use]
pub fn type_of(kind: Option<Kind>, event_type: &str) -> &str {
    match kind {
        Some(Kind::Scheduled) => "EDGE_EVENT_SCHEDULED",
        Some(Kind::Cancelled) => "EDGE_EVENT_CANCELLED",
        Some(Kind::Void) => "EDGE_EVENT_VOID",
        _ if !event_type.is_empty() => event_type,
        Some(Kind::Fetched) => "EDGE_SNAPSHOT_FETCHED",
        Some(Kind::Stored) => "EDGE_DOCUMENT_STORED",
        Some(Kind::Call) => "EDGE_CANOPY_CALLED",
        // One of Canopy's without a name, or of a later version of the edge.
        _ => "EDGE_UNNAMED",
    }
}

/// The types that a subscription takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Types(Vec<String>);

impl Types {
    /// What is expected.
    pub const EXPECTED: &'static str =
        "an array of 1 to 100 types, each of 1 to 64 capital letters, digits and _, or [\"*\"]";

    /// All that there are.
    #[must_use]
    pub fn all() -> Self {
        Self(vec![ALL.to_owned()])
    }

    /// Takes them in bounds.
    #[must_use]
    pub fn read(types: Vec<String>) -> Option<Self> {
        let is_all = types == [ALL];
        let in_bounds = (1..=MAX_TYPES).contains(&types.len()) && types.iter().all(|name| is_type(name));
        (is_all || in_bounds).then_some(Self(types))
    }

    /// Whether one of them is `name`.
    #[must_use]
    pub fn take(&self, name: &str) -> bool {
        self.0.iter().any(|known| known == ALL || known == name)
    }
}

/// Whether `name` can be a type.
#[must_use]
pub(super) fn is_type(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=MAX_TYPE_LENGTH).contains(&name.len()) && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_come_is_not_called_as_if_it_had_come() {
        assert_eq!(type_of(Some(Kind::Fired), "CALL_BACK"), "CALL_BACK");
        assert_eq!(type_of(Some(Kind::Own), "CALL_BACK"), "CALL_BACK");
        for kind in [Kind::Scheduled, Kind::Cancelled, Kind::Void] {
            assert!(type_of(Some(kind), "CALL_BACK").starts_with("EDGE_EVENT_"));
        }
        assert_eq!(type_of(Some(Kind::Fetched), ""), "EDGE_SNAPSHOT_FETCHED");
        assert_eq!(type_of(Some(Kind::Fetched), "EDGE_REFRESH_FETCHED"), "EDGE_REFRESH_FETCHED");
        assert_eq!(type_of(Some(Kind::Webhook), "COMPLETE"), "COMPLETE");
        assert_eq!(type_of(None, ""), "EDGE_UNNAMED");
    }

    #[test]
    fn types_are_taken_in_bounds() {
        let read = |types: &[&str]| Types::read(types.iter().map(|&name| name.to_owned()).collect());
        assert!(Types::all().take("COMPLETE"));
        let two = read(&["COMPLETE", "QUOTE_SENT"]).unwrap();
        assert!(two.take("COMPLETE") && two.take("QUOTE_SENT") && !two.take("ERROR") && !two.take("*"));
        let (long, longer) = ("A".repeat(64), "A".repeat(65));
        assert!(read(&[&long]).is_some());
        for wrong in [&[][..], &["*", "A"], &["complete"], &[""], &["A B"], &[&longer], &["A"; 101]] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }
}
