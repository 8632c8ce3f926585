//! Whether what is listed is what was asked for.

use serde_json::{Map, Value, value::RawValue};

use crate::json;

/// Whether two values say the same: members in any order, `null` for one left out, a number in each of its spellings.
/// What cannot be read is the same as nothing.
pub fn same(one: &RawValue, other: &RawValue) -> bool {
    let read = |raw: &RawValue| serde_json::from_str::<Value>(&json::mended(raw.get())).ok();
    read(one).zip(read(other)).is_some_and(|(one, other)| equal(&one, &other))
}

fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => holds(one, other) && holds(other, one),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        // Two whole numbers are compared as they are: as fractions, large ones would run together.
        (Value::Number(a), Value::Number(b)) if a.is_f64() || b.is_f64() => a.as_f64() == b.as_f64(),
        _ => one == other,
    }
}

fn holds(one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
    other.iter().all(|(name, value)| equal(one.get(name).unwrap_or(&Value::Null), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_same(one: &str, other: &str) -> bool {
        let raw = |text: &str| RawValue::from_string(text.to_owned()).unwrap();
        same(&raw(one), &raw(other))
    }

    #[test]
    fn the_same_is_said_in_several_ways() {
        for (one, other) in [
            (r#"{"a":1,"b":[{"c":"x"}]}"#, r#"{ "b": [{"c":"\u0078","d":null}], "a": 1.0 }"#),
            ("1e2", "100"),
            (r#""Ann \ud83d""#, r#""Ann \ufffd""#),
            ("{}", r#"{"a":null}"#),
        ] {
            assert!(are_same(one, other) && are_same(other, one), "{one} {other}");
        }
        for (one, other) in [
            ("9007199254740993", "9007199254740992"),
            (r#"{"a":1}"#, r#"{"a":1,"b":false}"#),
            ("[1,2]", "[2,1]"),
            ("[]", "{}"),
            (r#""1""#, "1"),
            ("1e999", "1e999"),
        ] {
            assert!(!are_same(one, other) && !are_same(other, one), "{one} {other}");
        }
        let deep = "[".repeat(500) + &"]".repeat(500);
        assert!(!are_same(&deep, &deep), "what is not read is not the same");
    }
}
