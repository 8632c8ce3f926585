//! One `AUTH_STATUS` event: what it says, and what decides between two.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::data::{self, Data};

/// Position of a status in its pull's login; higher is later.
pub type Sequence = u64;

/// Longest `login_error_message` kept, in bytes. The whole one stays in the event log.
pub const MAX_MESSAGE_LENGTH: usize = 16 * 1024;

/// Most identity options kept.
pub const MAX_OPTIONS: usize = 32;

/// Longest status text kept: statuses are words.
const MAX_STATUS_LENGTH: usize = 64;

/// One way to receive an identity code, e.g. a text message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityOption {
    /// What `idvoptions` takes as `optionKey`.
    pub key: String,
    /// What the consumer reads.
    pub label: String,
}

/// What one `AUTH_STATUS` event says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthStatus {
    /// `None` when Canopy left it out: such a status never displaces one that has it.
    pub sequence: Option<Sequence>,
    /// E.g. `IDENTITY_VERIFICATION`. Statuses Canopy adds later are kept as they come.
    pub status: String,
    /// As Canopy sent it: text that may hold HTML. Give it to no page but through [`crate::html`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_error_message: Option<String>,
    /// For `IDENTITY_VERIFICATION_OPTIONS`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<IdentityOption>,
}

impl AuthStatus {
    /// Reads an `AUTH_STATUS` event's `data`; `sequence` and `status` are the event's own members,
    /// used where `data` has none.
    #[must_use]
    pub(crate) fn read(data: &Data<'_>, sequence: Option<Sequence>, status: Option<&str>) -> Option<Self> {
        let own_status = data::text(data.auth_status);
        let status = own_status.as_deref().or(status)?;
        let options = [data.mfa_options, data.identity_verification_options, data.options];
        let options = options.into_iter().map(data::value).find(|options| !options.is_null());
        Some(Self {
            sequence: sequence.or_else(|| read_sequence(&data::value(data.sequence))),
            status: cut(status, MAX_STATUS_LENGTH).to_owned(),
            login_error_message: data::text(data.login_error_message)
                .filter(|text| !text.is_empty())
                .map(|text| cut(&text, MAX_MESSAGE_LENGTH).to_owned()),
            options: options.as_ref().map(read_options).unwrap_or_default(),
        })
    }

    /// What decides between two statuses of a pull: the higher one stands, an equal one changes nothing.
    ///
    /// The sequence alone where there is one. Statuses without a sequence rank below all that have one
    /// and, among themselves, by how far the login has come, then by `tie`, the head of the body's
    /// SHA-256: so any order ends the same.
    #[must_use]
    pub fn rank(&self, tie: u64) -> (Option<Sequence>, u8, u64) {
        match self.sequence {
            Some(sequence) => (Some(sequence), 0, 0),
            None => (None, progress(&self.status), tie),
        }
    }
}

/// How far a login has come: a screen only moves forward in this order, but for the three statuses of
/// [`may_move_back`]. Unknown statuses count as being on the way.
#[must_use]
pub fn progress(status: &str) -> u8 {
    match status {
        "STARTED" | "QUEUED" => 1,
        "NOT_AUTHENTICATED" => 2,
        "IDENTITY_VERIFICATION_OPTIONS" => 4,
        "IDENTITY_VERIFICATION" => 5,
        "GETTING_CONSUMERS" => 6,
        "PULLING_DATA" | "SERVICING" | "DOCUMENT_PARSING" => 7,
        "WAITING_FOR_CONSUMER_CONFIRMATION" => 8,
        "SUBMITTING_CONFIRMATION" => 9,
        "SUCCESS" | "INCOMPLETE" => 10,
        "INTERNAL_ERROR" | "PROVIDER_ERROR" | "VALIDATION_ERROR" => 11,
        _ => 3,
    }
}

/// Whether a status may move the consumer's screen back. Source: contract, "Webhooks".
#[must_use]
pub fn may_move_back(status: &str) -> bool {
    matches!(status, "NOT_AUTHENTICATED" | "IDENTITY_VERIFICATION_OPTIONS" | "IDENTITY_VERIFICATION")
}

/// A sequence as a number, or as its digits.
pub(crate) fn read_sequence(value: &Value) -> Option<Sequence> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(digits) => digits.parse().ok(),
        _ => None,
    }
}

