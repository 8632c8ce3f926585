//! D1: the list of pulls.
//!
//! A pull stands in `pulls`, and in `postings` under each thing that it is found by. A page reads the rows of a few postings
//! from its cursor on, so it costs what it shows, however long the list is; of a status that pulls only pass through it
//! looks at those that are in it.

use canopy::{
    id::{Id, PullId},
    listing::{Cursor, Line, ListKey, Named, Plan, Posting, PullQuery},
    paging::page,
    problem::{Code, Problem},
    pull::is_refresh,
    status::PullStatus,
    sweep::PageQuery,
    task::Task,
    time::UnixMillis,
};
use js_sys::Array;
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use worker::Env;

pub use crate::platform::sql::integer;
use crate::{
    http::internal,
    platform::{self, Row, Thrown},
};

/// The database's binding.
pub const AGENCY: &str = "AGENCY";

/// A line that is not older than the one that stands there: a write that was long under way changes nothing.
const PUT_LINE: &str = "
INSERT INTO pulls (pull_id, revision, status, complete, created_at, updated_at, places, initial_pull_id, monitoring_id,
  version, fetched_at, next_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, coalesce(?7, '[]'), ?8, ?9, ?10, ?11, ?12)
ON CONFLICT (pull_id) DO UPDATE SET revision = excluded.revision, status = excluded.status,
  complete = excluded.complete, updated_at = excluded.updated_at, places = coalesce(?7, pulls.places),
  initial_pull_id = excluded.initial_pull_id, monitoring_id = excluded.monitoring_id, version = excluded.version,
  fetched_at = excluded.fetched_at, next_at = excluded.next_at
WHERE excluded.revision >= pulls.revision";

const DELETE_POSTINGS: &str = "
DELETE FROM postings WHERE (hash, created_at, pull_id) IN (
  SELECT old.value, pulls.created_at, pulls.pull_id FROM pulls, json_each(pulls.places) AS old
  WHERE pulls.pull_id = ?1 AND pulls.revision <= ?2 AND old.value NOT IN (SELECT value FROM json_each(?3)))";

const INSERT_POSTINGS: &str = "
INSERT OR IGNORE INTO postings (hash, created_at, pull_id)
SELECT value, ?3, ?1 FROM json_each(?4)
WHERE NOT EXISTS (SELECT 1 FROM pulls WHERE pull_id = ?1 AND revision > ?2)";

const DELETE_TASKS: &str = "
DELETE FROM tasks WHERE pull_id = ?1 AND NOT EXISTS (SELECT 1 FROM pulls WHERE pull_id = ?1 AND revision > ?2)
  AND (kind, subject) NOT IN (SELECT value ->> 0, value ->> 1 FROM json_each(?3))";

/// One that is open already stays as it is. Of an account's refreshes the newest alone says whether it asks for its consumer.
const INSERT_TASKS: &str = "
INSERT OR IGNORE INTO tasks (pull_id, kind, subject, since)
SELECT ?1, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?3)
WHERE NOT EXISTS (SELECT 1 FROM pulls WHERE pull_id = ?1 AND revision > ?2)
  AND NOT (value ->> 0 = 'RECONNECT' AND EXISTS (
    SELECT 1 FROM pulls WHERE monitoring_id = value ->> 1 AND created_at > ?4 AND initial_pull_id <> pull_id))";

/// With a refresh those before it ask for nobody.
const DELETE_SUPERSEDED: &str = "
DELETE FROM tasks WHERE kind = 'RECONNECT' AND pull_id IN (
  SELECT pull_id FROM pulls WHERE monitoring_id = ?1 AND created_at < ?2)";

/// Parts of one compound SELECT. Source: workerd, SQLITE_LIMIT_COMPOUND_SELECT.
const MAX_PARTS: usize = 5;

/// A pull as the list shows it.
#[derive(Serialize)]
pub struct PullLine {
    pub pull_id: String,
    status: Option<PullStatus>,
    complete: bool,
    created_at: String,
    updated_at: String,
    initial_pull_id: Option<String>,
    monitoring_id: Option<String>,
    snapshot: Option<SnapshotLine>,
    #[serde(skip)]
    pub created: UnixMillis,
}

impl PullLine {
    /// Whether it is a refresh of another.
    pub fn is_refresh(&self) -> bool {
        is_refresh(&self.pull_id, self.initial_pull_id.as_deref())
    }
}

/// A pull's newest version as Canopy gave it.
#[derive(Serialize)]
pub struct SnapshotLine {
    version: i64,
    fetched_at: String,
}

