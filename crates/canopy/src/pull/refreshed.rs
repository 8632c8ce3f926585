//! That a monitored account was refreshed, as the log of the pull has it that the monitoring began with.

use serde::{Deserialize, Serialize};

use crate::{
    id::{Id, PullId},
    schedule::Term,
    time::UnixMillis,
};

/// Type of the entry that there is a refresh.
const REFRESHED: &str = "EDGE_PULL_REFRESHED";

/// Type of the entry that it was fetched.
const FETCHED: &str = "EDGE_REFRESH_FETCHED";

/// See above.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refreshed {
    event_type: String,
    /// The pull that the monitoring began with.
    pub pull_id: PullId,
    /// The refresh.
    pub data: Refresh,
}

/// A refresh: a pull of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refresh {
    /// Its pull.
    pub pull_id: PullId,
    /// The monitoring.
    pub monitoring_id: Option<Id>,
    /// What its newest snapshot says of the policies' terms; `None` before one says what there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Vec<Term>>,
    /// When that was fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<UnixMillis>,
}

/// Whether a pull is a refresh of another: that of which it says that the account's monitoring began with it.
#[must_use]
pub fn is_refresh(pull_id: &str, initial_pull_id: Option<&str>) -> bool {
    initial_pull_id.is_some_and(|initial| initial != pull_id)
}

impl Refreshed {
    /// The entry for the log of `pull_id`: that there is a refresh, or what it says of the account.
    #[must_use]
    pub fn new(pull_id: PullId, data: Refresh) -> Self {
        let event_type = if data.terms.is_some() { FETCHED } else { REFRESHED };
        Self { event_type: event_type.to_owned(), pull_id, data }
    }

    /// Reads the body of an entry; `None` for an entry of another type.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body)
            .ok()
            .filter(|read: &Self| [REFRESHED, FETCHED].contains(&read.event_type.as_str()))
    }

    /// Its type.
    #[must_use]
    pub fn event_type(&self) -> &str {
        &self.event_type
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_read_as_it_was_written_and_no_other_is_one() {
        let id = |text| PullId::parse(text).unwrap();
        let entry = Refreshed::new(
            id("first"),
            Refresh { pull_id: id("second"), monitoring_id: None, terms: None, as_of: None },
        );
        let body = serde_json::to_vec(&entry).unwrap();
        assert_eq!(Refreshed::parse(&body), Some(entry));
        let other = String::from_utf8(body).unwrap().replace(REFRESHED, "QUOTE_SENT");
        assert_eq!((Refreshed::parse(other.as_bytes()), Refreshed::parse(b"{}")), (None, None));
    }
}
