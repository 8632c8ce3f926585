//! D1: the audit log.

use std::borrow::Cow;

use canopy::{
    proxy::outcome::Others,
    security::audit::{AuditQuery, Cursor},
    time::UnixMillis,
};
use js_sys::Array;
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use worker::Env;

use super::d1::{AGENCY, integer};
use crate::platform::{self, Row, Thrown};

const MILLIS_A_DAY: i64 = 24 * 60 * 60 * 1_000;

/// Most rows let go of at a time.
const MOST_LET_GO: u32 = 10_000;

/// Who asks what, before it is known what is answered.
pub struct Asked<'a> {
    pub at: UnixMillis,
    /// Another for each pull that it reads.
    pub request_id: Cow<'a, str>,
    pub caller: &'a str,
    /// `operationId`, or the route's path.
    pub operation: &'a str,
    pub method: &'a str,
    pub pull_id: Option<&'a str>,
}

/// Writes it down.
pub async fn begin(env: &Env, asked: &Asked<'_>) -> Result<(), Thrown> {
    write(
        env,
        "INSERT INTO audit (at, request_id, caller, operation, method, pull_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        [
            integer(asked.at.0),
            asked.request_id.as_ref().into(),
            asked.caller.into(),
            asked.operation.into(),
            asked.method.into(),
            asked.pull_id.map_or(JsValue::NULL, JsValue::from_str),
        ],
    )
    .await
}

/// Notes what was answered.
pub async fn end(env: &Env, asked: &Asked<'_>, status: u16) -> Result<(), Thrown> {
    let query = "UPDATE audit SET status = ?3 WHERE at = ?1 AND request_id = ?2";
    write(env, query, [integer(asked.at.0), asked.request_id.as_ref().into(), status.into()]).await
}

/// Deletes what is older than `days`.
pub async fn let_go(env: &Env, days: u32, now: UnixMillis) -> Result<(), Thrown> {
    let last = now.0 - i64::from(days) * MILLIS_A_DAY;
    let query = "DELETE FROM audit WHERE (at, request_id) IN
        (SELECT at, request_id FROM audit WHERE at < ?1 ORDER BY at LIMIT ?2)";
    write(env, query, [integer(last), MOST_LET_GO.into()]).await
}

/// The requests of `others` that Canopy may have taken: by what was answered they were, or it is not known. Of a refusal
/// nothing came.
pub async fn taken(env: &Env, others: &Others) -> Result<Vec<String>, Thrown> {
    const QUERY: &str =
        "SELECT request_id FROM audit WHERE at >= ?1 AND at <= ?2 AND operation = ?3 AND pull_id IS ?4
        AND (status IS NULL OR status < 400 OR status IN (408, 409) OR status >= 500)";
    let pull_id = others.pull_id.as_ref().map_or(JsValue::NULL, |id| id.as_str().into());
    let span = [integer(others.from.0), integer(others.to.0)];
    let bindings = span.into_iter().chain([others.operation.row().id.into(), pull_id]);
    let database = platform::binding(env, AGENCY)?;
    let rows: Array = platform::select(&database, QUERY, Array::from_iter(bindings)).await?.unchecked_into();
    Ok(rows.iter().map(|row| Row::of(row.unchecked_into()).text(0).unwrap_or_default()).collect())
}

async fn write<const N: usize>(env: &Env, query: &str, bindings: [JsValue; N]) -> Result<(), Thrown> {
    let statement = Array::from_iter([query.into()].into_iter().chain(bindings));
    platform::write_all(&platform::binding(env, AGENCY)?, vec![statement]).await?;
    Ok(())
}

/// An entry, as the back office reads it.
#[derive(Serialize)]
pub struct Line {
    at: String,
    request_id: String,
    caller: String,
    operation: String,
    method: String,
    pull_id: Option<String>,
    /// `null` for a call whose end was not noted.
    status: Option<i64>,
    #[serde(skip)]
    pub cursor: Cursor,
}

/// A page of the log, and one entry more when there is another page.
pub async fn page(env: &Env, query: &AuditQuery) -> Result<Vec<Line>, Thrown> {
    let bindings = Array::new();
    let bind = |value: JsValue| format!("?{}", bindings.push(&value));
    let mut conditions = String::new();
    if let Some(since) = query.since {
        conditions += &format!(" AND at >= {}", bind(integer(since.0)));
    }
    if let Some(caller) = &query.caller {
        conditions += &format!(" AND caller = {}", bind(caller.as_str().into()));
    }
    if let Some(pull_id) = &query.pull_id {
        conditions += &format!(" AND pull_id = {}", bind(pull_id.as_str().into()));
    }
    if let Some(after) = &query.after {
        let (at, request_id) = (bind(integer(after.at.0)), bind(after.request_id.as_str().into()));
        conditions += &format!(" AND (at, request_id) < ({at}, {request_id})");
    }
    let limit = bind((query.limit + 1).into());
    let text = format!(
        "SELECT at, request_id, caller, operation, method, pull_id, status FROM audit
         WHERE true{conditions} ORDER BY at DESC, request_id DESC LIMIT {limit}"
    );
    let rows: Array =
        platform::select(&platform::binding(env, AGENCY)?, &text, bindings).await?.unchecked_into();
    let line = |row: JsValue| {
        let row = Row::of(row.unchecked_into());
        let text = |column| row.text(column).unwrap_or_default();
        Line {
            at: row.moment(0).rfc3339(),
            request_id: text(1),
            caller: text(2),
            operation: text(3),
            method: text(4),
            pull_id: row.text(5),
            status: row.integer(6),
            cursor: Cursor { at: row.moment(0), request_id: text(1) },
        }
    };
    Ok(rows.iter().map(line).collect())
}
