//! A pull as Canopy's list shows it: what no webhook told of is known by that. Source: `openapi.json`, `get-pulls`.

use serde_json::value::RawValue;

use super::State;
use crate::{
    json,
    status::{Meaning, PullStatus},
    time::UnixMillis,
    webhook::{Event, Happening},
};

/// Largest member that is taken over, in bytes.
const MAX_MEMBER_BYTES: usize = 256 * 1024;

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
        let mut body = format!("{{\"event_type\":\"{EVENT_TYPE}\"");
        for (name, value) in FACTS.into_iter().zip(values) {
            if let Some(value) = value.filter(|value| value.get().len() <= MAX_MEMBER_BYTES) {
                body.extend([",\"", name, "\":", &json::mended(value.get())]);
            }
        }
        body.push('}');
        let mut listing = Self::parse(body)?;
        listing.created_at = json::text(created_at).and_then(|text| UnixMillis::parse(&text));
        Some(listing)
    }

    /// Reads it of a pull as Canopy gives one; `None` for what is none.
    #[must_use]
    pub fn of_snapshot(body: &[u8]) -> Option<Self> {
        let body = json::body(body);
        let [pull] = json::members(&body, ["pull"])?;
        Self::read(pull?)
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

    /// The same, said after the login that `state` knows: an error that is listed now is later than that, and a later login is
    /// later than the error.
    #[must_use]
    pub fn after(self, state: &State) -> Self {
        let Some(sequence) = state.login_sequence() else { return self };
        let body = self.body.strip_suffix('}').map(|head| format!("{head},\"sequence\":{sequence}}}"));
        let created_at = self.created_at;
        body.and_then(Self::parse).map_or(self, |listing| Self { created_at, ..listing })
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
    fn a_listed_error_overtakes_what_was_before_it_and_no_later_login() {
        let event = |event_type: &str, status: &str, sequence: u64| {
            let body = json!({"pull_id": "p-1", "event_type": event_type, "status": status, "sequence": sequence,
                "data": {"auth_status": status}});
            Event::parse(body.to_string().as_bytes()).unwrap()
        };
        let mut state = State::default();
        state.apply(&event("ERROR", "INTERNAL_ERROR", 3), &[1; 32]);
        state.apply(&event("AUTH_STATUS", "QUEUED", 4), &[2; 32]);
        assert_eq!(state.error(), None);
        let listing = listed("PROVIDER_ERROR").after(&state);
        assert!(listing.is_news(&state));
        state.apply(&listing.event, &[3; 32]);
        assert_eq!(state.error(), Some(&PullStatus::ProviderError));
        assert!(!listed("PROVIDER_ERROR").after(&state).is_news(&state), "once");
        state.apply(&event("AUTH_STATUS", "QUEUED", 5), &[4; 32]);
        assert_eq!(state.error(), None);
    }

    #[test]
    fn another_entry_of_the_edges_own_is_none() {
        assert_eq!(Listing::parse(r#"{"pull_id":"p-1","event_type":"QUOTE_SENT"}"#.to_owned()), None);
        assert_eq!(Listing::parse(String::new()), None);
    }
}
