//! D1: what needs a person.

use canopy::{
    id::PullId,
    listing::{Facet, ListKey, Name},
    status::PullStatus,
    task::{Cursor, Kind, LEFT_MILLIS, Shown, TaskQuery},
    time::UnixMillis,
};
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use worker::Env;

use super::d1::{AGENCY, integer};
use crate::platform::{self, Row, Thrown};

/// A task that its pull is still about. An account is back when a later pull of its monitoring has come to its end.
const OPEN: &str = "
SELECT since, pull_id, kind, subject FROM tasks
WHERE NOT (kind = 'RECONNECT' AND EXISTS (
  SELECT 1 FROM pulls JOIN pulls AS later USING (monitoring_id)
  WHERE pulls.pull_id = tasks.pull_id AND later.created_at > pulls.created_at AND later.complete))";

/// A page of the open tasks, and one more when there is another page.
pub async fn page(
    env: &Env,
    query: &TaskQuery,
    key: &ListKey,
    now: UnixMillis,
) -> Result<Vec<Shown>, Thrown> {
    let bindings = Array::new();
    let bind = |value: JsValue| format!("?{}", bindings.push(&value));
    let mut conditions = String::new();
    if let Some(kind) = query.kind {
        conditions += &format!(" AND kind = {}", bind(kind.as_str().into()));
    }
    if let Some(pull_id) = &query.pull_id {
        conditions += &format!(" AND pull_id = {}", bind(pull_id.as_str().into()));
    }
    if let Some(Cursor { since, pull_id, kind, subject }) = &query.after {
        let place =
            [integer(since.0), pull_id.as_str().into(), kind.as_str().into(), subject.as_str().into()];
        conditions += &format!(" AND (since, pull_id, kind, subject) < ({})", place.map(bind).join(", "));
    }
    // All that is only passed through stands in one place, and what began long ago was left.
    let passing = bind(key.of_status(&PullStatus::Queued).0.into());
    let (oldest, last) = (bind(integer(now.0 - LEFT_MILLIS)), bind(integer(now.0 - query.stalled_millis)));
    let stalled = format!(
        "SELECT updated_at AS since, pulls.pull_id AS pull_id, '{}' AS kind, '' AS subject
         FROM postings JOIN pulls USING (pull_id)
         WHERE hash = {passing} AND postings.created_at >= {oldest} AND updated_at <= {last}
           AND NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.pull_id = pulls.pull_id)",
        Kind::Stalled.as_str()
    );
    let order = format!(
        "ORDER BY since DESC, pull_id DESC, kind DESC, subject DESC LIMIT {}",
        bind((query.limit + 1).into())
    );
    let part = |rows: &str| format!("SELECT * FROM (SELECT * FROM ({rows}) WHERE true{conditions} {order})");
    rows(env, &format!("{} UNION ALL {} {order}", part(OPEN), part(&stalled)), bindings).await
}

/// The open tasks of an account's pulls, the newest first, but that they stand still.
pub async fn of_account(env: &Env, account: &Facet, key: &ListKey, most: u32) -> Result<Vec<Shown>, Thrown> {
    debug_assert!(account.name == Name::Account);
    let query = format!(
        "SELECT * FROM ({OPEN} AND pull_id IN (SELECT pull_id FROM postings WHERE hash = ?1)) ORDER BY since DESC LIMIT ?2"
    );
    rows(env, &query, Array::of2(&key.posting(account).0.into(), &most.into())).await
}

async fn rows(env: &Env, query: &str, bindings: Array) -> Result<Vec<Shown>, Thrown> {
    let found: Array =
        platform::select(&platform::binding(env, AGENCY)?, query, bindings).await?.unchecked_into();
    let shown = |row: JsValue| {
        let row = Row::of(row.unchecked_into());
        let pull_id = PullId::parse(&row.text(1)?).ok()?;
        // Of a kind that another version knows this one has nothing to say.
        let kind = Kind::read(&row.text(2)?)?;
        Some(Shown { place: Cursor { since: row.moment(0), pull_id, kind, subject: row.text(3)? } })
    };
    Ok(found.iter().filter_map(shown).collect())
}
