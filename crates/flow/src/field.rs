//! Typed values: what an instance is configured with, and what a step gives a connector.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use url::Url;

use crate::cron::Recurring;

/// Longest text of a value, in bytes, where nothing less is said.
pub const MAX_TEXT: usize = 64 * 1024;

/// Most values of a list.
const MAX_LIST: usize = 100;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// Any text.
    Text,
    /// Markup: values put into it are no markup.
    Html,
    /// An address of e-mail.
    Email,
    /// A telephone number as E.164 writes it.
    Phone,
    /// An address of the web.
    Url,
    /// A whole number.
    Integer,
    /// Yes or no.
    Boolean,
    /// One of some texts.
    Enum,
    /// A zone of the IANA database.
    TimeZone,
    /// A cron pattern.
    Cron,
    /// The name of a secret.
    Secret,
    /// Anything.
    Json,
    /// A name, a type and content in base64.
    File,
}

/// What is declared of a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: Type,
    /// Whether it is a list of them; one alone is taken, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub list: bool,
    /// Whether there must be one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// What it is where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Json>,
    /// Of an enumeration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What people should know of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Least number, or length of a text or list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<i64>,
    /// Greatest number, or length of a text or list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<i64>,
}

/// Fields by name.
pub type Fields = BTreeMap<String, Field>;

/// Something that is not as it must be, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Its place. Source: RFC 6901.
    pub pointer: String,
    /// What is expected there.
    pub detail: String,
}

impl Problem {
    /// What is wrong at a place.
    #[must_use]
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

/// What a file is: the result of steps that make one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its type.
    pub content_type: String,
    /// Its bytes in base64.
    pub base64: String,
}