/// A map of key to label, an array of `{key, label}`-like objects, or an array of labels.
fn read_options(options: &Value) -> Vec<IdentityOption> {
    let option = |key: &str, label: &str| IdentityOption {
        key: cut(key, 256).to_owned(),
        label: cut(label, 256).to_owned(),
    };
    match options {
        Value::Object(map) => map
            .iter()
            .map(|(key, label)| option(key, label.as_str().or_else(|| text_of(label)).unwrap_or(key)))
            .take(MAX_OPTIONS)
            .collect(),
        Value::Array(items) => items
            .iter()
            .filter_map(|item| match item {
                Value::String(text) => Some(option(text, text)),
                Value::Object(map) => {
                    let key = ["key", "option_key", "optionKey", "id", "value"]
                        .iter()
                        .find_map(|name| map.get(*name)?.as_str())?;
                    Some(option(key, text_of(item).unwrap_or(key)))
                }
                _ => None,
            })
            .take(MAX_OPTIONS)
            .collect(),
        _ => Vec::new(),
    }
}

fn text_of(value: &Value) -> Option<&str> {
    ["label", "text", "name", "description", "title"].iter().find_map(|name| value.get(name)?.as_str())
}

/// `text`, cut to at most `most` bytes at a character boundary.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(data: Value) -> AuthStatus {
        read_with(&data, None)
    }

    fn read_with(data: &Value, sequence: Option<Sequence>) -> AuthStatus {
        AuthStatus::read(&serde_json::from_str(&data.to_string()).unwrap(), sequence, None).unwrap()
    }

    #[test]
    fn options_are_read_in_each_form() {
        let map = json!({"sms": "Text 1234", "call": {"label": "Call 1234"}});
        let list = json!([{"key": "call", "label": "Call 1234"}, {"option_key": "sms", "text": "Text 1234"}]);
        for (member, options) in
            [("mfa_options", map.clone()), ("identity_verification_options", map), ("options", list)]
        {
            let mut auth = read(json!({"auth_status": "IDENTITY_VERIFICATION_OPTIONS", member: options}));
            auth.options.sort_by(|a, b| a.key.cmp(&b.key));
            let found: Vec<_> = auth.options.iter().map(|o| (o.key.as_str(), o.label.as_str())).collect();
            assert_eq!(found, [("call", "Call 1234"), ("sms", "Text 1234")]);
        }
        assert_eq!(read(json!({"auth_status": "X", "options": ["a"]})).options[0].key, "a");
        assert!(read(json!({"auth_status": "X", "options": 7})).options.is_empty());
    }

    #[test]
    fn a_sequence_stands_in_data_or_outside_as_number_or_digits() {
        assert_eq!(read(json!({"auth_status": "X", "sequence": 3})).sequence, Some(3));
        assert_eq!(read(json!({"auth_status": "X", "sequence": "4"})).sequence, Some(4));
        assert_eq!(read(json!({"auth_status": "X", "sequence": -1})).sequence, None);
        let outside = read_with(&json!({"auth_status": "X"}), Some(9));
        assert_eq!(outside.sequence, Some(9));
    }

    #[test]
    fn only_a_higher_sequence_supersedes() {
        let at = |sequence, status: &str| read_with(&json!({"auth_status": status}), sequence);
        let supersedes = |new: AuthStatus, old: AuthStatus| new.rank(7) > old.rank(7);
        assert!(supersedes(at(Some(2), "NOT_AUTHENTICATED"), at(Some(1), "SUCCESS")));
        assert!(!supersedes(at(Some(1), "SUCCESS"), at(Some(1), "PROCESSING")));
        assert!(!supersedes(at(Some(0), "SUCCESS"), at(Some(1), "PROCESSING")));
        assert!(supersedes(at(Some(0), "STARTED"), at(None, "SUCCESS")));
        assert!(!supersedes(at(None, "SUCCESS"), at(Some(0), "STARTED")));
        assert!(supersedes(at(None, "SUCCESS"), at(None, "PROCESSING")));
        assert!(!supersedes(at(None, "PROCESSING"), at(None, "PROCESSING")));
    }

    #[test]
    fn texts_are_cut_at_a_character() {
        assert_eq!(cut("aé", 2), "a");
        let long = read(json!({"auth_status": "X", "login_error_message": "é".repeat(MAX_MESSAGE_LENGTH)}));
        assert_eq!(long.login_error_message.unwrap().len(), MAX_MESSAGE_LENGTH);
    }
}
