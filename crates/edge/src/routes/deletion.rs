//! Deleting pulls: one, those of an account, or those that the agency's metadata name.

use canopy::{
    config::Config,
    id::PullId,
    listing::PullQuery,
    problem::{Code, Problem},
};
use futures_util::{StreamExt, stream};
use serde_json::json;

use super::history::unknown_pull;
use crate::{
    http::{Incoming, Reply, internal},
    objects::calls::{Erased, PullClient},
    stores::d1,
};

/// Pulls that are deleted side by side.
const AT_A_TIME: usize = 6;

/// What is said with every deletion.
const NOTE: &str = "Deleted is what this edge held. What Canopy Connect holds is not touched: ask Canopy for that. The audit log keeps who asked for what, without data.";

/// `DELETE /api/v1/pulls/{pull_id}`
pub async fn of_one(client: &PullClient) -> Result<Reply, Problem> {
    let erased = client.erase().await.map_err(internal("deleting the pull"))?.ok_or_else(unknown_pull)?;
    let Erased { pull_id, deleted_at, is_done } = erased;
    let told = json!({ "pull_id": pull_id, "deleted_at": deleted_at, "complete": is_done, "note": NOTE });
    Ok(Reply::json(200, &told))
}

/// `DELETE /api/v1/pulls?metadata.<member>=`
pub async fn of_metadata(incoming: &Incoming, config: &Config) -> Result<Reply, Problem> {
    let query = PullQuery::of_metadata(incoming.parameters())?;
    let pulls = d1::pulls(&incoming.env, &query, &config.list_key).await;
    all(incoming, &query, pulls.map_err(d1::problem("reading the list"))?).await
}

/// `DELETE /api/v1/accounts/{account_identifier}`
pub async fn of_account(incoming: &Incoming, config: &Config, segment: &str) -> Result<Reply, Problem> {
    let (_, query) = PullQuery::of_account(segment, incoming.parameters())?;
    let posting = config.list_key.posting(&query.facets[0]);
    let pulls = d1::account_pulls(&incoming.env, &query, &posting).await;
    let pulls = pulls.map_err(d1::problem("reading the account"))?;
    if pulls.is_empty() {
        return Err(Problem::new(Code::NotFound, "expected an account that a pull is of"));
    }
    all(incoming, &query, pulls).await
}

/// Deletes those of a page; where there are more it is to be asked for again.
async fn all(incoming: &Incoming, query: &PullQuery, pulls: Vec<d1::PullLine>) -> Result<Reply, Problem> {
    let (pulls, cursor) = d1::page_of(pulls, query.limit);
    let failed = internal("deleting a pull");
    let erase = |line: d1::PullLine| {
        let failed = &failed;
        async move {
            let id = PullId::parse(&line.pull_id).map_err(|_| unknown_pull())?;
            let client = PullClient::of(&incoming.env, &id).map_err(failed)?;
            client.erase().await.map_err(failed)
        }
    };
    let ended: Vec<_> = stream::iter(pulls).map(erase).buffered(AT_A_TIME).collect().await;
    // One that fails keeps no other: asked for again it is tried again.
    let erased: Vec<_> = ended.into_iter().collect::<Result<_, _>>()?;
    let erased: Vec<_> = erased.into_iter().flatten().collect::<Vec<Erased>>();
    let complete = erased.iter().all(|erased| erased.is_done);
    let ids: Vec<_> = erased.iter().map(|erased| &erased.pull_id).collect();
    let told = json!({ "pull_ids": ids, "complete": complete, "more": cursor.is_some(), "note": NOTE });
    Ok(Reply::json(200, &told))
}
