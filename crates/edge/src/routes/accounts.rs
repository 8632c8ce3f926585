//! An insurance company's account with all its pulls.

use canopy::{
    api::Call,
    config::Config,
    json::body,
    listing::{PullQuery, monitoring},
    paging::MAX_LIMIT,
    problem::{Code, Problem},
};
use futures_util::future::try_join3;
use serde_json::json;

use crate::{
    canopy_client,
    http::{Incoming, Reply},
    stores::{d1, tasks},
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
    let listed = if asks { monitorings(config, &identifier).await } else { Vec::new() };
    let (pulls, cursor) = d1::page_of(pulls, query.limit);
    Ok(Reply::json(
        200,
        &json!({
            "account_identifier": identifier,
            "monitoring": monitoring(&account.monitorings, &body(&listed)),
            "snapshot": account.snapshot,
            "tasks": tasks,
            "pulls": pulls,
            "cursor": cursor,
        }),
    ))
}

/// The account's monitorings as Canopy has them; nothing where it does not say.
async fn monitorings(config: &Config, account: &str) -> Vec<u8> {
    let call = Call::monitorings(&config.team_id, account);
    let answer = canopy_client::read(config, &call, MAX_MONITORINGS_BYTES).await;
    answer.ok().filter(|answer| answer.status == 200).map(|answer| answer.body).unwrap_or_default()
}
