//! What of JSON Schema the document's requests are written in. A `pattern` is not looked at: it stands for durations alone,
//! which are read where they are used.

use serde_json::{Number, Value};
use url::Url;

use crate::{days, ids};

/// Whether a schema of `document` takes `value`.
#[must_use]
pub fn takes(document: &Value, schema: &Value, value: &Value) -> bool {
    let all = |name: &str| schema[name].as_array().into_iter().flatten();
    let takes = |schema: &Value| takes(document, schema, value);
    let is_type = match &schema["type"] {
        Value::Null => true,
        Value::Array(any) => any.iter().filter_map(Value::as_str).any(|name| is_of_type(name, value)),
        name => name.as_str().is_some_and(|name| is_of_type(name, value)),
    };
    is_type
        && schema["$ref"].as_str().is_none_or(|path| takes(named(document, path)))
        && (schema["enum"].is_null() || all("enum").any(|listed| listed == value))
        && all("allOf").all(&takes)
        && (schema["anyOf"].is_null() || all("anyOf").any(&takes))
        && (schema["oneOf"].is_null() || all("oneOf").filter(|schema| takes(schema)).count() == 1)
        && match value {
            Value::String(text) => takes_text(schema, text),
            Value::Number(number) => takes_number(schema, number),
            Value::Array(items) => {
                let is_repeated = |at: usize| items[..at].contains(&items[at]);
                takes_count(schema, ["minItems", "maxItems"], items.len())
                    && !(schema["uniqueItems"] == true && (1..items.len()).any(is_repeated))
                    && items.iter().all(|item| self::takes(document, &schema["items"], item))
            }
            Value::Object(members) => {
                let is_there = |name: &Value| name.as_str().is_some_and(|name| members.contains_key(name));
                all("required").all(is_there)
                    && members
                        .iter()
                        .all(|(name, member)| self::takes(document, &schema["properties"][name], member))
            }
            Value::Null | Value::Bool(_) => true,
        }
}

/// A query parameter as the value that its schema means.
#[must_use]
pub fn of_text(schema: &Value, text: &str) -> Value {
    let read = match schema["type"].as_str() {
        Some("integer" | "number" | "boolean") => serde_json::from_str(text).ok(),
        _ => None,
    };
    read.unwrap_or_else(|| text.into())
}

/// What `#/…` names: a JSON Pointer as part of a URI (RFC 6901, section 6), of which only `{` and `}` are ever escaped.
fn named<'a>(document: &'a Value, reference: &str) -> &'a Value {
    let pointer = reference.trim_start_matches('#').replace("%7B", "{").replace("%7D", "}");
    document.pointer(&pointer).unwrap_or(&Value::Null)
}

fn is_of_type(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => false,
    }
}

fn takes_text(schema: &Value, text: &str) -> bool {
    takes_count(schema, ["minLength", "maxLength"], text.chars().count())
        && match schema["format"].as_str() {
            Some("uuid") => ids::is_uuid(text),
            Some("date-time") => days::parsed(text).is_some(),
            Some("date") => days::parsed(&format!("{text}T00:00:00Z")).is_some(),
            Some("uri") => Url::parse(text).is_ok(),
            _ => true,
        }
}

fn takes_number(schema: &Value, number: &Number) -> bool {
    let Some(number) = number.as_f64() else { return false };
    schema["minimum"].as_f64().is_none_or(|least| number >= least)
        && schema["maximum"].as_f64().is_none_or(|most| number <= most)
        && (schema["format"] != "int32" || (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&number))
}

fn takes_count(schema: &Value, [least, most]: [&str; 2], count: usize) -> bool {
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    schema[least].as_u64().is_none_or(|least| count >= least)
        && schema[most].as_u64().is_none_or(|most| count <= most)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_keyword_takes_and_refuses() {
        let document = json!({"paths": {"/a/{id}": {"type": "integer"}}});
        let id = "00000000-0000-4000-8000-000000000001";
        let rows = [
            (json!({"type": "boolean"}), json!(true), json!("true")),
            (json!({"type": ["string", "null"]}), json!(null), json!(0)),
            (json!({"type": "integer"}), json!(1.0), json!(1.5)),
            (json!({"enum": ["a", null]}), json!(null), json!("b")),
            (json!({"$ref": "#/paths/~1a~1%7Bid%7D"}), json!(1), json!("1")),
            (json!({"allOf": [{"minimum": 1}, {"maximum": 2}]}), json!(2), json!(3)),
            (json!({"anyOf": [{"type": "array"}, {"minimum": 2}]}), json!([]), json!(1)),
            (json!({"oneOf": [{"minimum": 1}, {"minimum": 2}]}), json!(1), json!(2)),
            (json!({"minLength": 2, "maxLength": 2}), json!("ää"), json!("a")),
            (json!({"format": "uuid"}), json!(id), json!("a")),
            (json!({"format": "date-time"}), json!("2026-01-31T00:00:00Z"), json!("2026-01-31")),
            (json!({"format": "date"}), json!("2026-01-31"), json!("2026-02-31")),
            (json!({"format": "uri"}), json!("https://example.com"), json!("example")),
            (json!({"format": "int32"}), json!(i32::MAX), json!(i64::from(i32::MAX) + 1)),
            (json!({"minItems": 1, "items": {"type": "string"}}), json!(["a"]), json!([1])),
            (json!({"maxItems": 1}), json!([1]), json!([1, 2])),
            (json!({"uniqueItems": true}), json!([1, 2]), json!([1, 2, 1])),
            (json!({"required": ["a"]}), json!({"a": null}), json!({"b": 1})),
            (json!({"properties": {"a": {"type": "null"}}}), json!({"b": 1}), json!({"a": 1})),
        ];
        for (schema, taken, refused) in rows {
            assert!(takes(&document, &schema, &taken), "{schema} takes {taken}");
            assert!(!takes(&document, &schema, &refused), "{schema} refuses {refused}");
        }
    }

    #[test]
    fn a_parameter_is_what_its_schema_means() {
        assert_eq!(of_text(&json!({"type": "integer"}), "12"), json!(12));
        assert_eq!(of_text(&json!({"type": "integer"}), "x"), json!("x"));
        assert_eq!(of_text(&json!({"type": "string"}), "12"), json!("12"));
    }
}