impl SnapshotLine {
    /// Of the columns `version` and `fetched_at`.
    pub fn of(row: &Row, column: u32) -> Option<Self> {
        let version = row.integer(column)?;
        Some(Self { version, fetched_at: row.moment(column + 1).rfc3339() })
    }
}

/// Writes a pull's line, where else it stands, and its open tasks: those unless they are there already. `beside` are the statements
/// of its part in the book, which go by the line, and of its keys.
pub async fn put_pull(
    env: &Env,
    line: &Line,
    places: Option<&Vec<Posting>>,
    tasks: Option<&[Task]>,
    beside: impl IntoIterator<Item = Array>,
) -> Result<(), Thrown> {
    let (pull_id, revision) = (JsValue::from_str(&line.pull_id), integer(line.revision));
    let places = places.map(|places| serde_json::to_string(places).expect("postings are plain data"));
    let places = places.map_or(JsValue::NULL, JsValue::from);
    let mut statements = Vec::new();
    if !places.is_null() {
        let delete = [DELETE_POSTINGS.into(), pull_id.clone(), revision.clone(), places.clone()];
        let created_at = integer(line.created_at.0);
        let insert = [INSERT_POSTINGS.into(), pull_id.clone(), revision.clone(), created_at, places.clone()];
        statements.extend([Array::from_iter(delete), Array::from_iter(insert)]);
    }
    if let Some(tasks) = tasks {
        let rows: Vec<_> =
            tasks.iter().map(|task| (task.kind.as_str(), &task.subject, task.since.0)).collect();
        let rows = serde_json::to_string(&rows).expect("tasks are plain data");
        let bound = [pull_id.clone(), revision.clone(), rows.into()];
        statements.push(Array::from_iter([DELETE_TASKS.into()].into_iter().chain(bound.clone())));
        let created_at = integer(line.created_at.0);
        if !tasks.is_empty() {
            let bound = bound.into_iter().chain([created_at.clone()]);
            statements.push(Array::from_iter([INSERT_TASKS.into()].into_iter().chain(bound)));
        }
        if let Some(monitoring_id) = line.monitoring_id.as_ref().filter(|_| line.is_refresh()) {
            statements.push(Array::of3(
                &DELETE_SUPERSEDED.into(),
                &monitoring_id.as_str().into(),
                &created_at,
            ));
        }
    }
    let text = |text: Option<&str>| text.map_or(JsValue::NULL, JsValue::from_str);
    statements.push(Array::from_iter([
        PUT_LINE.into(),
        pull_id,
        revision,
        text(line.status.as_ref().map(PullStatus::as_str)),
        i32::from(line.complete).into(),
        integer(line.created_at.0),
        integer(line.updated_at.0),
        places,
        text(line.initial_pull_id.as_ref().map(PullId::as_str)),
        text(line.monitoring_id.as_ref().map(Id::as_str)),
        line.snapshot.map_or(JsValue::NULL, |(version, _)| integer(version)),
        line.snapshot.map_or(JsValue::NULL, |(_, fetched_at)| integer(fetched_at.0)),
        line.next_at.map_or(JsValue::NULL, |at| integer(at.0)),
    ]));
    statements.extend(beside);
    platform::write_all(&platform::binding(env, AGENCY)?, statements).await?;
    Ok(())
}

/// The pulls that have something due by `until`, the earliest first, and when.
pub async fn due(env: &Env, until: UnixMillis, most: u32) -> Result<Vec<(PullId, UnixMillis)>, Thrown> {
    let query = "SELECT pull_id, next_at FROM pulls WHERE next_at <= ?1 ORDER BY next_at, pull_id LIMIT ?2";
    let bindings = Array::of2(&integer(until.0), &most.into());
    let rows: Array =
        platform::select(&platform::binding(env, AGENCY)?, query, bindings).await?.unchecked_into();
    let due = |row: JsValue| {
        let row = Row::of(row.unchecked_into());
        Some((PullId::parse(&row.text(0)?).ok()?, row.moment(1)))
    };
    Ok(rows.iter().filter_map(due).collect())
}

/// A page of all pulls, in order of their ids.
pub async fn pull_ids(env: &Env, query: &PageQuery) -> Result<Vec<PullId>, Thrown> {
    let text = "SELECT pull_id FROM pulls WHERE pull_id > ?1 AND created_at >= ?2 ORDER BY pull_id LIMIT ?3";
    let after = query.after.as_ref().map_or("", PullId::as_str);
    let since = query.since.map_or(JsValue::from_f64(f64::MIN), |since| integer(since.0));
    let bindings = Array::of3(&after.into(), &since, &query.most.into());
    let rows: Array =
        platform::select(&platform::binding(env, AGENCY)?, text, bindings).await?.unchecked_into();
    let id = |row: JsValue| PullId::parse(&Row::of(row.unchecked_into()).text(0)?).ok();
    Ok(rows.iter().filter_map(id).collect())
}

