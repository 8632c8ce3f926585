//! An entry of the log, as far as the record depends on it.

use super::{Called, Fetched, Kind, Listing, Refresh, Refreshed, Stored};
use crate::{schedule::OwnEvent, signature, webhook::Event};

const UNREADABLE: &str = "event unreadable";

/// An entry of the log, as far as the record depends on it.
#[derive(Debug)]
pub enum Entry<'e> {
    /// A webhook, with the SHA-256 of its body.
    Webhook(&'e Event, &'e [u8; 32]),
    /// A snapshot.
    Fetched(&'e Fetched),
    /// A document, and whether it was sealed.
    Stored(&'e Stored, bool),
    /// A pull of Canopy's list, with the SHA-256 of the entry's body.
    Listed(&'e Event, &'e [u8; 32]),
    /// What was asked of Canopy.
    Called(&'e Called),
    /// A refresh of its account.
    Refreshed(&'e Refresh),
    /// An event of the back office's or the edge's own: that it came, is to come, or is not.
    Own(Kind, &'e OwnEvent),
    /// Anything else.
    Other,
}

/// What [`Entry`] borrows, as it was read from the log.
#[derive(Debug, Clone)]
pub enum Taken {
    /// A webhook, with the SHA-256 of its body.
    Webhook(Box<Event>, [u8; 32]),
    /// A snapshot.
    Fetched(Fetched),
    /// A document, and whether it was sealed.
    Stored(Stored, bool),
    /// A pull of Canopy's list, with the SHA-256 of the entry's body.
    Listed(Box<Event>, [u8; 32]),
    /// What was asked of Canopy.
    Called(Called),
    /// A refresh of its account.
    Refreshed(Refresh),
    /// An event of the back office's or the edge's own.
    Own(Kind, OwnEvent),
    /// Anything else, also what another version wrote otherwise.
    Other,
}

impl Taken {
    /// Reads it: the kind, `None` for one of a later version; the key, and the body, opened.
    ///
    /// # Errors
    /// When its body is not what its kind has: nothing can be said of the pull then.
    pub fn read(kind: Option<Kind>, key: &[u8], body: &[u8], is_sealed: bool) -> Result<Self, &'static str> {
        Ok(match kind {
            Some(Kind::Webhook) => {
                let event = Event::parse(body).map_err(|_| UNREADABLE)?;
                Self::Webhook(Box::new(event), key.try_into().map_err(|_| UNREADABLE)?)
            }
            Some(Kind::Fetched) => match Refreshed::parse(body) {
                Some(refreshed) => Self::Refreshed(refreshed.data),
                None => Self::Fetched(serde_json::from_slice(body).map_err(|_| UNREADABLE)?),
            },
            Some(Kind::Stored) => {
                Self::Stored(serde_json::from_slice(body).map_err(|_| UNREADABLE)?, is_sealed)
            }
            // What another version asked for changes nothing here.
            Some(Kind::Call) => serde_json::from_slice(body).map_or(Self::Other, Self::Called),
            Some(Kind::Own) => Self::own(body),
            Some(kind) => serde_json::from_slice(body).map_or(Self::Other, |event| Self::Own(kind, event)),
            None => Self::Other,
        })
    }

    fn own(body: &[u8]) -> Self {
        if let Ok(event) = serde_json::from_slice(body) {
            return Self::Own(Kind::Own, event);
        }
        if let Some(refreshed) = Refreshed::parse(body) {
            return Self::Refreshed(refreshed.data);
        }
        let listing = str::from_utf8(body).ok().and_then(|text| Listing::parse(text.to_owned()));
        listing.map_or(Self::Other, |it| Self::Listed(Box::new(it.event), signature::digest(body)))
    }

    /// As a record takes it up.
    #[must_use]
    pub fn entry(&self) -> Entry<'_> {
        match self {
            Self::Webhook(event, digest) => Entry::Webhook(event, digest),
            Self::Fetched(fetched) => Entry::Fetched(fetched),
            Self::Stored(stored, is_sealed) => Entry::Stored(stored, *is_sealed),
            Self::Listed(event, digest) => Entry::Listed(event, digest),
            Self::Called(called) => Entry::Called(called),
            Self::Refreshed(refresh) => Entry::Refreshed(refresh),
            Self::Own(kind, event) => Entry::Own(*kind, event),
            Self::Other => Entry::Other,
        }
    }
}
