//! Delivering to one subscription what it has not got yet, one entry after the other.

use std::rc::Rc;

use canopy::{
    config::Config,
    delivery::{Delivery, Standing, Subscription, Tried, Verdict},
    id::{Position, SubscriptionId},
    pull::Work,
    retry::Reason,
    time::UnixMillis,
};
use serde_json::json;
use wasm_bindgen::JsValue;

use super::super::{
    deliveries::{self, Told},
    download::Miss,
    failure::storage,
    ledger::Ledger,
};
use crate::{
    http::note,
    objects::unseen::Unseen,
    platform, signed,
    stores::subscriptions::{self, Health},
};

/// How long one turn lasts, in milliseconds: then others have theirs.
const TURN_MILLIS: u64 = 20_000;

/// How old what is known of the subscriptions may be, in milliseconds.
const KNOWN_MILLIS: i64 = 1_000;

/// Delivers; gives when it goes on, where something is left.
pub async fn deliver(
    ledger: &Rc<Ledger>,
    config: &Config,
    id: &SubscriptionId,
) -> Result<Option<UnixMillis>, Miss> {
    let end = platform::now().plus(TURN_MILLIS);
    loop {
        let Some(last) = ledger.read(|record| record.end).map_err(storage)? else { return Ok(None) };
        let fresh = UnixMillis(last.recorded_at.max(platform::now().0 - KNOWN_MILLIS));
        let known = subscriptions::all(&ledger.env, config, fresh).await.map_err(storage)?;
        let Some(to) = known.active(id) else { return Ok(None) };
        let next = deliveries::next(ledger, to, last.position).map_err(storage)?;
        let Some(position) = next else { return Ok(None) };
        let Attempted { verdict, is_ours } = attempt(ledger, config, to, position).await?;
        let now = platform::now();
        let health = match verdict {
            _ if is_ours => None,
            Verdict::Delivered if to.failing_since.is_some() => Some(Health::Well),
            Verdict::Delivered => None,
            Verdict::Gone => Some(Health::Gone),
            Verdict::Later(_) | Verdict::Dead if to.is_to_be_paused(now) => Some(Health::Paused),
            Verdict::Later(_) | Verdict::Dead if to.failing_since.is_none() => Some(Health::Failing),
            Verdict::Later(_) | Verdict::Dead => None,
        };
        if let Some(health) = &health {
            report(id, health);
            // What is not noted is noted with the next attempt.
            if let Err(thrown) = subscriptions::note(&ledger.env, to, health, now).await {
                note("noting an endpoint's health", &thrown);
            }
        }
        match verdict {
            _ if matches!(health, Some(Health::Gone | Health::Paused)) => return Ok(None),
            Verdict::Later(at) => return Ok(Some(at)),
            // A task comes of it, or is over.
            Verdict::Dead => copy(ledger).map_err(storage)?,
            Verdict::Delivered | Verdict::Gone => {}
        }
        if now >= end {
            return Ok(Some(now));
        }
    }
}

/// How an attempt went.
struct Attempted {
    verdict: Verdict,
    /// Whether it was our own storage that failed, which says nothing of the endpoint.
    is_ours: bool,
}

/// Makes one attempt: it is counted before it begins. One that finds no room is none.
async fn attempt(
    ledger: &Rc<Ledger>,
    config: &Config,
    to: &Subscription,
    position: Position,
) -> Result<Attempted, Miss> {
    let told = match deliveries::told(ledger, &to.settings, position) {
        Ok(told) => Some(told),
        Err(Unseen::NoRoom) => return Err(Miss::NoRoom),
        Err(Unseen::Storage(error)) => {
            note("making a delivery", &error.into());
            None
        }
    };
    let mut delivery = deliveries::find(ledger, &to.id, position).map_err(storage)?;
    let was_dead = matches!(delivery.standing, Standing::Dead | Standing::Again);
    delivery.begin(to.settings.taken_up, platform::now());
    let is_first = write_begun(ledger, to, position, &delivery).map_err(storage)?;
    let is_ours = told.is_none();
    let (tried, retry_after) = match told {
        Some(Told { id, body }) => signed::post(config, to, &id, &body).await,
        None => (Tried::unanswered(platform::now(), Reason::Storage, 0), None),
    };
    let verdict = delivery.end(tried, retry_after.as_deref(), platform::now(), platform::random_u32());
    deliveries::put(ledger, &to.id, position, &delivery).map_err(storage)?;
    if is_first || (was_dead && verdict == Verdict::Delivered) {
        copy(ledger).map_err(storage)?;
    }
    Ok(Attempted { verdict, is_ours })
}

/// Writes down that an attempt begins. Gives whether it is the pull's first to this subscription.
fn write_begun(
    ledger: &Rc<Ledger>,
    to: &Subscription,
    position: Position,
    delivery: &Delivery,
) -> Result<bool, JsValue> {
    let is_first = !deliveries::has_lane(ledger, &to.id)?;
    if is_first {
        deliveries::keep(ledger, &to.id, position - 1)?;
    }
    deliveries::put(ledger, &to.id, position, delivery)?;
    Ok(is_first)
}

/// Has the pull's copies written: the list of what was delivered, and its tasks.
fn copy(ledger: &Rc<Ledger>) -> Result<(), JsValue> {
    ledger.store(|record| record.outbox.want(&Work::Copy, None, platform::now())).map(drop)
}

/// One line for the operator: no URL, which may be a secret.
fn report(id: &SubscriptionId, health: &Health) {
    let code = match health {
        Health::Well => "WELL",
        Health::Failing => "FAILING",
        Health::Paused => "PAUSED",
        Health::Gone => "GONE",
    };
    let line = json!({ "route": "deliveries", "subscription_id": id, "code": code });
    match health {
        Health::Well => worker::console_log!("{line}"),
        _ => worker::console_warn!("{line}"),
    }
}
