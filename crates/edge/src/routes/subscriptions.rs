//! Subscriptions, and what was delivered to them.

use canopy::{
    config::Config,
    delivery::{
        Change, DeliveryCursor, DeliveryQuery, NewSubscription, Replay, SigningSecret, Subscription,
        SubscriptionQuery, sample, sample_type,
    },
    id::{Position, PullId, SubscriptionId},
    problem::{Code, Problem},
    routes::Endpoint,
    sweep,
    time::UnixMillis,
};
use serde_json::{Value, json};

use super::history::unknown_pull;
use crate::{
    http::{Incoming, Reply, internal},
    objects::calls::{AskedDeliveries, Delivering, PullClient, SweepClient},
    platform, signed,
    stores::{d1, subscriptions},
};

/// Largest body taken, in bytes.
const MAX_BODY_BYTES: usize = 16 * 1024;

/// Pulls that are asked for their deliveries at a time.
const PULLS_AT_A_TIME: u32 = 20;

fn unknown() -> Problem {
    Problem::new(Code::NotFound, "expected a subscription that GET /api/v1/subscriptions shows")
}

/// `GET /api/v1/subscriptions`
pub async fn page(incoming: &Incoming, config: &Config) -> Result<Reply, Problem> {
    let query = SubscriptionQuery::read(incoming.parameters())?;
    let page = subscriptions::page(&incoming.env, config, &query).await;
    let (page, cursor) = page.map_err(d1::problem("reading the subscriptions"))?;
    let now = platform::now();
    let page: Vec<Value> = page.iter().map(|subscription| subscription.view(now)).collect();
    Ok(Reply::json(200, &json!({ "subscriptions": page, "cursor": cursor })))
}

/// `POST /api/v1/subscriptions`
pub async fn make(incoming: &Incoming, config: &Config, caller: &str) -> Result<Reply, Problem> {
    let new = NewSubscription::read(&incoming.body(MAX_BODY_BYTES).await?.to_vec(), config.is_local)?;
    let id = SubscriptionId::parse(&platform::new_id()).expect("a UUID is an identifier");
    let secret = SigningSecret::new(platform::random());
    let mut made = new.made(id, secret, incoming.origin(), platform::now());
    let put = subscriptions::put(&incoming.env, config, &made).await;
    if !put.map_err(d1::problem("writing the subscription"))? {
        return Err(Problem::new(Code::StateConflict, "expected less than 50 subscriptions: delete one"));
    }
    if made.since.is_some() {
        // Whoever looked for subscriptions while it was being written may have missed it: it begins behind them.
        made.since = Some(platform::now());
        let begun = subscriptions::begin(&incoming.env, &made).await;
        begun.map_err(d1::problem("writing the subscription"))?;
    } else {
        begin_anew(incoming, caller, &made, None).await?;
    }
    Ok(Reply::json(201, &with_secret(&made)))
}

/// As it is shown once.
fn with_secret(made: &Subscription) -> Value {
    let mut view = made.view(platform::now());
    view["secret"] = made.settings.secret.expose().into();
    view
}

/// `/api/v1/subscriptions/{subscription_id}` and what is below it.
pub async fn of_one(
    incoming: &Incoming,
    config: &Config,
    caller: &str,
    endpoint: Endpoint,
    id: &str,
) -> Result<Reply, Problem> {
    let id =
        SubscriptionId::parse(id).map_err(|error| Problem::new(Code::InputInvalid, error.to_string()))?;
    if endpoint == Endpoint::Unsubscribe {
        let known = subscriptions::delete(&incoming.env, &id).await;
        let known = known.map_err(d1::problem("deleting the subscription"))?;
        return if known { Ok(Reply::empty(204)) } else { Err(unknown()) };
    }
    let found = subscriptions::find(&incoming.env, config, &id).await;
    let found = found.map_err(d1::problem("reading the subscription"))?.ok_or_else(unknown)?;
    match endpoint {
        Endpoint::ChangeSubscription => change(incoming, config, caller, found).await,
        Endpoint::Deliveries => deliveries(incoming, &found).await,
        Endpoint::Replay => replay(incoming, caller, &found).await,
        Endpoint::TestSubscription => test(incoming, config, &found).await,
        _ => Ok(Reply::json(200, &found.view(platform::now()))),
    }
}

async fn change(
    incoming: &Incoming,
    config: &Config,
    caller: &str,
    found: Subscription,
) -> Result<Reply, Problem> {
    let change = Change::read(&incoming.body(MAX_BODY_BYTES).await?.to_vec(), config.is_local)?;
    let secret = change.rotates.then(|| SigningSecret::new(platform::random()));
    let (rotates, wakes) = (change.rotates, change.wakes());
    let mut changed = found;
    change.make(&mut changed, secret, platform::now());
    let written = subscriptions::change(&incoming.env, config, &changed).await;
    if !written.map_err(d1::problem("writing the subscription"))? {
        return Err(Problem::new(
            Code::StateConflict,
            "somebody else has just changed it: read it and try again",
        ));
    }
    if wakes && changed.is_active() {
        begin_anew(incoming, caller, &changed, None).await?;
    }
    let view = if rotates { with_secret(&changed) } else { changed.view(platform::now()) };
    Ok(Reply::json(200, &view))
}

