//! A pull's status, and what each asks of the consumer.
//! Source: contract, "Webhooks", the pull statuses; `openapi.json`, `WebhookBody.status`.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::text::cut;

/// Longest text of a status kept, in bytes: statuses are words.
pub const MAX_STATUS_LENGTH: usize = 64;

/// A pull's status. It is written as Canopy writes it, and two are compared by that text.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "String")]
pub enum PullStatus {
    /// `STARTED`
    Started,
    /// `QUEUED`
    Queued,
    /// `DOCUMENT_PARSING`
    DocumentParsing,
    /// `PROCESSING`
    Processing,
    /// `IDENTITY_VERIFICATION_OPTIONS`
    IdentityVerificationOptions,
    /// `IDENTITY_VERIFICATION`
    IdentityVerification,
    /// `GETTING_CONSUMERS`
    GettingConsumers,
    /// `PULLING_DATA`
    PullingData,
    /// `SERVICING`
    Servicing,
    /// `WAITING_FOR_CONSUMER_CONFIRMATION`
    WaitingForConsumerConfirmation,
    /// `SUBMITTING_CONFIRMATION`
    SubmittingConfirmation,
    /// `NOT_AUTHENTICATED`
    NotAuthenticated,
    /// `INTERNAL_ERROR`
    InternalError,
    /// `PROVIDER_ERROR`
    ProviderError,
    /// `VALIDATION_ERROR`
    ValidationError,
    /// `SUCCESS`
    Success,
    /// `INCOMPLETE`
    Incomplete,
    /// One that Canopy added later, at most [`MAX_STATUS_LENGTH`] bytes of it: [`PullStatus::read`] makes these.
    Other(String),
}

/// What a status asks of the consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Question {
    /// Credentials, again.
    Credentials,
    /// Where the code is to be sent.
    IdentityOption,
    /// The code.
    IdentityCode,
}

/// What a status means to who waits for the pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// It goes on by itself.
    Waits,
    /// The consumer is asked.
    Asks(Question),
    /// The insurance company has given what there is.
    Succeeds,
    /// It ended without.
    Fails,
}

impl PullStatus {
    /// The contract's statuses, in its order.
    pub const KNOWN: [Self; 17] = [
        Self::Started,
        Self::Queued,
        Self::DocumentParsing,
        Self::Processing,
        Self::IdentityVerificationOptions,
        Self::IdentityVerification,
        Self::GettingConsumers,
        Self::PullingData,
        Self::Servicing,
        Self::WaitingForConsumerConfirmation,
        Self::SubmittingConfirmation,
        Self::NotAuthenticated,
        Self::InternalError,
        Self::ProviderError,
        Self::ValidationError,
        Self::Success,
        Self::Incomplete,
    ];

    /// All that is known of a status: its text, how far the pull has come by it, and what it means.
    fn row(&self) -> (&str, u8, Meaning) {
        use Meaning::{Asks, Fails, Succeeds, Waits};
        match self {
            Self::Started => ("STARTED", 1, Waits),
            Self::Queued => ("QUEUED", 1, Waits),
            Self::NotAuthenticated => ("NOT_AUTHENTICATED", 2, Asks(Question::Credentials)),
            Self::Processing => ("PROCESSING", 3, Waits),
            // It is somewhere on the way.
            Self::Other(text) => (text, 3, Waits),
            Self::IdentityVerificationOptions => {
                ("IDENTITY_VERIFICATION_OPTIONS", 4, Asks(Question::IdentityOption))
            }
            Self::IdentityVerification => ("IDENTITY_VERIFICATION", 5, Asks(Question::IdentityCode)),
            Self::GettingConsumers => ("GETTING_CONSUMERS", 6, Waits),
            Self::PullingData => ("PULLING_DATA", 7, Waits),
            Self::Servicing => ("SERVICING", 7, Waits),
            Self::DocumentParsing => ("DOCUMENT_PARSING", 7, Waits),
            // Which action waits, a webhook of its own says.
            Self::WaitingForConsumerConfirmation => ("WAITING_FOR_CONSUMER_CONFIRMATION", 8, Waits),
            Self::SubmittingConfirmation => ("SUBMITTING_CONFIRMATION", 9, Waits),
            Self::Success => ("SUCCESS", 10, Succeeds),
            Self::Incomplete => ("INCOMPLETE", 10, Succeeds),
            Self::InternalError => ("INTERNAL_ERROR", 11, Fails),
            Self::ProviderError => ("PROVIDER_ERROR", 11, Fails),
            Self::ValidationError => ("VALIDATION_ERROR", 11, Fails),
        }
    }

