//! D1: the book of business.
//!
//! Each pull's line says what policies it has, as far as that is known. Of each account those of the newest such pull stand in
//! `policies`, which is made of the lines alone: whatever is written when, it ends the same.

use canopy::{
    id::{Id, PullId},
    listing::{Facet, Line, ListKey, Name, place},
    paging,
    pull::View,
};
use intake::book::{Cursor, Entry, NO_DAY, PolicyQuery};
use js_sys::Array;
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use worker::Env;

use super::d1::{AGENCY, integer};
use crate::platform::{self, Row, Thrown};

/// A pull's part, where the line that was written last is of the same revision.
const PUT_BOOK: &str = "
UPDATE pulls SET former_account = account, account = ?3, book = ?4
WHERE pull_id = ?1 AND revision = ?2 AND (account, book) IS NOT (?3, ?4)";

/// The accounts that a pull can have moved between, or have moved its refreshes between, and what stands of each. A refresh whose
/// account is not known stands under the pull that its monitoring began with, and is of that one's account.
const TOUCHED: &str = "
WITH named AS (
  SELECT account FROM pulls WHERE pull_id = ?1 UNION SELECT former_account FROM pulls WHERE pull_id = ?1 UNION SELECT ?1),
touched AS (
  SELECT account FROM named
  UNION SELECT (SELECT pulls.account FROM pulls WHERE pulls.pull_id = named.account) FROM named),
newest AS (
  SELECT account, (
    SELECT pull_id FROM pulls
    WHERE account IN (SELECT touched.account UNION ALL SELECT pull_id FROM pulls AS root WHERE root.account = touched.account)
      AND book IS NOT NULL
    ORDER BY created_at DESC, pull_id DESC LIMIT 1) AS pull_id
  FROM touched WHERE account IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM pulls AS root WHERE root.pull_id = touched.account AND root.account <> touched.account))";

const DELETE_POLICIES: &str = "
DELETE FROM policies WHERE account IN (SELECT account FROM touched) AND (account, pull_id, policy_id) NOT IN (
  SELECT newest.account, pulls.pull_id, entry.value ->> 'policy_id'
  FROM newest JOIN pulls USING (pull_id), json_each(pulls.book) AS entry)";

/// Columns of `policies` that are an entry's members.
const MEMBERS: [&str; 10] = [
    "policy_id",
    "line",
    "policy_type",
    "carrier",
    "status",
    "effective_date",
    "total_premium_cents",
    "annualized_premium_cents",
    "state",
    "is_held",
];

/// Writes what stands of the accounts; a row that is the same already is not written.
fn insert_policies() -> String {
    let columns = MEMBERS.join(", ");
    let of = |table: &str| {
        MEMBERS.map(|member| format!("{table}{member}")).join(", ")
            + &format!(", {table}pull_id, {table}expires")
    };
    let values = MEMBERS.map(|member| format!("entry.value ->> '{member}'")).join(", ");
    let set = MEMBERS.map(|member| format!("{member} = excluded.{member}")).join(", ");
    format!(
        "{TOUCHED} INSERT INTO policies (account, pull_id, expires, {columns})
         SELECT newest.account, pulls.pull_id, coalesce(entry.value ->> 'expiry_date', '{NO_DAY}'), {values}
         FROM newest JOIN pulls USING (pull_id), json_each(pulls.book) AS entry WHERE true
         ON CONFLICT (account, policy_id) DO UPDATE SET pull_id = excluded.pull_id, expires = excluded.expires, {set}
         WHERE ({}) IS NOT ({})",
        of("policies."),
        of("excluded.")
    )
}

/// What a pull's part in the book follows from: as long as that is the same, so is its part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its newest version.
    version: Option<i64>,
    /// Whether that was fetched of a pull that was ready.
    is_ready: bool,
    no_policies: Option<bool>,
    /// A hash, or the pull that its monitoring began with, else itself.
    account: String,
}

