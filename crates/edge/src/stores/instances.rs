//! D1: deployed workflow groups.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

use canopy::{config::Config, time::UnixMillis};
use flow::{
    definition::{Group, Known as Against},
    instance::{Instance, MAX_INSTANCES, Settings},
};
use js_sys::Array;
use serde_json::json;
use wasm_bindgen::{JsCast, JsValue};
use worker::Env;

use super::{
    d1::{AGENCY, integer},
    flows, keys,
};
use crate::platform::{self, Row, Thrown};

const COLUMNS: &str =
    "instance_id, group_id, version, revision, created_at, updated_at, since, sealed, settings, held";

/// An instance with its group.
pub struct Deployed {
    pub instance: Instance,
    pub group: Rc<Group>,
}

/// All instances that start runs, as they were read.
pub struct Known {
    read_at: UnixMillis,
    pub all: Vec<Rc<Deployed>>,
    /// Those whose runs wait.
    pub held: BTreeSet<String>,
}

thread_local! {
    /// What this isolate read last.
    static KNOWN: RefCell<Option<Rc<Known>>> = const { RefCell::new(None) };
    /// Whether there may be any.
    static ANY: Cell<bool> = const { Cell::new(true) };
    /// Versions of groups, which never change.
    static GROUPS: RefCell<HashMap<(String, i64), Rc<Group>>> = RefCell::new(HashMap::new());
}

/// Most groups held in memory.
const MAX_HELD: usize = MAX_INSTANCES as usize + 50;

/// Whether there may be any that starts runs, as far as this isolate knows.
pub fn may_be() -> bool {
    ANY.get()
}

/// Forgets what was read: it is another now.
fn forget() {
    KNOWN.set(None);
    ANY.set(true);
}

/// All that start runs, as they stood at some time after `moment`. One that cannot be read is told of in the log.
pub async fn all(env: &Env, config: &Config, moment: UnixMillis) -> Result<Rc<Known>, Thrown> {
    if let Some(known) = KNOWN.with_borrow(Clone::clone).filter(|known| known.read_at > moment) {
        return Ok(known);
    }
    let read_at = platform::now();
    let rows = rows(
        env,
        &format!("SELECT {COLUMNS} FROM instances WHERE since IS NOT NULL OR held = 1"),
        Array::new(),
    )
    .await?;
    let (held, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.integer(9) == Some(1));
    let held: BTreeSet<String> = held.iter().filter_map(|row| row.text(0)).collect();
    let mut all = Vec::with_capacity(rows.len());
    for row in &rows {
        // What the database does not give now is asked for again; what cannot be read costs nothing else.
        let instance = of_row(config, row).ok();
        let group = match &instance {
            Some(Instance { settings, .. }) => group(env, config, &settings.group, settings.version).await?,
            None => None,
        };
        match instance.zip(group) {
            Some((instance, group)) => all.push(Rc::new(Deployed { instance, group })),
            None => report(row.text(0)),
        }
    }
    ANY.set(!rows.is_empty() || !held.is_empty());
    let known = Rc::new(Known { read_at, all, held });
    let is_newest = KNOWN.with_borrow(|held| held.as_ref().is_none_or(|held| held.read_at < read_at));
    if is_newest {
        KNOWN.set(Some(Rc::clone(&known)));
    }
    Ok(known)
}

fn report(id: Option<String>) {
    let line = json!({ "route": "workflows", "instance_id": id, "code": "UNREADABLE" });
    worker::console_error!("{line}");
}

/// A version of a group, read once; `None` where there is none that can be read.
pub async fn group(
    env: &Env,
    config: &Config,
    name: &str,
    version: i64,
) -> Result<Option<Rc<Group>>, Thrown> {
    let key = (name.to_owned(), version);
    if let Some(group) = GROUPS.with_borrow(|groups| groups.get(&key).cloned()) {
        return Ok(Some(group));
    }
    let Some(row) = flows::row(env, name, u32::try_from(version).ok()).await? else { return Ok(None) };
    // What was taken once is taken: secrets may have been renamed since.
    let against = Against { is_local: config.is_local, ..Against::NOTHING };
    let found = flows::of_row(config, &row).ok();
    let Some(group) = found.and_then(|found| Group::read(&found.definition, &against).ok()) else {
        return Ok(None);
    };
    let group = Rc::new(group);
    GROUPS.with_borrow_mut(|groups| {
        if groups.len() >= MAX_HELD {
            groups.clear();
        }
        groups.insert(key, Rc::clone(&group));
    });
    Ok(Some(group))
}

/// The place of an instance's settings, for sealing.
fn context(id: &str) -> String {
    format!("instance/{id}")
}

