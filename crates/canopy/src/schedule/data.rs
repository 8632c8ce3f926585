//! What the back office says with an event.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};

use crate::json;

/// Largest, in bytes of JSON.
pub const MAX_BYTES: usize = 8 * 1024;

/// Deepest.
const MAX_DEPTH: usize = 32;

/// A JSON object, the text it came as: numbers keep their digits, members their order.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Data(Box<RawValue>);

impl Data {
    /// What is expected.
    pub const EXPECTED: &'static str =
        "a JSON object of at most 8 KiB, nested at most 32 deep, without numbers beyond 1e308";

    /// Takes an object in bounds.
    #[must_use]
    pub fn read(raw: &RawValue) -> Option<Self> {
        let text = json::mended(raw.get());
        // A number beyond every reader's range would be one that nobody can show.
        let is_object = || matches!(serde_json::from_str(&text), Ok(Value::Object(_)));
        let is_taken = text.len() <= MAX_BYTES && json::depth(&text) <= MAX_DEPTH && is_object();
        is_taken.then(|| RawValue::from_string(text.into_owned()).ok().map(Self))?
    }

    /// How large it is, in bytes of JSON.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.get().len()
    }

    /// Whether it says the same as `other`, however the two are written.
    #[must_use]
    pub fn says_what(&self, other: &Self) -> bool {
        let read = |data: &Self| serde_json::from_str::<Value>(data.0.get()).ok();
        self == other || read(self) == read(other)
    }

    /// Of what the edge knows.
    #[must_use]
    pub fn of(object: &impl Serialize) -> Self {
        Self(to_raw_value(object).expect("an event's data is plain data"))
    }
}

impl Default for Data {
    fn default() -> Self {
        Self::of(&serde_json::Map::new())
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Data({} bytes)", self.0.get().len())
    }
}

impl PartialEq for Data {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Eq for Data {}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Data> {
        Data::read(serde_json::from_str(text).unwrap())
    }

    #[test]
    fn an_object_is_kept_as_it_came() {
        let text = r#"{"b":1.50,"a":12345678901234567890123,"c":{"d":"\ud83d"}}"#;
        let kept = serde_json::to_string(&read(text).unwrap()).unwrap();
        assert_eq!(kept, text.replace("\\ud83d", "\\ufffd"));
        assert_eq!(serde_json::to_string(&Data::default()).unwrap(), "{}");
        assert!(!format!("{:?}", read(text)).contains("1.50"), "it may be a consumer's");
    }

    #[test]
    fn what_is_none_or_too_much_is_refused() {
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(MAX_BYTES));
        let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(32), "]".repeat(32));
        for text in ["[]", "null", "\"{}\"", "7", r#"{"a":1e400}"#, &long, &deep] {
            assert_eq!(read(text), None);
        }
    }
}
