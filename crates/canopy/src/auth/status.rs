//! One `AUTH_STATUS` event: what it says, and what decides between two.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{json, status::PullStatus, text::cut};

/// Position of a status in its pull's login; higher is later.
pub type Sequence = u64;

/// Longest `login_error_message` kept, in bytes. The whole one stays in the event log.
pub const MAX_MESSAGE_LENGTH: usize = 16 * 1024;

/// Most identity options kept.
pub const MAX_OPTIONS: usize = 32;

/// Longest key and label of an identity option kept, in bytes.
const MAX_OPTION_LENGTH: usize = 256;

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
    /// Where the login stands.
    pub status: PullStatus,
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
    pub(crate) fn read(
        data: Option<&RawValue>,
        sequence: Option<Sequence>,
        status: Option<&PullStatus>,
    ) -> Option<Self> {
        let members = [
            "auth_status",
            "sequence",
            "login_error_message",
            "mfa_options",
            "identity_verification_options",
            "options",
        ];
        let [own_status, own_sequence, message, options @ ..] = json::members_of(data, members);
        let own_status = json::text_or_number(own_status).map(PullStatus::from);
        let status = own_status.or_else(|| status.cloned())?;
        let options = options.into_iter().flatten().map(read_options).find(|options| !options.is_empty());
        Some(Self {
            sequence: sequence.or_else(|| json::integer_or_text(own_sequence)),
            status,
            login_error_message: json::text_or_number(message)
                .filter(|text| !text.is_empty())
                .map(|text| cut(&text, MAX_MESSAGE_LENGTH).to_owned()),
            options: options.unwrap_or_default(),
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
            None => (None, self.status.progress(), tie),
        }
    }
}

/// A map of key to label, an array of `{key, label}`-like objects, or an array of labels, in the order in which they
/// came: the consumer chooses from it.
fn read_options(options: &RawValue) -> Vec<IdentityOption> {
    let options = match options.get().as_bytes().first() {
        Some(b'{') => json::entries(options.get()).map(|entries| {
            let option = |(key, value): &(String, &RawValue)| option(key, label(value).as_deref());
            entries.iter().take(MAX_OPTIONS).map(option).collect()
        }),
        Some(b'[') => json::items(options.get(), MAX_OPTIONS)
            .map(|items| items.into_iter().filter_map(listed_option).collect()),
        _ => None,
    };
    options.unwrap_or_default()
}

fn listed_option(item: &RawValue) -> Option<IdentityOption> {
    let keys = json::members_of(Some(item), ["key", "option_key", "optionKey", "id", "value"]);
    let key = keys.into_iter().find_map(json::text_or_number).or_else(|| json::text_or_number(Some(item)))?;
    Some(option(&key, label(item).as_deref()))
}

fn option(key: &str, label: Option<&str>) -> IdentityOption {
    let text = |text: &str| cut(text, MAX_OPTION_LENGTH).to_owned();
    IdentityOption { key: text(key), label: text(label.unwrap_or(key)) }
}

/// A label is text, or stands in an object.
fn label(value: &RawValue) -> Option<String> {
    let labels = json::members_of(Some(value), ["label", "text", "name", "description", "title"]);
    json::text_or_number(Some(value)).or_else(|| labels.into_iter().find_map(json::text_or_number))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json, value::to_raw_value};

    use super::*;

    fn read(data: Value) -> AuthStatus {
        read_with(&data, None)
    }

    fn read_with(data: &Value, sequence: Option<Sequence>) -> AuthStatus {
        AuthStatus::read(Some(&to_raw_value(data).unwrap()), sequence, None).unwrap()
    }

    fn read_text(data: &str) -> AuthStatus {
        let data = RawValue::from_string(data.to_owned()).unwrap();
        AuthStatus::read(Some(&data), None, None).unwrap()
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
    fn options_keep_the_order_in_which_they_came() {
        let options =
            read_text(r#"{"auth_status":"X","mfa_options":{"z":"Text","1":"Call","a":"Mail"}}"#).options;
        assert_eq!(options.iter().map(|option| option.key.as_str()).collect::<Vec<_>>(), ["z", "1", "a"]);
    }

    #[test]
    fn one_unreadable_option_or_message_costs_itself_alone() {
        let status = read_text(
            r#"{"auth_status":"X","mfa_options":{},"options":{"0":5551234,"1":"Mail \ud83d","2":[1],"\ud83d":"Call"},
                "login_error_message":"Locked. Call us \ud83d","sequence":2.0}"#,
        );
        let options: Vec<_> = status.options.iter().map(|o| (o.key.as_str(), o.label.as_str())).collect();
        assert_eq!(options, [("0", "5551234"), ("1", "Mail \u{fffd}"), ("2", "2"), ("\u{fffd}", "Call")]);
        assert_eq!(status.login_error_message.as_deref(), Some("Locked. Call us \u{fffd}"));
        assert_eq!(status.sequence, Some(2));
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
    fn a_long_message_is_cut() {
        let long = read(json!({"auth_status": "X", "login_error_message": "é".repeat(MAX_MESSAGE_LENGTH)}));
        assert_eq!(long.login_error_message.unwrap().len(), MAX_MESSAGE_LENGTH);
    }
}