/// How many pulls come behind `place` in that order.
pub async fn count_behind(env: &Env, place: Option<&PullId>) -> Result<u64, Thrown> {
    let text = "SELECT count(*) FROM pulls WHERE pull_id > ?1";
    let bindings = Array::of1(&place.map_or("", PullId::as_str).into());
    let rows: Array =
        platform::select(&platform::binding(env, AGENCY)?, text, bindings).await?.unchecked_into();
    let count = Row::of(rows.get(0).unchecked_into()).integer(0);
    Ok(count.unwrap_or_default().unsigned_abs())
}

/// What a failure of D1's is for the caller.
pub fn problem(what: &'static str) -> impl Fn(Thrown) -> Problem {
    move |thrown| {
        if thrown
            .message()
            .is_some_and(|message| message.contains("no such table") || message.contains("no such column"))
        {
            let detail =
                "AGENCY: expected the tables of migrations/: npx wrangler d1 migrations apply AGENCY";
            return Problem::new(Code::NotConfigured, detail);
        }
        internal(what)(thrown)
    }
}

/// A page of the list, and one pull more when there is another page.
pub async fn pulls(env: &Env, query: &PullQuery, key: &ListKey) -> Result<Vec<PullLine>, Thrown> {
    let (text, bindings) = statement(query, key);
    lines(env, &text, bindings).await
}

/// The columns of a line.
const LINE: &str = "pulls.pull_id, status, complete, pulls.created_at, updated_at, initial_pull_id, monitoring_id, version, fetched_at";

async fn lines(env: &Env, query: &str, bindings: Array) -> Result<Vec<PullLine>, Thrown> {
    let rows: Array =
        platform::select(&platform::binding(env, AGENCY)?, query, bindings).await?.unchecked_into();
    let line = |row: JsValue| {
        let row = Row::of(row.unchecked_into());
        PullLine {
            pull_id: row.text(0).unwrap_or_default(),
            status: row.text(1).map(PullStatus::from),
            complete: row.integer(2) == Some(1),
            created_at: row.moment(3).rfc3339(),
            updated_at: row.moment(4).rfc3339(),
            initial_pull_id: row.text(5),
            monitoring_id: row.text(6),
            snapshot: SnapshotLine::of(&row, 7),
            created: row.moment(3),
        }
    };
    Ok(rows.iter().map(line).collect())
}

/// A pull of an account, by what it is found by or by its monitoring: a refresh knows its account no sooner than its consumer is
/// back. `?1` is the posting.
pub const OF_ACCOUNT: &str = "
WITH named AS (
  SELECT pulls.pull_id, monitoring_id FROM postings JOIN pulls USING (pull_id) WHERE hash = ?1),
account AS (
  SELECT pull_id FROM named UNION
  SELECT pull_id FROM pulls WHERE monitoring_id IN (SELECT monitoring_id FROM named))";

/// What the pulls of an account say together.
#[derive(Default)]
pub struct Account {
    /// Its monitorings, as the newest pulls name them.
    pub monitorings: Vec<Named>,
    /// The version that was fetched last.
    pub snapshot: Option<AccountSnapshot>,
}

/// A version of one of an account's pulls.
#[derive(Serialize)]
pub struct AccountSnapshot {
    pull_id: String,
    #[serde(flatten)]
    line: SnapshotLine,
}

/// Reads what the newest pulls of an account say together; `None` when there are none.
pub async fn account(env: &Env, posting: &Posting) -> Result<Option<Account>, Thrown> {
    let query = format!(
        "{OF_ACCOUNT} SELECT pull_id, monitoring_id, coalesce(initial_pull_id, pull_id), version, fetched_at
         FROM account JOIN pulls USING (pull_id) ORDER BY created_at DESC, pull_id DESC LIMIT 100"
    );
    let bindings = Array::of1(&posting.0.as_str().into());
    let rows: Array =
        platform::select(&platform::binding(env, AGENCY)?, &query, bindings).await?.unchecked_into();
    if rows.length() == 0 {
        return Ok(None);
    }
    let rows: Vec<Row> = rows.iter().map(|row| Row::of(row.unchecked_into())).collect();
    let mut account = Account::default();
    for (monitoring_id, initial_pull_id) in rows.iter().filter_map(|row| row.text(1).zip(row.text(2))) {
        if account.monitorings.iter().all(|known| known.monitoring_id != monitoring_id) {
            account.monitorings.push(Named { monitoring_id, initial_pull_id });
        }
    }
    let newest = rows.iter().max_by_key(|row| row.integer(4));
    account.snapshot = newest
        .and_then(|row| Some(AccountSnapshot { pull_id: row.text(0)?, line: SnapshotLine::of(row, 3)? }));
    Ok(Some(account))
}

