//! The agency's book, asked by a step.

use flow::run::Reason;
use js_sys::Array;
use serde_json::{Value, json};
use wasm_bindgen::JsValue;
use worker::Env;

use super::send::Unmade;
use crate::{
    platform::{self, Fetched, Thrown},
    stores::d1::AGENCY,
};

/// Bytes of what a query gives, as JSON.
const MAX_ROWS_BYTES: u32 = 512 * 1024;

/// Runs a query that only reads, of at most so many rows: what it gives is an answer like a service's, with the rows by their columns' names.
pub async fn query(env: &Env, sql: &str, parameters: &[Value], limit: u32) -> Result<Fetched, Unmade> {
    let asked = async {
        let bindings: Array = parameters.iter().map(parameter).collect();
        platform::named(&platform::binding(env, AGENCY)?, sql, bindings, MAX_ROWS_BYTES)
            .await
            .map_err(Thrown::from)
    };
    let rows = asked.await.map_err(unmade)?.as_string();
    let rows = rows.ok_or_else(|| {
        Unmade::Refused(Reason::Bounds, format!("expected rows of at most {MAX_ROWS_BYTES} bytes"))
    })?;
    let rows: Vec<Value> = serde_json::from_str(&rows).unwrap_or_default();
    if rows.len() > limit as usize {
        return Err(Unmade::Refused(Reason::Bounds, format!("expected at most {limit} rows")));
    }
    let body = json!({ "count": rows.len(), "rows": rows });
    Ok(Fetched { status: 200, headers: Default::default(), body: Some(body.to_string().into_bytes()) })
}

fn parameter(value: &Value) -> JsValue {
    match value {
        Value::Null => JsValue::NULL,
        Value::Bool(value) => i32::from(*value).into(),
        Value::Number(number) => number.as_f64().unwrap_or_default().into(),
        Value::String(text) => text.into(),
        other => other.to_string().into(),
    }
}

/// What the database says of the query is its writer's to read; that it does not answer is nobody's fault.
fn unmade(thrown: Thrown) -> Unmade {
    let message = thrown.message().unwrap_or_default();
    if message.contains("SQLITE_ERROR") || message.contains("SQLITE_RANGE") {
        return Unmade::Refused(Reason::Input, format!("sql: the database does not take it: {message}"));
    }
    Unmade::Unanswered(canopy::retry::Reason::Storage)
}
