//! The rows of deliveries.

use std::collections::BTreeMap;

use canopy::{
    delivery::{Delivery, Standing},
    id::{Position, SubscriptionId},
    time::UnixMillis,
};
use wasm_bindgen::JsValue;

use super::super::{
    ledger::Ledger,
    store::{IntoSql, integer},
};
use crate::platform::{self, Row};

/// The place of a delivery, for sealing.
pub fn delivery_context(pull_id: &str, id: &str, position: Position) -> String {
    format!("delivery/{pull_id}/{id}/{position}")
}

fn pull_id(ledger: &Ledger) -> Result<String, JsValue> {
    Ok(ledger.read(|record| record.pull_id.to_string())?.unwrap_or_default())
}

/// Writes a delivery.
pub fn put(
    ledger: &Ledger,
    id: &SubscriptionId,
    position: Position,
    delivery: &Delivery,
) -> Result<(), JsValue> {
    let config = ledger.config()?;
    let text = serde_json::to_vec(delivery).expect("a delivery is plain data");
    let sealed = config.keys.seal(
        &text,
        &delivery_context(&pull_id(ledger)?, id.as_str(), position),
        platform::random(),
    );
    let at = delivery.attempts.last().map_or(UnixMillis(0), |tried| tried.at);
    ledger.database.run(
        "INSERT INTO delivery (subscription_id, position, state, at, sealed, attempts) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (subscription_id, position) DO UPDATE SET state = excluded.state, at = excluded.at,
           sealed = excluded.sealed, attempts = excluded.attempts",
        [
            id.as_str().into(),
            integer(position),
            delivery.standing.code().into(),
            at.into_sql(),
            i32::from(sealed.is_some()).into(),
            platform::to_js(sealed.as_deref().unwrap_or(&text)),
        ],
    )
}

/// Reads a delivery of the columns `state, sealed, attempts` from `column` on. One whose key is gone has its standing alone.
fn read(ledger: &Ledger, row: &Row, column: u32, context: &str) -> Result<Delivery, JsValue> {
    let mut bytes = row.bytes(column + 2);
    let config = ledger.config()?;
    let opened = config.keys.read(&mut bytes, row.integer(column + 1) == Some(1), context);
    let mut delivery: Delivery =
        opened.ok().and_then(|text| serde_json::from_slice(text).ok()).unwrap_or_default();
    delivery.standing = row.integer(column).and_then(Standing::of_code).unwrap_or_default();
    Ok(delivery)
}

/// The delivery of an entry; one that was not begun has no attempt.
pub fn find(ledger: &Ledger, id: &SubscriptionId, position: Position) -> Result<Delivery, JsValue> {
    if !ledger.tables().deliveries {
        return Ok(Delivery::default());
    }
    let query = "SELECT state, sealed, attempts FROM delivery WHERE subscription_id = ?1 AND position = ?2";
    let row = ledger.database.first(query, [id.as_str().into(), integer(position)])?;
    let context = delivery_context(&pull_id(ledger)?, id.as_str(), position);
    row.map_or(Ok(Delivery::default()), |row| read(ledger, &row, 0, &context))
}

/// Deliveries, the newest first: below a position, and of a standing where that is asked for.
pub fn page(
    ledger: &Ledger,
    id: &SubscriptionId,
    below: Option<Position>,
    standing: Option<Standing>,
    limit: u32,
) -> Result<Vec<(Position, Delivery)>, JsValue> {
    if !ledger.tables().deliveries {
        return Ok(Vec::new());
    }
    let rows = ledger.database.all(
        "SELECT position, state, sealed, attempts FROM delivery
         WHERE subscription_id = ?1 AND position < ?2 AND (?3 IS NULL OR state = ?3)
         ORDER BY position DESC LIMIT ?4",
        [
            id.as_str().into(),
            below.map_or_else(|| integer(1 << 52), integer),
            standing.map_or(JsValue::NULL, |standing| standing.code().into()),
            limit.into(),
        ],
    )?;
    let pull_id = pull_id(ledger)?;
    let delivery = |row: &Row| {
        let position = row.integer(0).unwrap_or_default();
        Ok((position, read(ledger, row, 1, &delivery_context(&pull_id, id.as_str(), position))?))
    };
    rows.iter().map(delivery).collect()
}

/// Notes how far a subscription is, and that it was delivered to.
pub fn keep(ledger: &Ledger, id: &SubscriptionId, cursor: Position) -> Result<(), JsValue> {
    ledger.prepare_deliveries()?;
    let query = "INSERT INTO lane (subscription_id, cursor) VALUES (?1, ?2)
         ON CONFLICT (subscription_id) DO UPDATE SET cursor = max(cursor, excluded.cursor)";
    ledger.database.run(query, [id.as_str().into(), integer(cursor)])
}

/// Forgets those that are not among `ids`: they were deleted.
pub fn forget_all_but(
    ledger: &Ledger,
    is_kept: impl Fn(&str) -> bool,
) -> Result<Vec<SubscriptionId>, JsValue> {
    if !ledger.tables().deliveries {
        return Ok(Vec::new());
    }
    let known = ledger.database.all("SELECT subscription_id FROM lane", [])?;
    let gone: Vec<_> = known.iter().filter_map(|row| row.text(0)).filter(|id| !is_kept(id)).collect();
    for id in &gone {
        ledger.database.run("DELETE FROM delivery WHERE subscription_id = ?1", [id.as_str().into()])?;
        ledger.database.run("DELETE FROM lane WHERE subscription_id = ?1", [id.as_str().into()])?;
    }
    Ok(gone.iter().filter_map(|id| SubscriptionId::parse(id).ok()).collect())
}

/// Dead letters: of each subscription when the first was given up.
pub fn dead(ledger: &Ledger) -> Result<BTreeMap<SubscriptionId, UnixMillis>, JsValue> {
    if !ledger.tables().deliveries {
        return Ok(BTreeMap::new());
    }
    let query = "SELECT subscription_id, min(at) FROM delivery WHERE state >= 2 AND state = 2 GROUP BY subscription_id";
    let rows = ledger.database.all(query, [])?;
    let dead = |row: &Row| Some((SubscriptionId::parse(&row.text(0)?).ok()?, row.moment(1)));
    Ok(rows.iter().filter_map(dead).collect())
}

/// Whether it was delivered to.
pub fn has_lane(ledger: &Ledger, id: &SubscriptionId) -> Result<bool, JsValue> {
    if !ledger.tables().deliveries {
        return Ok(false);
    }
    let query = "SELECT 1 FROM lane WHERE subscription_id = ?1";
    Ok(ledger.database.first(query, [id.as_str().into()])?.is_some())
}

/// A subscription that was delivered to, and the newest entry of that.
pub type Lane = (String, Position);

/// Who was delivered to.
pub fn lanes(ledger: &Ledger) -> Result<Vec<Lane>, JsValue> {
    if !ledger.tables().deliveries {
        return Ok(Vec::new());
    }
    let query = "SELECT subscription_id, coalesce((
           SELECT max(position) FROM delivery WHERE delivery.subscription_id = lane.subscription_id), 0) FROM lane";
    let rows = ledger.database.all(query, [])?;
    Ok(rows.iter().filter_map(|row| Some((row.text(0)?, row.integer(1)?))).collect())
}
