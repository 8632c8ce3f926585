//! An insurance company's account with all its pulls.

use canopy::{
    api::Call,
    config::Config,
    json as raw,
    listing::PullQuery,
    problem::{Code, Problem},
    task::MAX_LIMIT,
};
use futures_util::future::try_join3;
use serde_json::{Value, json};

use crate::{
    canopy_client,
    http::{Incoming, Reply},
    stores::{
        d1::{self, Account},
        tasks,
    },
};

/// Most of an account's monitorings taken from Canopy, in bytes.
const MAX_MONITORINGS_BYTES: usize = 256 * 1024;

/// `GET /api/v1/accounts/{account_identifier}`
pub async fn account(incoming: &Incoming, config: &Config, segment: &str) -> Result<Reply, Problem> {
    let (identifier, query) = PullQuery::of_account(segment, incoming.parameters())?;
    let (env, posting) = (&incoming.env, config.list_key.posting(&query.facets[0]));
    let (pulls, account, tasks) = try_join3(
        d1::account_pulls(env, &query, &posting),
        d1::account(env, &posting),
        tasks::of_account(env, &posting, MAX_LIMIT),
    )
    .await
    .map_err(d1::problem("reading the account"))?;
    let account =
        account.ok_or_else(|| Problem::new(Code::NotFound, "expected an account that a pull is of"))?;
    // The pages after the first are of its pulls.
    let asks = query.after.is_none() && !account.monitorings.is_empty();
    let current = if asks { monitorings(config, &identifier).await } else { Vec::new() };
    let (pulls, cursor) = d1::page_of(pulls, &query);
    Ok(Reply::json(
        200,
        &json!({
            "account_identifier": identifier,
            "monitoring": monitoring(&account, current),
            "snapshot": account.snapshot,
            "tasks": tasks,
            "pulls": pulls,
            "cursor": cursor,
        }),
    ))
}

/// The account's monitoring: the active one, else that of its newest pull. With it, as Canopy says that it stands; `null` where
/// Canopy does not.
fn monitoring(account: &Account, current: Vec<Value>) -> Value {
    let id_of = |monitoring: &Value| monitoring["monitoring_id"].as_str().map(str::to_owned);
    let active = current.iter().find(|monitoring| monitoring["status"] == "ACTIVE").and_then(id_of);
    let newest = account.monitorings.first().map(|(id, _)| id.clone());
    let Some(id) = active.or(newest) else { return Value::Null };
    let initial = account.monitorings.iter().find(|(known, _)| *known == id).map(|(_, initial)| initial);
    let current = current.into_iter().find(|monitoring| id_of(monitoring).as_ref() == Some(&id));
    json!({ "monitoring_id": id, "initial_pull_id": initial, "current": current })
}

/// The account's monitorings as Canopy has them; none where it does not say.
async fn monitorings(config: &Config, account: &str) -> Vec<Value> {
    let call = Call::monitorings(&config.team_id, account);
    let answer = canopy_client::read(config, &call, MAX_MONITORINGS_BYTES).await;
    let Some(answer) = answer.ok().filter(|answer| answer.status == 200) else { return Vec::new() };
    let body = raw::body(&answer.body);
    let [monitorings] = raw::members(&body, ["monitorings"]).unwrap_or_default();
    let read = monitorings.and_then(|all| serde_json::from_str::<Vec<Value>>(all.get()).ok());
    read.unwrap_or_default().into_iter().filter(Value::is_object).collect()
}