/// `POST …/test`: one delivery of a sample.
async fn test(incoming: &Incoming, config: &Config, to: &Subscription) -> Result<Reply, Problem> {
    let event_type = sample_type(&incoming.body(MAX_BODY_BYTES).await?.to_vec())?;
    let body = sample(to.settings.form, &event_type, incoming.origin(), platform::now());
    let id = format!("test_{}", platform::new_id());
    let (tried, _) = signed::post(config, to, &id, &body).await;
    let sent: Value = serde_json::from_str(&body).unwrap_or_default();
    let shown = json!({
        "webhook_id": id,
        "type": event_type,
        "delivered": tried.reason.is_none(),
        "status": tried.status,
        "reason": tried.reason,
        "duration_ms": tried.duration_ms,
        "answer": tried.answer,
        "sent": sent,
    });
    Ok(Reply::json(200, &shown))
}

/// `POST …/replay`
async fn replay(incoming: &Incoming, caller: &str, to: &Subscription) -> Result<Reply, Problem> {
    let replay = Replay::read(&incoming.body(MAX_BODY_BYTES).await?.to_vec(), platform::now())?;
    let Some(pull_id) = &replay.pull_id else {
        begin_anew(incoming, caller, to, Some(replay)).await?;
        return Ok(Reply::json(202, &json!({ "deliveries": null })));
    };
    let failed = internal("sending again");
    let client = PullClient::of(&incoming.env, pull_id).map_err(&failed)?;
    let count = client.redeliver(&to.id, Some(&replay)).await.map_err(failed)?;
    Ok(Reply::json(202, &json!({ "deliveries": count.ok_or_else(unknown_pull)? })))
}

/// Has all pulls look at what the subscription has not got, and send again what `replay` takes: in the background.
async fn begin_anew(
    incoming: &Incoming,
    caller: &str,
    to: &Subscription,
    replay: Option<Replay>,
) -> Result<(), Problem> {
    let Subscription { id, version, .. } = to;
    // Each range is a walk of its own: one does not end another.
    let name = match &replay {
        None => format!("deliver/{id}"),
        Some(_) => format!("deliver/{id}/{}", platform::new_id()),
    };
    let argument = json!(Delivering { subscription_id: id.clone(), version: *version, replay });
    let failed = internal("beginning to look through the pulls");
    let client = SweepClient::of(&incoming.env, &name).map_err(&failed)?;
    let begun = client.begin(sweep::Kind::Deliver, &argument, caller, platform::now()).await;
    begun.map(drop).map_err(failed)
}

/// `GET …/deliveries`: of the pulls that were delivered to last first, or of one.
async fn deliveries(incoming: &Incoming, of: &Subscription) -> Result<Reply, Problem> {
    let query = DeliveryQuery::read(incoming.parameters())?;
    let mut found = Vec::<(UnixMillis, Value)>::new();
    let enough = query.limit as usize + 1;
    if let Some(pull_id) = &query.pull_id {
        let below = query.after.as_ref().map(|after| after.position);
        let page = of_pull(incoming, of, &query, pull_id, below, enough).await?;
        found.extend(page.ok_or_else(unknown_pull)?.into_iter().map(|item| (UnixMillis(0), item)));
    } else {
        let mut after = query.after.clone();
        loop {
            let lanes = subscriptions::pulls(&incoming.env, &of.id, after.as_ref(), PULLS_AT_A_TIME).await;
            let lanes = lanes.map_err(d1::problem("reading the deliveries"))?;
            let is_last = lanes.len() < PULLS_AT_A_TIME as usize;
            for (pull_id, updated_at) in &lanes {
                let of_after = after.as_ref().filter(|after| after.pull_id == *pull_id);
                let below = of_after.map(|after| after.position);
                let left = enough - found.len();
                // One that cannot be read, as its key is gone, hides no other: asked for by itself it says so.
                let page = of_pull(incoming, of, &query, pull_id, below, left).await.unwrap_or_default();
                found.extend(page.unwrap_or_default().into_iter().map(|item| (*updated_at, item)));
                if found.len() >= enough {
                    break;
                }
            }
            let Some((pull_id, updated_at)) = lanes.into_iter().next_back() else { break };
            if is_last || found.len() >= enough {
                break;
            }
            after = Some(DeliveryCursor { updated_at, pull_id, position: 0 });
        }
    }
    let cursor = |(updated_at, item): &(UnixMillis, Value)| {
        let pull_id = item["pull_id"].as_str().and_then(|id| PullId::parse(id).ok());
        let position = item["position"].as_i64().unwrap_or_default();
        let cursor = pull_id.map(|pull_id| DeliveryCursor { updated_at: *updated_at, pull_id, position });
        cursor.map_or_else(String::new, |cursor| cursor.to_string())
    };
    let (page, cursor) = canopy::paging::page(found, query.limit, cursor);
    let page: Vec<Value> = page.into_iter().map(|(_, item)| item).collect();
    Ok(Reply::json(200, &json!({ "deliveries": page, "cursor": cursor })))
}

async fn of_pull(
    incoming: &Incoming,
    of: &Subscription,
    query: &DeliveryQuery,
    pull_id: &PullId,
    below: Option<Position>,
    limit: usize,
) -> Result<Option<Vec<Value>>, Problem> {
    let failed = internal("reading the deliveries");
    let asked = AskedDeliveries {
        subscription_id: of.id.clone(),
        below,
        standing: query.standing,
        limit: limit as u32,
    };
    PullClient::of(&incoming.env, pull_id).map_err(&failed)?.deliveries(&asked).await.map_err(&failed)
}
