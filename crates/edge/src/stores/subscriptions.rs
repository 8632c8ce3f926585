//! D1: subscriptions, how it goes with each, and which pulls were delivered to them.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    rc::Rc,
};

use canopy::{
    config::Config,
    delivery::{DeliveryCursor, MAX_SUBSCRIPTIONS, Subscription, SubscriptionCursor, SubscriptionQuery},
    id::{PullId, SubscriptionId},
    paging,
    time::UnixMillis,
};
use js_sys::Array;
use serde_json::json;
use wasm_bindgen::{JsCast, JsValue};
use worker::Env;

use super::{
    d1::{AGENCY, integer},
    keys,
};
use crate::platform::{self, Row, Thrown};

const COLUMNS: &str = "subscription_id, created_at, version, sealed, settings, enabled, since, failing_since, paused_at, gone_at, resumed_from, resumed_at";

/// All subscriptions, as they were read.
pub struct Known {
    read_at: UnixMillis,
    /// Those that can be read.
    pub all: Vec<Subscription>,
    /// Of all that there are.
    pub ids: BTreeSet<String>,
}

impl Known {
    /// One that is sent to.
    pub fn active(&self, id: &SubscriptionId) -> Option<&Subscription> {
        self.all.iter().find(|subscription| subscription.id == *id && subscription.is_active())
    }
}

thread_local! {
    /// What this isolate read last.
    static KNOWN: RefCell<Option<Rc<Known>>> = const { RefCell::new(None) };
    /// Whether there may be any.
    static ANY: Cell<bool> = const { Cell::new(true) };
}

/// Whether there may be any, as far as this isolate knows.
pub fn may_be() -> bool {
    ANY.get()
}

/// All subscriptions, as they stood at some time after `moment`. One that cannot be opened is told of in the log.
pub async fn all(env: &Env, config: &Config, moment: UnixMillis) -> Result<Rc<Known>, Thrown> {
    if let Some(known) = KNOWN.with_borrow(Clone::clone).filter(|known| known.read_at > moment) {
        return Ok(known);
    }
    let read_at = platform::now();
    let rows = rows(env, &format!("SELECT {COLUMNS} FROM subscriptions"), Array::new()).await?;
    let read = |row: &Row| {
        let subscription = of_row(config, row);
        if subscription.is_none() {
            let line = json!({ "route": "deliveries", "subscription_id": row.text(0), "code": "UNREADABLE" });
            worker::console_error!("{line}");
        }
        subscription
    };
    let all = rows.iter().filter_map(read).collect();
    let ids = rows.iter().filter_map(|row| row.text(0)).collect();
    ANY.set(!rows.is_empty());
    let known = Rc::new(Known { read_at, all, ids });
    let is_newest = KNOWN.with_borrow(|held| held.as_ref().is_none_or(|held| held.read_at < read_at));
    if is_newest {
        KNOWN.set(Some(Rc::clone(&known)));
    }
    Ok(known)
}

/// Forgets what was read: it is another now.
fn forget() {
    KNOWN.set(None);
    ANY.set(true);
}

/// What stands for a pull's id where it is noted which key its settings are under.
fn holder(id: &str) -> String {
    format!("subscription/{id}")
}

/// Seals the settings of all with the first key. One that cannot be opened stays as it is: its key is noted.
pub async fn reseal(env: &Env, config: &Config) -> Result<(), Thrown> {
    let rows = rows(env, &format!("SELECT {COLUMNS} FROM subscriptions"), Array::new()).await?;
    for subscription in rows.iter().filter_map(|row| of_row(config, row)) {
        let [is_sealed, settings] = sealed(config, &subscription);
        let query = "UPDATE subscriptions SET sealed = ?3, settings = ?4 WHERE subscription_id = ?1 AND version = ?2 RETURNING 1";
        let id = subscription.id.as_str();
        let bindings = Array::of4(&id.into(), &integer(subscription.version), &is_sealed, &settings);
        // One that was changed meanwhile was sealed with that.
        self::rows(env, query, bindings).await?;
        keys::put(env, &holder(id), &[config.keys.writes_under()]).await?;
    }
    forget();
    Ok(())
}

/// The place of a subscription's settings, for sealing.
fn context(id: &str) -> String {
    format!("subscription/{id}")
}

fn of_row(config: &Config, row: &Row) -> Option<Subscription> {
    let id = row.text(0)?;
    let mut settings = row.bytes(4);
    let settings = config.keys.read(&mut settings, row.integer(3) == Some(1), &context(&id)).ok()?;
    let moment = |column| row.integer(column).map(UnixMillis);
    Some(Subscription {
        id: SubscriptionId::parse(&id).ok()?,
        settings: serde_json::from_slice(settings).ok()?,
        created_at: row.moment(1),
        version: row.integer(2)?,
        enabled: row.integer(5) == Some(1),
        since: moment(6),
        failing_since: moment(7),
        paused_at: moment(8),
        gone_at: moment(9),
        resumed: moment(10).zip(moment(11)),
    })
}