fn of_row(config: &Config, row: &Row) -> Result<Instance, Thrown> {
    let id = row.text(0).unwrap_or_default();
    let mut settings = row.bytes(8);
    let opened = config.keys.read(&mut settings, row.integer(7) == Some(1), &context(&id));
    let settings: Option<Settings> = opened.ok().and_then(|text| serde_json::from_slice(text).ok());
    let unopened = "expected EDGE_SNAPSHOT_KEY to hold the key this instance was sealed with";
    Ok(Instance {
        settings: settings.ok_or_else(|| Thrown::from(JsValue::from_str(unopened)))?,
        revision: row.integer(3).unwrap_or_default(),
        created_at: row.moment(4),
        updated_at: row.moment(5),
        since: row.integer(6).map(UnixMillis),
        id,
    })
}

fn sealed(config: &Config, instance: &Instance) -> [JsValue; 2] {
    let text = serde_json::to_vec(&instance.settings).expect("settings are plain data");
    let sealed = config.keys.seal(&text, &context(&instance.id), platform::random());
    [i32::from(sealed.is_some()).into(), platform::to_js(sealed.as_deref().unwrap_or(&text))]
}

/// Writes an instance, unless somebody else has changed or deleted it since it was read, or there is no room. Gives whether it was written.
pub async fn put(env: &Env, config: &Config, instance: &Instance) -> Result<bool, Thrown> {
    let [is_sealed, settings] = sealed(config, instance);
    let query = match instance.revision {
        1 => format!(
            "INSERT OR IGNORE INTO instances ({COLUMNS}) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
             WHERE (SELECT count(*) FROM instances) < {MAX_INSTANCES} RETURNING 1"
        ),
        _ => "UPDATE instances SET group_id = ?2, version = ?3, revision = ?4, created_at = ?5, updated_at = ?6, since = ?7, sealed = ?8,
                settings = ?9, held = ?10 WHERE instance_id = ?1 AND revision = ?4 - 1 RETURNING 1"
            .to_owned(),
    };
    let bindings = Array::from_iter([
        instance.id.as_str().into(),
        instance.settings.group.as_str().into(),
        integer(instance.settings.version),
        integer(instance.revision),
        integer(instance.created_at.0),
        integer(instance.updated_at.0),
        instance.since.map_or(JsValue::NULL, |since| integer(since.0)),
        is_sealed,
        settings,
        i32::from(instance.is_held()).into(),
    ]);
    let written = !rows(env, &query, bindings).await?.is_empty();
    forget();
    if written {
        keys::put(env, &context(&instance.id), &[config.keys.writes_under()]).await?;
    }
    Ok(written)
}

/// One instance.
pub async fn find(env: &Env, config: &Config, id: &str) -> Result<Option<Instance>, Thrown> {
    let query = format!("SELECT {COLUMNS} FROM instances WHERE instance_id = ?1");
    let rows = rows(env, &query, Array::of1(&id.into())).await?;
    rows.first().map(|row| of_row(config, row)).transpose()
}

/// The names of all.
pub async fn ids(env: &Env) -> Result<Vec<String>, Thrown> {
    let rows = rows(env, "SELECT instance_id FROM instances", Array::new()).await?;
    Ok(rows.iter().filter_map(|row| row.text(0)).collect())
}

/// All instances that can be read, by name.
pub async fn list(env: &Env, config: &Config) -> Result<Vec<Instance>, Thrown> {
    let rows =
        rows(env, &format!("SELECT {COLUMNS} FROM instances ORDER BY instance_id"), Array::new()).await?;
    let read = |row: &Row| of_row(config, row).inspect_err(|_| report(row.text(0))).ok();
    Ok(rows.iter().filter_map(read).collect())
}

/// Deletes one. Gives whether there was one.
pub async fn delete(env: &Env, id: &str) -> Result<bool, Thrown> {
    let query = "DELETE FROM instances WHERE instance_id = ?1 RETURNING 1";
    let gone = !rows(env, query, Array::of1(&id.into())).await?.is_empty();
    keys::put(env, &context(id), &[]).await?;
    forget();
    Ok(gone)
}

/// Seals the settings of all with the first key. One that cannot be opened stays as it is: its key is noted.
pub async fn reseal(env: &Env, config: &Config) -> Result<(), Thrown> {
    let rows = rows(env, &format!("SELECT {COLUMNS} FROM instances"), Array::new()).await?;
    for instance in rows.iter().filter_map(|row| of_row(config, row).ok()) {
        let [is_sealed, settings] = sealed(config, &instance);
        let query =
            "UPDATE instances SET sealed = ?3, settings = ?4 WHERE instance_id = ?1 AND revision = ?2";
        let bindings =
            [query.into(), instance.id.as_str().into(), integer(instance.revision), is_sealed, settings];
        platform::write_all(&platform::binding(env, AGENCY)?, vec![Array::from_iter(bindings)]).await?;
        keys::put(env, &context(&instance.id), &[config.keys.writes_under()]).await?;
    }
    forget();
    Ok(())
}

async fn rows(env: &Env, query: &str, bindings: Array) -> Result<Vec<Row>, Thrown> {
    let found: Array =
        platform::select(&platform::binding(env, AGENCY)?, query, bindings).await?.unchecked_into();
    Ok(found.iter().map(|row| Row::of(row.unchecked_into())).collect())
}
