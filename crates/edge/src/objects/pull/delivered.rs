//! Deliveries as the back office asks for them.

use std::rc::Rc;

use canopy::{
    delivery::{Delivery, Replay, Standing, Subscription, type_of},
    id::{Position, SubscriptionId},
    pull::{Kind, Record, Work},
    time::UnixMillis,
};
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;

use super::{deliveries, ledger::Ledger, object::PullObject, own::is_begun, store::integer};
use crate::{objects::calls::AskedDeliveries, platform, stores::subscriptions};

#[wasm_bindgen]
impl PullObject {
    /// Deliveries of the pull, an [`AskedDeliveries`] as JSON; `undefined` when the pull is unknown.
    pub fn deliveries(&self, asked: &str) -> Result<Option<String>, JsValue> {
        let ledger = &self.ledger;
        let asked: AskedDeliveries = serde_json::from_str(asked).map_err(|_| "query unreadable")?;
        if !is_begun(ledger)? {
            return Ok(None);
        }
        let page =
            deliveries::page(ledger, &asked.subscription_id, asked.below, asked.standing, asked.limit)?;
        let items = page
            .iter()
            .map(|(position, delivery)| shown(ledger, &asked.subscription_id, *position, delivery));
        let items: Vec<Value> = items.collect::<Result<_, _>>()?;
        Ok(Some(Value::from(items).to_string()))
    }

    /// Has a subscription looked at anew, and what a [`Replay`] as JSON takes sent again. Gives how many entries those are;
    /// `undefined` when the pull is unknown.
    pub async fn redeliver(&self, id: String, replay: Option<String>) -> Result<Option<u32>, JsValue> {
        let ledger = Rc::clone(&self.ledger);
        let id = SubscriptionId::parse(&id).map_err(|_| "subscription unreadable")?;
        if !is_begun(&ledger)? {
            return Ok(None);
        }
        let config = ledger.config()?;
        let end = ledger.read(|record| record.end.position)?.unwrap_or_default();
        let known = subscriptions::all(&ledger.env, &config, platform::now()).await?;
        let Some(to) = known.all.iter().find(|to| to.id == id) else { return Ok(Some(0)) };
        let replay: Option<Replay> =
            replay.map(|text| serde_json::from_str(&text)).transpose().map_err(|_| "range unreadable")?;
        redeliver(&ledger, to, end, replay.as_ref()).map(Some)
    }
}

fn redeliver(
    ledger: &Ledger,
    to: &Subscription,
    end: Position,
    replay: Option<&Replay>,
) -> Result<u32, JsValue> {
    let count = replay.map_or(Ok(0), |replay| deliveries::mark(ledger, to, replay))?;
    if deliveries::next(ledger, to, end)?.is_some() {
        let now = platform::now();
        ledger.store(|record| {
            record.outbox.hasten(&Work::Deliver(to.id.clone()), now);
            record.outbox.want(&Work::Copy, None, now);
        })?;
    }
    Ok(count)
}

fn shown(
    ledger: &Ledger,
    id: &SubscriptionId,
    position: Position,
    delivery: &Delivery,
) -> Result<Value, JsValue> {
    let query = "SELECT kind, event_type FROM entry WHERE position = ?1";
    let row = ledger.database.first(query, [integer(position)])?;
    let kind = row.as_ref().and_then(|row| row.integer(0)).and_then(Kind::of_code);
    let event_type = row.and_then(|row| row.text(1)).unwrap_or_default();
    let is_open = matches!(delivery.standing, Standing::Waiting | Standing::Again);
    let pending = |record: &Record| {
        (record.pull_id.to_string(), record.outbox.row(&Work::Deliver(id.clone())).map(|row| row.due))
    };
    let (pull_id, due) = ledger.read(pending)?.unwrap_or_default();
    let due = due.filter(|_| is_open);
    Ok(json!({
        "webhook_id": format!("{pull_id}_{position}"),
        "pull_id": pull_id,
        "position": position,
        "type": type_of(kind, &event_type),
        "state": delivery.standing.as_str(),
        "next_at": due.map(UnixMillis::rfc3339),
        "attempts": delivery.attempts,
    }))
}
