//! D1: what needs a person.

use canopy::{
    id::PullId,
    listing::{ListKey, Posting},
    status::PullStatus,
    task::{Cursor, Kind, LEFT_MILLIS, Shown, TaskQuery},
    time::UnixMillis,
};
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use worker::Env;

use super::d1::{AGENCY, OF_ACCOUNT, integer};
use crate::platform::{self, Row, Thrown};

/// A pull on its way of which nothing comes. Of an account's refreshes the newest alone is of interest, and one that asks for its
/// consumer is a reconnect, or was left.
const STALLED: &str = "
SELECT updated_at AS since, pulls.pull_id AS pull_id, 'STALLED' AS kind, '' AS subject
FROM postings JOIN pulls ON pulls.pull_id = postings.pull_id AND pulls.created_at = postings.created_at
WHERE hash = ?1 AND postings.created_at >= ?2 AND updated_at <= ?3
  AND NOT EXISTS (
    SELECT 1 FROM tasks WHERE tasks.pull_id = pulls.pull_id AND tasks.kind NOT IN ('APPROVAL', 'FAILED_RUN'))
  AND NOT (initial_pull_id IS NOT NULL AND status IN (SELECT value FROM json_each(?4)))
  AND NOT EXISTS (
    SELECT 1 FROM pulls AS later
    WHERE later.monitoring_id = pulls.monitoring_id AND later.created_at > pulls.created_at
      AND later.initial_pull_id <> later.pull_id)";

/// A page of the open tasks, and one more when there is another page.
pub async fn page(
    env: &Env,
    query: &TaskQuery,
    key: &ListKey,
    now: UnixMillis,
) -> Result<Vec<Shown>, Thrown> {
    // All that is only passed through stands in one place, and what began long ago was left.
    let asking = PullStatus::KNOWN.into_iter().filter(|status| status.question().is_some());
    let asking = serde_json::to_string(&asking.collect::<Vec<_>>()).expect("statuses are plain data");
    let bindings = Array::of4(
        &key.of_status(&PullStatus::Queued).0.into(),
        &integer(now.0 - LEFT_MILLIS),
        &integer(now.0 - query.stalled_millis),
        &asking.into(),
    );
    let bind = |value: JsValue| format!("?{}", bindings.push(&value));
    let mut conditions = String::new();
    if let Some(kind) = query.kind {
        conditions += &format!(" AND kind = {}", bind(kind.as_str().into()));
    }
    if let Some(pull_id) = &query.pull_id {
        conditions += &format!(" AND pull_id = {}", bind(pull_id.as_str().into()));
    }
    if let Some(Cursor { since, pull_id, kind, subject }) = &query.after {
        let place = [
            integer(since.0),
            pull_id.as_ref().map_or("", |id| id.as_str()).into(),
            kind.as_str().into(),
            subject.as_str().into(),
        ];
        conditions += &format!(" AND (since, pull_id, kind, subject) < ({})", place.map(bind).join(", "));
    }
    let order = format!(
        "ORDER BY since DESC, pull_id DESC, kind DESC, subject DESC LIMIT {}",
        bind((query.limit + 1).into())
    );
    let part = |rows: &str| format!("SELECT * FROM (SELECT * FROM ({rows}) WHERE true{conditions} {order})");
    let written = part("SELECT since, pull_id, kind, subject FROM tasks");
    rows(env, &format!("{written} UNION ALL {} {order}", part(STALLED)), bindings).await
}

/// The tasks of an account's pulls, the newest first, but that they stand still.
pub async fn of_account(env: &Env, posting: &Posting, most: u32) -> Result<Vec<Shown>, Thrown> {
    let query = format!(
        "{OF_ACCOUNT} SELECT since, pull_id, kind, subject FROM account JOIN tasks USING (pull_id)
         ORDER BY since DESC, pull_id DESC, kind DESC, subject DESC LIMIT ?2"
    );
    rows(env, &query, Array::of2(&posting.0.as_str().into(), &most.into())).await
}

async fn rows(env: &Env, query: &str, bindings: Array) -> Result<Vec<Shown>, Thrown> {
    let found: Array =
        platform::select(&platform::binding(env, AGENCY)?, query, bindings).await?.unchecked_into();
    let shown = |row: JsValue| {
        let row = Row::of(row.unchecked_into());
        let pull_id = Some(row.text(1)?).filter(|id| !id.is_empty());
        let pull_id = pull_id.map(|id| PullId::parse(&id)).transpose().ok()?;
        // Of a kind that another version knows this one has nothing to say.
        let kind = Kind::read(&row.text(2)?)?;
        Some(Shown { place: Cursor { since: row.moment(0), pull_id, kind, subject: row.text(3)? } })
    };
    Ok(found.iter().filter_map(shown).collect())
}
