//! D1: versions of workflow groups.

use canopy::{config::Config, paging, time::UnixMillis};
use flow::query::GroupQuery;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use worker::Env;

use super::{
    d1::{AGENCY, integer},
    keys,
};
use crate::platform::{self, Row, Thrown};

/// Most groups.
pub const MAX_GROUPS: u32 = 50;

/// Most versions of one.
pub const MAX_VERSIONS: u32 = 1_000;

const COLUMNS: &str = "group_id, version, digest, sealed, definition, created_at, caller";

/// A version of a group, as it was put.
pub struct Version {
    pub group: String,
    pub version: i64,
    pub created_at: UnixMillis,
    pub caller: String,
    /// SHA-256 of the definition, in hex.
    pub digest: String,
    /// The text that was put.
    pub definition: String,
}

/// The place of a definition, for sealing.
fn context(group: &str, digest: &str) -> String {
    format!("flow/{group}/{digest}")
}

/// What stands for a pull's id where it is noted which key a version is under.
fn holder(group: &str, version: i64) -> String {
    format!("flow/{group}/{version}")
}

/// A version of a row.
///
/// # Errors
/// Where it cannot be opened.
pub fn of_row(config: &Config, row: &Row) -> Result<Version, Thrown> {
    let (group, digest) = (row.text(0).unwrap_or_default(), row.text(2).unwrap_or_default());
    let mut definition = row.bytes(4);
    let opened = config.keys.read(&mut definition, row.integer(3) == Some(1), &context(&group, &digest));
    let unopened = "expected EDGE_SNAPSHOT_KEY to hold the key this workflow group was sealed with";
    let opened = opened.ok().and_then(|text| String::from_utf8(text.to_vec()).ok());
    Ok(Version {
        definition: opened.ok_or_else(|| Thrown::from(JsValue::from_str(unopened)))?,
        group,
        version: row.integer(1).unwrap_or_default(),
        created_at: row.moment(5),
        caller: row.text(6).unwrap_or_default(),
        digest,
    })
}

/// The definition as it is kept, and whether it is sealed.
fn sealed(config: &Config, version: &Version) -> [JsValue; 2] {
    let text = version.definition.as_bytes();
    let sealed = config.keys.seal(text, &context(&version.group, &version.digest), platform::random());
    [i32::from(sealed.is_some()).into(), platform::to_js(sealed.as_deref().unwrap_or(text))]
}

/// Writes a version behind the newest, unless that is the same. Gives its number where it was written; `None` where there is no room.
pub async fn put(env: &Env, config: &Config, new: &Version) -> Result<Option<i64>, Thrown> {
    let [is_sealed, definition] = sealed(config, new);
    let query = format!(
        "INSERT INTO flow_groups ({COLUMNS})
         SELECT ?1, coalesce(max(version), 0) + 1, ?2, ?3, ?4, ?5, ?6 FROM flow_groups WHERE group_id = ?1
         HAVING coalesce(max(version), 0) < {MAX_VERSIONS}
           AND (max(version) IS NOT NULL OR (SELECT count(DISTINCT group_id) FROM flow_groups) < {MAX_GROUPS})
         RETURNING version"
    );
    let bindings = Array::from_iter([
        new.group.as_str().into(),
        new.digest.as_str().into(),
        is_sealed,
        definition,
        integer(new.created_at.0),
        new.caller.as_str().into(),
    ]);
    let rows = rows(env, &query, bindings).await?;
    let version = rows.first().and_then(|row| row.integer(0));
    if let Some(version) = version {
        keys::put(env, &holder(&new.group, version), &[config.keys.writes_under()]).await?;
    }
    Ok(version)
}

/// A version of a group as it lies there; the newest where none is named.
pub async fn row(env: &Env, group: &str, version: Option<u32>) -> Result<Option<Row>, Thrown> {
    let query = format!(
        "SELECT {COLUMNS} FROM flow_groups WHERE group_id = ?1 AND (?2 IS NULL OR version = ?2) ORDER BY version DESC LIMIT 1"
    );
    let version = version.map_or(JsValue::NULL, JsValue::from);
    Ok(rows(env, &query, Array::of2(&group.into(), &version)).await?.into_iter().next())
}

/// A version of a group; the newest where none is named.
pub async fn find(
    env: &Env,
    config: &Config,
    group: &str,
    version: Option<u32>,
) -> Result<Option<Version>, Thrown> {
    row(env, group, version).await?.map(|row| of_row(config, &row)).transpose()
}

/// A page of the groups by name, each in its newest version, and the cursor of the next.
pub async fn page(
    env: &Env,
    config: &Config,
    query: &GroupQuery,
) -> Result<(Vec<Version>, Option<String>), Thrown> {
    let text = format!(
        "SELECT {COLUMNS} FROM flow_groups AS newest
         WHERE group_id > ?1 AND version = (SELECT max(version) FROM flow_groups WHERE group_id = newest.group_id)
         ORDER BY group_id LIMIT ?2"
    );
    let after = query.after.as_deref().unwrap_or_default();
    let rows = rows(env, &text, Array::of2(&after.into(), &(query.limit + 1).into())).await?;
    let found = rows.iter().map(|row| of_row(config, row)).collect::<Result<_, _>>()?;
    Ok(paging::page(found, query.limit, |last: &Version| last.group.clone()))
}

/// Seals all definitions with the first key. One that cannot be opened stays as it is: its key is noted.
pub async fn reseal(env: &Env, config: &Config) -> Result<(), Thrown> {
    let head = hex::encode_upper(config.keys.head().unwrap_or_default());
    // What is under the first key already is passed over: what is left of many is gone on with when it is asked for again.
    let query = "SELECT group_id, version FROM flow_groups
      WHERE sealed = 0 OR hex(substr(definition, 1, length(?1) / 2)) <> ?1 LIMIT 200";
    let named = rows(env, query, Array::of1(&head.into())).await?;
    for row in &named {
        let (group, number) = (row.text(0).unwrap_or_default(), row.integer(1).unwrap_or_default());
        let version = u32::try_from(number).ok();
        let Ok(Some(version)) = find(env, config, &group, version).await else { continue };
        let [is_sealed, definition] = sealed(config, &version);
        let query =
            "UPDATE flow_groups SET sealed = ?3, definition = ?4 WHERE group_id = ?1 AND version = ?2";
        let bindings = [query.into(), group.as_str().into(), integer(number), is_sealed, definition];
        platform::write_all(&platform::binding(env, AGENCY)?, vec![Array::from_iter(bindings)]).await?;
        keys::put(env, &holder(&group, number), &[config.keys.writes_under()]).await?;
    }
    Ok(())
}

async fn rows(env: &Env, query: &str, bindings: Array) -> Result<Vec<Row>, Thrown> {
    let found: Array =
        platform::select(&platform::binding(env, AGENCY)?, query, bindings).await?.unchecked_into();
    Ok(found.iter().map(|row| Row::of(row.unchecked_into())).collect())
}