impl Source {
    /// Of a pull.
    pub fn of(line: &Line, view: &View, key: &ListKey) -> Self {
        let account = view.account_identifier.as_deref();
        let account = account.and_then(|identifier| Facet::new(Name::Account, identifier));
        let root = || line.initial_pull_id.as_ref().map_or_else(|| line.pull_id.clone(), ToString::to_string);
        Self {
            version: line.snapshot.map(|(version, _)| version),
            is_ready: view.policies_available,
            no_policies: view.no_policies,
            account: account.map_or_else(root, |facet| key.posting(&facet).0),
        }
    }
}

/// A pull's part in the book.
pub struct Part<'a> {
    /// What it follows from.
    pub source: &'a Source,
    /// Its policies; `None` where nothing is known of them.
    pub entries: Option<Vec<Entry>>,
}

impl Part<'_> {
    /// The statements that write it behind the pull's line of `revision`.
    pub fn statements(&self, pull_id: &str, revision: i64) -> [Array; 3] {
        let pull_id = JsValue::from_str(pull_id);
        let book = self.entries.as_ref().map_or(JsValue::NULL, |entries| {
            serde_json::to_string(entries).expect("entries are plain data").into()
        });
        let account = JsValue::from_str(&self.source.account);
        let put = [PUT_BOOK.into(), pull_id.clone(), integer(revision), account, book];
        let delete = format!("{TOUCHED} {DELETE_POLICIES}");
        [
            Array::from_iter(put),
            Array::of2(&delete.into(), &pull_id),
            Array::of2(&insert_policies().into(), &pull_id),
        ]
    }
}

/// The statements that take a pull's part out of the book, while its line still stands: its account's next one takes its place.
pub fn removal(pull_id: &JsValue) -> [Array; 4] {
    let delete = format!("{TOUCHED} {DELETE_POLICIES}");
    [
        Array::of2(&"UPDATE pulls SET book = NULL WHERE pull_id = ?1".into(), pull_id),
        Array::of2(&delete.into(), pull_id),
        Array::of2(&insert_policies().into(), pull_id),
        Array::of2(&"DELETE FROM policies WHERE pull_id = ?1".into(), pull_id),
    ]
}

/// A policy as the back office reads it.
#[derive(Serialize)]
pub struct Policy {
    pull_id: String,
    policy_id: String,
    line: Option<String>,
    policy_type: Option<String>,
    carrier: Option<String>,
    status: Option<String>,
    effective_date: Option<String>,
    expiry_date: Option<String>,
    total_premium_cents: Option<i64>,
    annualized_premium_cents: Option<i64>,
    state: Option<String>,
}

/// What a selection comes to.
#[derive(Serialize)]
pub struct Totals {
    policies: i64,
    /// Of those of which it is known; `None` where it is of none.
    total_premium_cents: Option<i64>,
    annualized_premium_cents: Option<i64>,
    /// How many it is not known of.
    without_total_premium: i64,
    without_annualized_premium: i64,
}

/// The page of `limit` policies, and the cursor of the next.
pub fn page_of(policies: Vec<Policy>, limit: u32) -> (Vec<Policy>, Option<String>) {
    let cursor = |last: &Policy| {
        let expires = last.expiry_date.clone().unwrap_or_else(|| NO_DAY.to_owned());
        let policy_id = Id::parse(&last.policy_id).expect("an entry has an identifier");
        let pull_id = PullId::parse(&last.pull_id).expect("what is listed has an identifier");
        Cursor { expires, policy_id, pull_id }.to_string()
    };
    paging::page(policies, limit, cursor)
}

