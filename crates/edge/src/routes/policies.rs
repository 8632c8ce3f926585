//! The book of business.

use canopy::{config::Config, problem::Problem};
use futures_util::future::try_join;
use intake::book::PolicyQuery;
use serde_json::json;

use crate::{
    http::{Incoming, Reply},
    stores::{book, d1},
};

/// `GET /api/v1/policies`
pub async fn page(incoming: &Incoming, config: &Config) -> Result<Reply, Problem> {
    let query = PolicyQuery::read(incoming.parameters())?;
    let (env, key) = (&incoming.env, &config.list_key);
    // The pages after the first are of its policies.
    let totals = async {
        if query.after.is_some() {
            return Ok(None);
        }
        book::totals(env, &query, key).await.map(Some)
    };
    let read = try_join(book::policies(env, &query, key), totals).await;
    let (policies, totals) = read.map_err(d1::problem("reading the book"))?;
    let (policies, cursor) = book::page_of(policies, query.limit);
    Ok(Reply::json(200, &json!({ "policies": policies, "totals": totals, "cursor": cursor })))
}