impl Field {
    /// The value as it is to be: of a list a list.
    ///
    /// # Errors
    /// What is expected.
    pub fn check(&self, value: &Json) -> Result<Json, String> {
        if !self.list {
            return self.check_one(value);
        }
        let items = match value {
            Json::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        let bounds = self.minimum.unwrap_or(0)..=self.maximum.unwrap_or(MAX_LIST as i64);
        if !bounds.contains(&(items.len() as i64)) {
            return Err(format!("expected {} to {} of them", bounds.start(), bounds.end()));
        }
        let one = Self { minimum: None, maximum: None, ..self.clone() };
        items.iter().map(|item| one.check_one(item)).collect::<Result<_, _>>().map(Json::Array)
    }

    fn check_one(&self, value: &Json) -> Result<Json, String> {
        let text = value.as_str().filter(|text| text.len() <= MAX_TEXT);
        let is_valid = match self.kind {
            Type::Text | Type::Html => return self.check_text(value),
            Type::Integer => return self.check_integer(value),
            Type::Email => text.is_some_and(is_email),
            Type::Phone => text.is_some_and(is_phone),
            Type::Url => text.is_some_and(|text| {
                Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
            }),
            Type::Boolean => value.is_boolean(),
            Type::Enum => text.is_some_and(|text| self.values.iter().any(|known| known == text)),
            Type::TimeZone => text.is_some_and(|text| Recurring::read("0 0 * * *", text).is_ok()),
            Type::Cron => text.is_some_and(|text| Recurring::read(text, "UTC").is_ok()),
            Type::Secret => text.is_some_and(is_secret_name),
            Type::Json => true,
            Type::File => serde_json::from_value::<File>(value.clone()).is_ok(),
        };
        if is_valid { Ok(value.clone()) } else { Err(self.expected()) }
    }

    fn check_text(&self, value: &Json) -> Result<Json, String> {
        // A number or yes and no are texts where one is wanted.
        let text = match value {
            Json::String(text) => text.clone(),
            Json::Number(_) | Json::Bool(_) => value.to_string(),
            _ => return Err(self.expected()),
        };
        let least = self.minimum.unwrap_or(i64::from(self.required));
        let length = text.chars().count() as i64;
        let in_bounds =
            text.len() <= MAX_TEXT && length >= least && self.maximum.is_none_or(|most| length <= most);
        if in_bounds { Ok(Json::String(text)) } else { Err(self.expected()) }
    }

    fn check_integer(&self, value: &Json) -> Result<Json, String> {
        let whole = value.as_i64();
        let in_bounds = whole.is_some_and(|it| {
            self.minimum.is_none_or(|least| it >= least) && self.maximum.is_none_or(|most| it <= most)
        });
        if in_bounds { Ok(value.clone()) } else { Err(self.expected()) }
    }

    /// What is expected of one value.
    #[must_use]
    pub fn expected(&self) -> String {
        let bounds = |what: &str| match (self.minimum, self.maximum) {
            (None, None) => what.to_owned(),
            (Some(least), None) => format!("{what} from {least} on"),
            (None, Some(most)) => format!("{what} up to {most}"),
            (Some(least), Some(most)) => format!("{what} from {least} to {most}"),
        };
        match self.kind {
            Type::Text | Type::Html => match (self.minimum, self.maximum) {
                (None, None) if self.required => "expected a text that is not empty".to_owned(),
                (None, None) => "expected a text".to_owned(),
                _ => format!("expected a text of a {}", bounds("length")),
            },
            Type::Email => "expected an e-mail address like lois@example.com".to_owned(),
            Type::Phone => "expected a telephone number like +15555550123".to_owned(),
            Type::Url => "expected a URL like https://example.com/path".to_owned(),
            Type::Integer => format!("expected {}", bounds("a whole number")),
            Type::Boolean => "expected true or false".to_owned(),
            Type::Enum => format!("expected one of {}", self.values.join(", ")),
            Type::TimeZone => "expected a zone like America/New_York".to_owned(),
            Type::Cron => {
                "expected a cron pattern of minute, hour, day, month and weekday, like 0 8 * * MON-FRI"
                    .to_owned()
            }
            Type::Secret => {
                "expected the name of a secret in EDGE_SECRETS, of capital letters, digits and _".to_owned()
            }
            Type::Json => "expected a value".to_owned(),
            Type::File => "expected a file: its name, content_type and base64".to_owned(),
        }
    }

    /// Its JSON Schema.
    #[must_use]
    pub fn schema(&self) -> Json {
        let mut schema = match self.kind {
            Type::Integer => json!({ "type": "integer" }),
            Type::Boolean => json!({ "type": "boolean" }),
            Type::Enum => json!({ "enum": self.values }),
            Type::Json => json!({}),
            Type::File => json!({ "type": "object" }),
            Type::Email => json!({ "type": "string", "format": "email" }),
            Type::Url => json!({ "type": "string", "format": "uri" }),
            _ => json!({ "type": "string" }),
        };
        for (name, value) in [("title", &self.title), ("description", &self.description)] {
            if let Some(value) = value {
                schema[name] = json!(value);
            }
        }
        schema
    }
}

/// Whether it can be an address: what may not stand in a header stands in none.
fn is_email(text: &str) -> bool {
    let bare = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, address)) if !name.contains(['<', '>', '"']) => address,
        Some(_) => return false,
        None => text,
    };
    let is_plain = |part: &str| {
        !part.is_empty()
            && !part
                .contains(|it: char| it.is_whitespace() || it.is_control() || ",;:<>()[]\\\"".contains(it))
    };
    text.len() <= 320
        && !text.contains(char::is_control)
        && bare.rsplit_once('@').is_some_and(|(local, domain)| {
            is_plain(local) && is_plain(domain) && domain.contains('.') && !local.contains('@')
        })
}

/// Source: ITU-T E.164: at most 15 digits.
fn is_phone(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0')
}

/// Whether it can be the name of a secret.
#[must_use]
pub fn is_secret_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}