/// A page of the book, and one policy more when there is another page.
pub async fn policies(env: &Env, query: &PolicyQuery, key: &ListKey) -> Result<Vec<Policy>, Thrown> {
    let bindings = Array::new();
    let bind = |value: JsValue| format!("?{}", bindings.push(&value));
    let mut conditions = conditions(query, key, &bind);
    if let Some(Cursor { expires, policy_id, pull_id }) = &query.after {
        let place = [expires.as_str(), policy_id.as_str(), pull_id.as_str()].map(|part| bind(part.into()));
        conditions += &format!(" AND (expires, policy_id, pull_id) > ({})", place.join(", "));
    }
    let limit = bind((query.limit + 1).into());
    let text = format!(
        "SELECT pull_id, policy_id, line, policy_type, carrier, status, effective_date, nullif(expires, '{NO_DAY}'),
           total_premium_cents, annualized_premium_cents, state
         FROM policies WHERE {conditions} ORDER BY expires, policy_id, pull_id LIMIT {limit}"
    );
    let rows: Array =
        platform::select(&platform::binding(env, AGENCY)?, &text, bindings).await?.unchecked_into();
    let policy = |row: JsValue| {
        let row = Row::of(row.unchecked_into());
        Policy {
            pull_id: row.text(0).unwrap_or_default(),
            policy_id: row.text(1).unwrap_or_default(),
            line: row.text(2),
            policy_type: row.text(3),
            carrier: row.text(4),
            status: row.text(5),
            effective_date: row.text(6),
            expiry_date: row.text(7),
            total_premium_cents: row.integer(8),
            annualized_premium_cents: row.integer(9),
            state: row.text(10),
        }
    };
    Ok(rows.iter().map(policy).collect())
}

/// What all policies that `query` selects come to, whatever its page.
pub async fn totals(env: &Env, query: &PolicyQuery, key: &ListKey) -> Result<Totals, Thrown> {
    let bindings = Array::new();
    let bind = |value: JsValue| format!("?{}", bindings.push(&value));
    let conditions = conditions(query, key, &bind);
    let text = format!(
        "SELECT count(*), sum(total_premium_cents), sum(annualized_premium_cents), count(total_premium_cents),
           count(annualized_premium_cents)
         FROM policies WHERE {conditions}"
    );
    let rows: Array =
        platform::select(&platform::binding(env, AGENCY)?, &text, bindings).await?.unchecked_into();
    let row = Row::of(rows.get(0).unchecked_into());
    let policies = row.integer(0).unwrap_or_default();
    let without = |column| policies - row.integer(column).unwrap_or_default();
    Ok(Totals {
        policies,
        total_premium_cents: row.integer(1),
        annualized_premium_cents: row.integer(2),
        without_total_premium: without(3),
        without_annualized_premium: without(4),
    })
}

/// Which policies `query` selects.
fn conditions(query: &PolicyQuery, key: &ListKey, bind: &impl Fn(JsValue) -> String) -> String {
    let one_of = |column: &str, values: &[String]| match values {
        [] => None,
        [value] => Some(format!("{column} = {}", bind(value.as_str().into()))),
        values => Some(format!("{column} IN (SELECT value FROM json_each({}))", bind(list(values)))),
    };
    let mut all = vec!["true".to_owned()];
    if let Some(from) = query.expiring_from {
        // Behind a cursor the index is entered there: the plus keeps it from being entered where the window begins.
        let column = if query.after.is_some() { "+expires" } else { "expires" };
        all.push(format!("{column} >= {}", bind(from.iso().into())));
    }
    match query.expiring_before {
        Some(before) => all.push(format!("expires < {}", bind(before.iso().into()))),
        None if query.expiring_from.is_some() => all.push(format!("expires < '{NO_DAY}'")),
        None => {}
    }
    let words = [("line", &query.lines), ("carrier", &query.carriers), ("status", &query.statuses)];
    all.extend(words.into_iter().filter_map(|(column, values)| one_of(column, values)));
    for (lines, is) in [(&query.has, "EXISTS"), (&query.lacks, "NOT EXISTS")] {
        all.extend(lines.iter().map(|line| {
            let line = bind(line.as_str().into());
            format!(
                "{is} (SELECT 1 FROM policies AS other
                 WHERE other.account = policies.account AND other.line = {line} AND other.is_held)"
            )
        }));
    }
    all.extend(query.metadata.iter().map(|facet| {
        let hashes: Vec<String> = place(facet, None, key).into_iter().map(|posting| posting.0).collect();
        format!(
            "account IN (
               SELECT coalesce(root.account, pulls.account)
               FROM postings JOIN pulls USING (pull_id) LEFT JOIN pulls AS root ON root.pull_id = pulls.account
               WHERE hash IN (SELECT value FROM json_each({})))",
            bind(list(&hashes))
        )
    }));
    all.join(" AND ")
}

fn list(values: &[String]) -> JsValue {
    serde_json::to_string(values).expect("texts are plain data").into()
}