/// A page of an account's pulls, and one more when there is another page.
pub async fn account_pulls(env: &Env, query: &PullQuery, posting: &Posting) -> Result<Vec<PullLine>, Thrown> {
    let bindings = Array::of1(&posting.0.as_str().into());
    let bind = |value: JsValue| format!("?{}", bindings.push(&value));
    let behind = query.after.as_ref().map_or_else(String::new, |after| {
        let place = [integer(after.created_at.0), after.pull_id.as_str().into()].map(bind);
        format!("WHERE (created_at, pull_id) < ({})", place.join(", "))
    });
    let limit = bind((query.limit + 1).into());
    let text = format!(
        "{OF_ACCOUNT} SELECT {LINE} FROM account JOIN pulls USING (pull_id) {behind}
         ORDER BY pulls.created_at DESC, pulls.pull_id DESC LIMIT {limit}"
    );
    lines(env, &text, bindings).await
}

/// A page of the list, and the cursor of the next.
pub fn page_of(pulls: Vec<PullLine>, limit: u32) -> (Vec<PullLine>, Option<String>) {
    let cursor = |last: &PullLine| {
        let pull_id = PullId::parse(&last.pull_id).expect("what is listed has an identifier");
        Cursor { created_at: last.created, pull_id }.to_string()
    };
    page(pulls, limit, cursor)
}

/// The pulls of the first place from the cursor on, newest first, each looked up in the other places.
fn statement(query: &PullQuery, key: &ListKey) -> (String, Array) {
    let bindings = Array::new();
    let bind = |value: JsValue| format!("?{}", bindings.push(&value));
    let Plan { places, status } = Plan::of(query, key);
    let mut places = places.into_iter();
    let first = places.next().unwrap_or_default();
    let mut conditions = String::new();
    for place in places {
        let hashes: Vec<String> = place.into_iter().map(|posting| bind(posting.0.into())).collect();
        conditions += &format!(
            " AND EXISTS (SELECT 1 FROM postings AS other WHERE other.hash IN ({})
               AND other.created_at = place.created_at AND other.pull_id = place.pull_id)",
            hashes.join(", ")
        );
    }
    if let Some(status) = &status {
        conditions += &format!(
            " AND EXISTS (SELECT 1 FROM pulls WHERE pulls.pull_id = place.pull_id AND status = {})",
            bind(status.as_str().into())
        );
    }
    if let Some(kind) = query.needs {
        conditions +=
            &format!(" AND place.pull_id IN (SELECT pull_id FROM tasks WHERE kind = {})", bind(kind.into()));
    }
    if let Some(since) = query.since {
        conditions += &format!(" AND place.created_at >= {}", bind(integer(since.0)));
    }
    if let Some(before) = query.before {
        conditions += &format!(" AND place.created_at <= {}", bind(integer(before.0)));
    }
    if let Some(after) = &query.after {
        let (created_at, pull_id) = (bind(integer(after.created_at.0)), bind(after.pull_id.as_str().into()));
        conditions += &format!(" AND (place.created_at, place.pull_id) < ({created_at}, {pull_id})");
    }
    let limit = bind((query.limit + 1).into());
    let order = format!("ORDER BY created_at DESC, pull_id DESC LIMIT {limit}");
    // Each posting has its pulls in order, so merging them reads little more than what is taken. Pulls that were listed by an
    // earlier version stand in two of them until their next copy.
    let of_posting = |posting: Posting| {
        let hash = bind(posting.0.into());
        format!("SELECT created_at, pull_id FROM postings AS place WHERE place.hash = {hash}{conditions}")
    };
    let found = match first.is_empty() {
        true => format!("SELECT created_at, pull_id FROM pulls AS place WHERE true{conditions}"),
        false => {
            let parts: Vec<String> = first.into_iter().map(of_posting).collect();
            let merged = |parts: &[String]| format!("SELECT * FROM ({} {order})", parts.join(" UNION "));
            parts.chunks(MAX_PARTS).map(merged).collect::<Vec<_>>().join(" UNION ")
        }
    };
    let text = format!(
        "SELECT {LINE} FROM ({found} {order}) AS found JOIN pulls USING (pull_id)
         ORDER BY found.created_at DESC, found.pull_id DESC"
    );
    (text, bindings)
}