/// Its settings as they are kept, and whether they are sealed.
fn sealed(config: &Config, subscription: &Subscription) -> [JsValue; 2] {
    let settings = serde_json::to_vec(&subscription.settings).expect("settings are plain data");
    let sealed = config.keys.seal(&settings, &context(subscription.id.as_str()), platform::random());
    [i32::from(sealed.is_some()).into(), platform::to_js(sealed.as_deref().unwrap_or(&settings))]
}

fn moment(at: Option<UnixMillis>) -> JsValue {
    at.map_or(JsValue::NULL, |at| integer(at.0))
}

/// Writes a new one. Gives whether there was room for it.
pub async fn put(env: &Env, config: &Config, new: &Subscription) -> Result<bool, Thrown> {
    let [is_sealed, settings] = sealed(config, new);
    let query = format!(
        "INSERT INTO subscriptions ({COLUMNS}) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, NULL, NULL, NULL, NULL
         WHERE (SELECT count(*) FROM subscriptions) < {MAX_SUBSCRIPTIONS} RETURNING 1"
    );
    let bindings = Array::from_iter([
        new.id.as_str().into(),
        integer(new.created_at.0),
        integer(new.version),
        is_sealed,
        settings,
        i32::from(new.enabled).into(),
        moment(new.since),
    ]);
    let written = !rows(env, &query, bindings).await?.is_empty();
    forget();
    if written {
        keys::put(env, &holder(new.id.as_str()), &[config.keys.writes_under()]).await?;
    }
    Ok(written)
}

/// Writes what its owner changed, unless somebody else has changed it since it was read. Gives whether it was written.
pub async fn change(env: &Env, config: &Config, changed: &Subscription) -> Result<bool, Thrown> {
    let [is_sealed, settings] = sealed(config, changed);
    let query =
        "UPDATE subscriptions SET version = ?2, sealed = ?3, settings = ?4, enabled = ?5,
           failing_since = CASE WHEN ?6 IS NULL THEN NULL ELSE failing_since END, paused_at = ?7, gone_at = ?8, resumed_from = ?9, resumed_at = ?10
         WHERE subscription_id = ?1 AND version = ?2 - 1 RETURNING 1";
    let (from, to) = changed.resumed.unzip();
    let bindings = Array::from_iter([
        changed.id.as_str().into(),
        integer(changed.version),
        is_sealed,
        settings,
        i32::from(changed.enabled).into(),
        moment(changed.failing_since),
        moment(changed.paused_at),
        moment(changed.gone_at),
        moment(from),
        moment(to),
    ]);
    let written = !rows(env, query, bindings).await?.is_empty();
    forget();
    if written {
        keys::put(env, &holder(changed.id.as_str()), &[config.keys.writes_under()]).await?;
    }
    Ok(written)
}

/// Deletes one, and what tells of its deliveries. Gives whether there was one.
pub async fn delete(env: &Env, id: &SubscriptionId) -> Result<bool, Thrown> {
    let of_it = |query: &str| Array::of2(&query.into(), &id.as_str().into());
    let known = find_row(env, id).await?.is_some();
    let statements = [
        of_it("DELETE FROM subscriptions WHERE subscription_id = ?1"),
        of_it("DELETE FROM lanes WHERE subscription_id = ?1"),
        of_it("DELETE FROM tasks WHERE kind = 'DELIVERY' AND subject = ?1"),
        of_it("DELETE FROM pull_keys WHERE pull_id = 'subscription/' || ?1"),
    ];
    platform::write_all(&platform::binding(env, AGENCY)?, statements.into()).await?;
    forget();
    Ok(known)
}

async fn find_row(env: &Env, id: &SubscriptionId) -> Result<Option<Row>, Thrown> {
    let query = format!("SELECT {COLUMNS} FROM subscriptions WHERE subscription_id = ?1");
    Ok(rows(env, &query, Array::of1(&id.as_str().into())).await?.into_iter().next())
}

/// One subscription.
pub async fn find(env: &Env, config: &Config, id: &SubscriptionId) -> Result<Option<Subscription>, Thrown> {
    let row = find_row(env, id).await?;
    row.map(|row| of_row(config, &row).ok_or_else(unopened)).transpose()
}

fn unopened() -> Thrown {
    JsValue::from_str("expected EDGE_SNAPSHOT_KEY to hold the key this subscription was sealed with").into()
}