/// The values as the fields have them, defaults where none is given, or all that is wrong. `pointer` is where the values stand.
///
/// # Errors
/// All that is wrong, each with its place.
pub fn check(fields: &Fields, values: &Json, pointer: &str) -> Result<Json, Vec<Problem>> {
    let Json::Object(given) = values else {
        return Err(vec![Problem::new(pointer, "expected an object")]);
    };
    let (mut checked, mut problems) = (serde_json::Map::new(), Vec::new());
    for (name, field) in fields {
        let place = format!("{pointer}/{}", crate::template::escaped(name));
        let value = given.get(name).filter(|value| !value.is_null()).or(field.default.as_ref());
        match value.map(|value| field.check(value)) {
            Some(Ok(value)) => drop(checked.insert(name.clone(), value)),
            Some(Err(detail)) => problems.push(Problem::new(place, detail)),
            None if field.required => problems.push(Problem::new(place, field.expected())),
            None => {}
        }
    }
    for name in given.keys().filter(|name| !fields.contains_key(*name)) {
        let known: Vec<_> = fields.keys().map(String::as_str).collect();
        let place = format!("{pointer}/{}", crate::template::escaped(name));
        problems.push(Problem::new(place, format!("expected one of {}", known.join(", "))));
    }
    if problems.is_empty() { Ok(Json::Object(checked)) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(json: Json) -> Field {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn each_type_takes_what_it_is_and_nothing_else() {
        for (kind, good, bad) in [
            ("text", vec![json!("a"), json!("")], vec![json!(["a"]), json!({})]),
            (
                "email",
                vec![json!("a@b.co"), json!("Lois Ray <lois@example.com>")],
                vec![
                    json!("a@b"),
                    json!("a b@c.de"),
                    json!("a@b.co\r\nBcc: x@y.zz"),
                    json!("a@b.co, c@d.ef"),
                    json!(1),
                ],
            ),
            (
                "phone",
                vec![json!("+15555550123")],
                vec![json!("5555550123"), json!("+1 555"), json!("+0123456789")],
            ),
            (
                "url",
                vec![json!("https://a.example/x?y")],
                vec![json!("a.example"), json!("mailto:a@b.co"), json!("https://")],
            ),
            ("integer", vec![json!(0), json!(-3)], vec![json!(1.5), json!("1"), json!(null)]),
            ("boolean", vec![json!(true)], vec![json!("true"), json!(1)]),
            (
                "time_zone",
                vec![json!("America/New_York"), json!("UTC")],
                vec![json!("Mars/Olympus"), json!("EST5")],
            ),
            ("cron", vec![json!("0 8 * * MON-FRI")], vec![json!("0 8 * *"), json!("soon")]),
            ("secret", vec![json!("RESEND_KEY")], vec![json!("re_123"), json!("")]),
            ("json", vec![json!({ "a": [1] }), json!(1)], vec![]),
            (
                "file",
                vec![json!({ "name": "a.csv", "content_type": "text/csv", "base64": "YQ==" })],
                vec![json!("YQ=="), json!({ "name": "a" })],
            ),
        ] {
            let field = field(json!({ "type": kind }));
            for value in good {
                assert_eq!(field.check(&value), Ok(value.clone()), "{kind}");
            }
            for value in bad {
                let refused = field.check(&value).unwrap_err();
                assert!(refused.starts_with("expected "), "{kind} {value}: {refused}");
            }
        }
    }

    #[test]
    fn bounds_and_lists_are_kept() {
        let days = field(json!({ "type": "integer", "minimum": 1, "maximum": 90 }));
        assert_eq!(days.check(&json!(0)), Err("expected a whole number from 1 to 90".to_owned()));
        let name = field(json!({ "type": "text", "maximum": 3 }));
        assert_eq!((name.check(&json!("äöü")), name.check(&json!(12))), (Ok(json!("äöü")), Ok(json!("12"))));
        assert!(name.check(&json!("four")).is_err());
        let to = field(json!({ "type": "email", "list": true, "maximum": 2 }));
        assert_eq!(to.check(&json!("a@b.co")), Ok(json!(["a@b.co"])));
        assert_eq!(to.check(&json!(["a@b.co", "b", "c@d.ef"])), Err("expected 0 to 2 of them".to_owned()));
        let form = field(json!({ "type": "enum", "values": ["a", "b"] }));
        assert_eq!(form.check(&json!("c")), Err("expected one of a, b".to_owned()));
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let fields: Fields = serde_json::from_value(json!({
            "days": { "type": "integer", "default": 30 },
            "to": { "type": "email", "required": true },
            "key/name": { "type": "secret", "required": true },
        }))
        .unwrap();
        let problems = check(&fields, &json!({ "to": "nobody", "more": 1 }), "/config").unwrap_err();
        let places: Vec<_> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
        assert_eq!(places, ["/config/key~1name", "/config/to", "/config/more"]);
        let checked = check(&fields, &json!({ "to": "a@b.co", "key/name": "K" }), "/config").unwrap();
        assert_eq!(checked, json!({ "days": 30, "to": "a@b.co", "key/name": "K" }));
    }
}