    /// Whether the consumer has not signed in by it, or it cannot be told by it whether they had.
    #[must_use]
    pub fn is_before_sign_in(&self) -> bool {
        const LAST_OF_LOGIN: u8 = 5;
        let (_, step, meaning) = self.row();
        step <= LAST_OF_LOGIN || meaning == Meaning::Fails
    }

    /// Reads a status as Canopy writes it; of one that is not in the contract, the first [`MAX_STATUS_LENGTH`] bytes.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let known = Self::KNOWN.into_iter().find(|known| known.as_str() == text);
        known.unwrap_or_else(|| Self::Other(cut(text, MAX_STATUS_LENGTH).to_owned()))
    }

    /// As Canopy writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.row().0
    }

    /// How far the pull has come: higher is further. A consumer's screen goes forward in this order, but for what
    /// [`PullStatus::question`] asks.
    #[must_use]
    pub fn progress(&self) -> u8 {
        self.row().1
    }

    /// What it means to who waits for the pull.
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        self.row().2
    }

    /// Those that a pull comes to an end in.
    pub const SETTLED: [Self; 6] = [
        Self::NotAuthenticated,
        Self::Success,
        Self::Incomplete,
        Self::InternalError,
        Self::ProviderError,
        Self::ValidationError,
    ];

    /// Whether a pull only passes through it, on its way or waiting for a code.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        !Self::SETTLED.contains(self)
    }

    /// What it asks of the consumer. These are the statuses that may move their screen back.
    #[must_use]
    pub fn question(&self) -> Option<Question> {
        match self.meaning() {
            Meaning::Asks(question) => Some(question),
            Meaning::Waits | Meaning::Succeeds | Meaning::Fails => None,
        }
    }
}

impl From<String> for PullStatus {
    fn from(text: String) -> Self {
        Self::read(&text)
    }
}

impl Serialize for PullStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Display for PullStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialEq for PullStatus {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for PullStatus {}

/// The order of the texts, which decides between two that nothing else tells apart: stored states were folded by it.
impl Ord for PullStatus {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl PartialOrd for PullStatus {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_statuses_are_those_of_the_contract() {
        let openapi: serde_json::Value =
            serde_json::from_str(include_str!("../../../contract/openapi.json")).unwrap();
        let listed = &openapi["components"]["schemas"]["WebhookBody"]["properties"]["status"]["enum"];
        assert_eq!(serde_json::to_value(PullStatus::KNOWN).unwrap(), *listed);
        for status in PullStatus::KNOWN {
            assert!(!matches!(PullStatus::read(status.as_str()), PullStatus::Other(_)), "{status}");
        }
    }

    #[test]
    fn the_contracts_three_statuses_ask_the_consumer() {
        let asking: Vec<PullStatus> =
            PullStatus::KNOWN.into_iter().filter(|status| status.question().is_some()).collect();
        let listed = ["IDENTITY_VERIFICATION_OPTIONS", "IDENTITY_VERIFICATION", "NOT_AUTHENTICATED"];
        assert_eq!(asking, listed.map(PullStatus::read));
    }

    #[test]
    fn a_status_that_nobody_knows_is_kept_in_bounds() {
        assert_eq!(PullStatus::read("BRAND_NEW").as_str(), "BRAND_NEW");
        assert_eq!(PullStatus::read(&"é".repeat(MAX_STATUS_LENGTH)).as_str().len(), MAX_STATUS_LENGTH);
        let stored: PullStatus = serde_json::from_str(&format!("{:?}", "X".repeat(99))).unwrap();
        assert_eq!(stored.as_str().len(), MAX_STATUS_LENGTH);
    }

    /// A status of the contract, or a text near one.
    fn text() -> impl Strategy<Value = String> {
        let known = prop::sample::select(&PullStatus::KNOWN[..]).prop_map(|status| status.to_string());
        prop_oneof![known.clone(), (known, "[A-Z_]{0,2}").prop_map(|(known, more)| known + &more), ".{0,40}"]
    }

    proptest! {
        #[test]
        fn statuses_are_written_and_ordered_as_their_texts(one in text(), other in text()) {
            let [one, other] = [one, other].map(|text| cut(&text, MAX_STATUS_LENGTH).to_owned());
            let (left, right) = (PullStatus::read(&one), PullStatus::read(&other));
            prop_assert_eq!(left.cmp(&right), one.cmp(&other));
            prop_assert_eq!(serde_json::to_string(&left).unwrap(), serde_json::to_string(&one).unwrap());
        }
    }
}
