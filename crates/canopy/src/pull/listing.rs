//! A pull as Canopy's list shows it: what no webhook told of is known by that. Source: `openapi.json`, `get-pulls`.

use serde_json::{Map, Value, value::RawValue};

use super::State;
use crate::{
    json,
    status::{Meaning, PullStatus},
    time::UnixMillis,
    webhook::{Event, Happening},
};

/// Type of the entry that a listing is in a pull's log.
const EVENT_TYPE: &str = "EDGE_PULL_LISTED";

/// See above.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// What is said of the pull, as the body of an entry: the common fields of a webhook.
    pub body: String,
    /// The same, read.
    pub event: Event,
    /// When Canopy began it.
    pub created_at: Option<UnixMillis>,
}

impl Listing {
    /// Reads it of a page of the list; `None` for what is no pull.
    #[must_use]
    pub fn read(item: &RawValue) -> Option<Self> {
        const FACTS: [&str; 6] =
            ["pull_id", "status", "team_id", "widget_id", "account_identifier", "meta_data"];
        let values = json::members(item.get(), FACTS)?;
        let [created_at] = json::members(item.get(), ["created_at"])?;
        let mut body = Map::from_iter([("event_type".to_owned(), Value::from(EVENT_TYPE))]);
        for (name, value) in FACTS.into_iter().zip(values) {
            let value = value.and_then(|value| serde_json::from_str(&json::mended(value.get())).ok());
            body.extend(value.map(|value: Value| (name.to_owned(), value)));
        }
        let mut listing = Self::parse(Value::Object(body).to_string())?;
        listing.created_at = json::text(created_at).and_then(|text| UnixMillis::parse(&text));
        Some(listing)
    }

    /// Reads the body of an entry; `None` for an entry of another type.
    #[must_use]
    pub fn parse(body: String) -> Option<Self> {
        let mut event = Event::parse(body.as_bytes()).ok().filter(|event| event.event_type == EVENT_TYPE)?;
        event.happening = match event.facts.status.as_ref().map(PullStatus::meaning) {
            Some(Meaning::Succeeds) => Happening::Complete,
            Some(Meaning::Fails) => Happening::Error,
            _ => Happening::Other,
        };
        Some(Self { body, event, created_at: None })
    }

    /// Whether a known pull went on without a webhook: it has come to an end that its log does not tell of.
    #[must_use]
    pub fn is_news(&self, state: &State) -> bool {
        match self.event.happening {
            Happening::Complete => !state.is_complete(),
            Happening::Error => !state.is_complete() && state.error().is_none(),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::signature;

    fn listed(status: &str) -> Listing {
        let item = json!({"pull_id": "p-1", "status": status, "first_name": "Clark"}).to_string();
        Listing::read(serde_json::from_str(&item).unwrap()).unwrap()
    }

    #[test]
    fn an_end_that_the_log_does_not_tell_of_is_news_once() {
        for (status, is_news) in [
            ("SUCCESS", true),
            ("INCOMPLETE", true),
            ("PROVIDER_ERROR", true),
            ("PULLING_DATA", false),
            ("NOT_AUTHENTICATED", false),
        ] {
            let listing = listed(status);
            assert!(!listing.body.contains("Clark"), "the rest is the snapshot's");
            let mut state = State::default();
            assert_eq!(listing.is_news(&state), is_news, "{status}");
            state.apply(&listing.event, &signature::digest(listing.body.as_bytes()));
            assert!(!listing.is_news(&state));
            assert_eq!(state.status().map(PullStatus::as_str), Some(status));
            assert_eq!(Listing::parse(listing.body.clone()).unwrap().event, listing.event);
        }
        let mut state = State::default();
        state.apply(&listed("SUCCESS").event, &[1; 32]);
        assert!(!listed("PROVIDER_ERROR").is_news(&state));
    }

    #[test]
    fn another_entry_of_the_edges_own_is_none() {
        assert_eq!(Listing::parse(r#"{"pull_id":"p-1","event_type":"QUOTE_SENT"}"#.to_owned()), None);
        assert_eq!(Listing::parse(String::new()), None);
    }
}