/// A page of them, the newest first, and the cursor of the next.
pub async fn page(
    env: &Env,
    config: &Config,
    query: &SubscriptionQuery,
) -> Result<(Vec<Subscription>, Option<String>), Thrown> {
    let bindings = Array::of1(&(query.limit + 1).into());
    let behind = query.after.as_ref().map_or("", |after| {
        bindings.push(&integer(after.created_at.0));
        bindings.push(&after.id.as_str().into());
        "WHERE (created_at, subscription_id) < (?2, ?3)"
    });
    let text = format!(
        "SELECT {COLUMNS} FROM subscriptions {behind} ORDER BY created_at DESC, subscription_id DESC LIMIT ?1"
    );
    let found = rows(env, &text, bindings).await?;
    let found = found.iter().map(|row| of_row(config, row).ok_or_else(unopened)).collect::<Result<_, _>>()?;
    let cursor = |last: &Subscription| {
        SubscriptionCursor { created_at: last.created_at, id: last.id.clone() }.to_string()
    };
    Ok(paging::page(found, query.limit, cursor))
}

/// Has it begin when it says.
pub async fn begin(env: &Env, made: &Subscription) -> Result<(), Thrown> {
    let query = "UPDATE subscriptions SET since = ?2 WHERE subscription_id = ?1";
    let statement = Array::of3(&query.into(), &made.id.as_str().into(), &moment(made.since));
    platform::write_all(&platform::binding(env, AGENCY)?, vec![statement]).await?;
    forget();
    Ok(())
}

/// What is noted of an endpoint.
pub enum Health {
    /// It took something.
    Well,
    /// It did not.
    Failing,
    /// It has not for long.
    Paused,
    /// It says that it is gone.
    Gone,
}

/// Notes it, unless it stands there. What an attempt says of an endpoint that its owner has changed meanwhile switches off nothing.
pub async fn note(env: &Env, of: &Subscription, health: &Health, now: UnixMillis) -> Result<(), Thrown> {
    let set = match health {
        Health::Well => {
            "failing_since = NULL WHERE failing_since IS NOT NULL AND ?2 IS NOT NULL AND ?3 IS NOT NULL"
        }
        Health::Failing => "failing_since = ?2 WHERE failing_since IS NULL AND ?3 IS NOT NULL",
        Health::Paused => {
            "paused_at = ?2, version = version + 1 WHERE paused_at IS NULL AND failing_since IS NOT NULL AND version = ?3"
        }
        Health::Gone => "enabled = 0, gone_at = ?2, version = version + 1 WHERE enabled = 1 AND version = ?3",
    };
    let query = format!("UPDATE subscriptions SET {set} AND subscription_id = ?1");
    let bindings = [query.into(), of.id.as_str().into(), integer(now.0), integer(of.version)];
    platform::write_all(&platform::binding(env, AGENCY)?, vec![Array::from_iter(bindings)]).await?;
    forget();
    Ok(())
}

const PUT_LANES: &str = "
INSERT INTO lanes (subscription_id, pull_id, updated_at) SELECT value, ?1, ?2 FROM json_each(?3) WHERE true
ON CONFLICT (subscription_id, pull_id) DO UPDATE SET updated_at = excluded.updated_at";

/// The statement that says which subscriptions a pull was delivered to by now.
pub fn lanes(pull_id: &str, subscriptions: &[&str], now: UnixMillis) -> Array {
    let subscriptions = serde_json::to_string(subscriptions).expect("ids are plain data");
    Array::of4(&PUT_LANES.into(), &pull_id.into(), &integer(now.0), &subscriptions.into())
}

/// Pulls that were delivered to a subscription, the newest first, from the one of `after` on; and when that was.
pub async fn pulls(
    env: &Env,
    id: &SubscriptionId,
    after: Option<&DeliveryCursor>,
    most: u32,
) -> Result<Vec<(PullId, UnixMillis)>, Thrown> {
    let bindings = Array::of2(&id.as_str().into(), &most.into());
    let behind = after.map_or("", |after| {
        bindings.push(&integer(after.updated_at.0));
        bindings.push(&after.pull_id.as_str().into());
        "AND (updated_at, pull_id) <= (?3, ?4)"
    });
    let query = format!(
        "SELECT pull_id, updated_at FROM lanes WHERE subscription_id = ?1 {behind}
         ORDER BY updated_at DESC, pull_id DESC LIMIT ?2"
    );
    let found = rows(env, &query, bindings).await?;
    let lane = |row: &Row| Some((PullId::parse(&row.text(0)?).ok()?, row.moment(1)));
    Ok(found.iter().filter_map(lane).collect())
}

async fn rows(env: &Env, query: &str, bindings: Array) -> Result<Vec<Row>, Thrown> {
    let found: Array =
        platform::select(&platform::binding(env, AGENCY)?, query, bindings).await?.unchecked_into();
    Ok(found.iter().map(|row| Row::of(row.unchecked_into())).collect())
}
