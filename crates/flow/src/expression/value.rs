//! Between JSON and the values of expressions.

use std::{collections::HashMap, sync::Arc};

use cel::{
    Value,
    objects::{Key, Map, OptionalValue},
};
use serde_json::{Number, Value as Json};

/// A value as expressions have it. Whole numbers are integers; one that is none of 64 bits is a double.
pub fn to_cel(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(it) => Value::Bool(*it),
        Json::Number(it) => match it.as_i64() {
            Some(whole) => Value::Int(whole),
            None => Value::Float(it.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(it) => Value::String(Arc::new(it.clone())),
        Json::Array(items) => Value::List(Arc::new(items.iter().map(to_cel).collect())),
        Json::Object(members) => {
            let entries = members.iter().map(|(name, it)| (Key::String(Arc::new(name.clone())), to_cel(it)));
            Value::Map(Map { map: Arc::new(entries.collect::<HashMap<_, _>>()) })
        }
    }
}

/// A value as JSON. What is optional and absent is null. `None` where it has no such form: NaN, functions, types.
pub fn to_json(value: &Value) -> Option<Json> {
    Some(match value {
        Value::Null => Json::Null,
        Value::Bool(it) => Json::Bool(*it),
        Value::Int(it) => Json::from(*it),
        Value::UInt(it) => Json::from(*it),
        Value::Float(it) => Json::Number(Number::from_f64(*it)?),
        Value::String(it) => Json::String(it.as_ref().clone()),
        Value::List(items) => Json::Array(items.iter().map(to_json).collect::<Option<_>>()?),
        Value::Map(map) => {
            let member = |(name, it): (&Key, &Value)| Some((name.to_string(), to_json(it)?));
            Json::Object(map.map.iter().map(member).collect::<Option<_>>()?)
        }
        Value::Opaque(_) => match <&OptionalValue>::try_from(value).ok()?.value() {
            Some(it) => to_json(it)?,
            None => Json::Null,
        },
        _ => return None,
    })
}
