//! D1: the list of runs, copied from the objects in which they are.

use canopy::{paging, task::Task};
use flow::query::{RunCursor, RunQuery};
use js_sys::Array;
use serde_json::{Value, json};
use wasm_bindgen::{JsCast, JsValue};
use worker::Env;

use super::d1::{AGENCY, integer};
use crate::{
    objects::calls::SeenRun,
    platform::{self, Row, Thrown},
};

const PUT: &str = "
INSERT INTO runs (run_id, instance_id, group_id, version, flow, pull_id, cause, status, started_at, updated_at, ended)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
ON CONFLICT (run_id) DO UPDATE SET status = excluded.status, updated_at = excluded.updated_at, ended = excluded.ended
WHERE excluded.updated_at >= updated_at";

/// The statement that writes a run's line.
pub fn put(pull_id: Option<&str>, seen: &SeenRun) -> Array {
    Array::from_iter([
        PUT.into(),
        seen.run_id.as_str().into(),
        seen.instance_id.as_str().into(),
        seen.group.as_str().into(),
        integer(seen.version),
        seen.flow.as_str().into(),
        pull_id.map_or(JsValue::NULL, JsValue::from_str),
        seen.cause.map_or(JsValue::NULL, integer),
        seen.status.as_str().into(),
        integer(seen.started_at),
        integer(seen.updated_at),
        seen.ended.as_ref().map_or(JsValue::NULL, |ended| ended.to_string().into()),
    ])
}

/// Lets go of an instance's tasks, and writes those that are open.
const TASKS: [&str; 2] = [
    "DELETE FROM tasks WHERE pull_id = '' AND substr(subject, 1, length(?1) + 1) = ?1 || '-'
       AND substr(subject, length(?1) + 2) NOT GLOB '*[^0-9]*'
       AND kind || subject NOT IN (SELECT value ->> 0 || (value ->> 1) FROM json_each(?2))",
    "INSERT OR IGNORE INTO tasks (pull_id, kind, subject, since)
     SELECT '', value ->> 0, value ->> 1, value ->> 2 FROM json_each(?2) WHERE ?1 <> ''",
];

/// Writes lines of runs that an instance keeps, all its tasks, and what is written beside.
pub async fn put_all(
    env: &Env,
    instance: &str,
    ran: &[(i64, SeenRun)],
    tasks: &[Task],
    beside: Array,
) -> Result<(), Thrown> {
    let rows: Vec<_> = tasks
        .iter()
        .map(|task| (task.kind.as_str(), format!("{instance}-{}", task.subject), task.since.0))
        .collect();
    let rows = serde_json::to_string(&rows).expect("tasks are plain data");
    let tasks = TASKS.map(|query| Array::of3(&query.into(), &instance.into(), &rows.as_str().into()));
    let lines = ran.iter().map(|(_, seen)| put(None, seen));
    platform::write_all(&platform::binding(env, AGENCY)?, lines.chain(tasks).chain([beside]).collect())
        .await?;
    Ok(())
}

/// Lets go of runs' lines.
pub async fn let_go(env: &Env, ids: &[String]) -> Result<(), Thrown> {
    let query = "DELETE FROM runs WHERE run_id IN (SELECT value FROM json_each(?1))";
    let bound = Array::of2(&query.into(), &json!(ids).to_string().into());
    platform::write_all(&platform::binding(env, AGENCY)?, vec![bound]).await?;
    Ok(())
}

/// Instances that have something under way which is about no pull.
pub async fn instances_under_way(env: &Env) -> Result<Vec<String>, Thrown> {
    let query = "SELECT DISTINCT instance_id FROM runs
        WHERE run_id >= 'i-' AND run_id < 'i.' AND status IN ('running', 'approval') LIMIT 500";
    let found: Array =
        platform::select(&platform::binding(env, AGENCY)?, query, Array::new()).await?.unchecked_into();
    Ok(found.iter().filter_map(|row| Row::of(row.unchecked_into()).text(0)).collect())
}

/// A page of the runs, the newest first, and the cursor of the next.
pub async fn page(env: &Env, query: &RunQuery) -> Result<(Vec<Value>, Option<String>), Thrown> {
    let text = "
SELECT run_id, instance_id, group_id, version, flow, pull_id, cause, status, started_at, updated_at, ended FROM runs
WHERE (?1 IS NULL OR instance_id = ?1) AND (?2 IS NULL OR status = ?2) AND (?3 IS NULL OR pull_id = ?3)
  AND (?4 IS NULL OR (started_at, run_id) < (?4, ?5))
ORDER BY started_at DESC, run_id DESC LIMIT ?6";
    let optional = |text: Option<&str>| text.map_or(JsValue::NULL, JsValue::from_str);
    let (at, id) =
        query.after.as_ref().map(|after| (integer(after.started_at.0), after.run_id.as_str())).unzip();
    let bindings = Array::from_iter([
        optional(query.instance.as_deref()),
        optional(query.status.as_deref()),
        optional(query.pull_id.as_ref().map(|id| id.as_str())),
        at.unwrap_or(JsValue::NULL),
        optional(id),
        (query.limit + 1).into(),
    ]);
    let found: Array =
        platform::select(&platform::binding(env, AGENCY)?, text, bindings).await?.unchecked_into();
    let found = found.iter().map(|row| line(&Row::of(row.unchecked_into()))).collect();
    let cursor = |(cursor, _): &(RunCursor, Value)| cursor.to_string();
    let (page, cursor) = paging::page(found, query.limit, cursor);
    Ok((page.into_iter().map(|(_, line)| line).collect(), cursor))
}

fn line(row: &Row) -> (RunCursor, Value) {
    let ended: Value = row.text(10).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let cursor = RunCursor { started_at: row.moment(8), run_id: row.text(0).unwrap_or_default() };
    let line = json!({
        "run_id": cursor.run_id, "instance_id": row.text(1), "group": row.text(2), "version": row.integer(3), "flow": row.text(4),
        "pull_id": row.text(5), "cause": row.integer(6), "status": row.text(7), "started_at": row.moment(8).rfc3339(),
        "updated_at": row.moment(9).rfc3339(), "reason": ended["reason"], "path": ended["path"],
    });
    (cursor, line)
}
