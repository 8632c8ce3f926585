//! An insurance company's account with all its pulls.

use canopy::{
    api::Call,
    config::Config,
    id::Id,
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

/// Largest monitoring taken from Canopy, in bytes.
const MAX_MONITORING_BYTES: usize = 64 * 1024;

/// `GET /api/v1/accounts/{account_identifier}`
pub async fn account(incoming: &Incoming, config: &Config, segment: &str) -> Result<Reply, Problem> {
    let (identifier, query) = PullQuery::of_account(segment, incoming.parameters())?;
    let (env, key) = (&incoming.env, &config.list_key);
    let facet = &query.facets[0];
    let (pulls, account, tasks) = try_join3(
        d1::pulls(env, &query, key),
        d1::account(env, facet, key),
        tasks::of_account(env, facet, key, MAX_LIMIT),
    )
    .await
    .map_err(d1::problem("reading the account"))?;
    let account =
        account.ok_or_else(|| Problem::new(Code::NotFound, "expected an account that a pull is of"))?;
    let monitoring = monitoring(config, &account).await;
    let (pulls, cursor) = d1::page_of(pulls, &query);
    Ok(Reply::json(
        200,
        &json!({
            "account_identifier": identifier,
            "monitoring": monitoring,
            "snapshot": account.snapshot,
            "tasks": tasks,
            "pulls": pulls,
            "cursor": cursor,
        }),
    ))
}

/// The account's monitoring: its pulls, and how Canopy says that it stands, `null` where Canopy does not.
async fn monitoring(config: &Config, account: &Account) -> Value {
    let Some((monitoring_id, initial_pull_id)) = &account.monitoring else { return Value::Null };
    let current = async {
        let call = Call::monitoring(&config.team_id, &Id::parse(monitoring_id).ok()?);
        let answer = canopy_client::read(config, &call, MAX_MONITORING_BYTES).await.ok()?;
        let body = raw::body(&answer.body);
        let [monitoring] = raw::members(&body, ["monitoring"]).filter(|_| answer.status == 200)?;
        serde_json::from_str::<Value>(monitoring?.get()).ok().filter(Value::is_object)
    };
    json!({ "monitoring_id": monitoring_id, "initial_pull_id": initial_pull_id, "current": current.await })
}
