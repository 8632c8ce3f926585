//! Walks through a pull's JSON: ids, addresses and dates wherever they stand.

use serde_json::Value;

use crate::{days, ids};

/// Calls `change` with the field name and text of every id inside `value`. Several may stand in one text, by commas.
pub(super) fn each_id(value: &mut Value, change: &mut impl FnMut(&str, &str) -> String) {
    fn walk(field: &str, value: &mut Value, change: &mut impl FnMut(&str, &str) -> String) {
        match value {
            Value::String(text) if text.split(',').all(ids::is_uuid) => {
                *text = text.split(',').map(|id| change(field, id)).collect::<Vec<_>>().join(",")
            }
            Value::Array(rows) => rows.iter_mut().for_each(|row| walk(field, row, change)),
            Value::Object(fields) => fields.iter_mut().for_each(|(name, inner)| walk(name, inner, change)),
            _ => {}
        }
    }
    walk("", value, change);
}

/// Calls `change` with every address inside `value` at which the household itself lives.
pub(super) fn each_address(value: &mut Value, change: &mut impl FnMut(&mut Value)) {
    if value["address_id"].is_string() && value["full_address"].is_string() {
        if matches!(value["address_nature"].as_str(), Some("MAILING" | "PHYSICAL")) {
            change(value);
        }
        return;
    }
    match value {
        Value::Array(rows) => rows.iter_mut().for_each(|row| each_address(row, change)),
        Value::Object(fields) => fields.values_mut().for_each(|inner| each_address(inner, change)),
        _ => {}
    }
}

/// Moves every timestamp inside `value` by whole days.
pub(super) fn shift(value: &mut Value, by_days: i64) {
    match value {
        Value::String(text) if text.len() == 24 && text.ends_with('Z') => {
            *text = days::shifted(text, by_days)
        }
        Value::Array(rows) => rows.iter_mut().for_each(|row| shift(row, by_days)),
        Value::Object(fields) => fields.values_mut().for_each(|inner| shift(inner, by_days)),
        _ => {}
    }
}
