//! What needs a person.

use canopy::{config::Config, paging, problem::Problem, task::TaskQuery};
use serde_json::json;

use crate::{
    http::{Incoming, Reply},
    platform,
    stores::{d1, tasks},
};

/// `GET /api/v1/tasks`
pub async fn page(incoming: &Incoming, config: &Config) -> Result<Reply, Problem> {
    let query = TaskQuery::read(incoming.parameters())?;
    let page = tasks::page(&incoming.env, &query, &config.list_key, platform::now()).await;
    let tasks = page.map_err(d1::problem("reading the tasks"))?;
    let (tasks, cursor) = paging::page(tasks, query.limit, |last| last.place.to_string());
    Ok(Reply::json(200, &json!({ "tasks": tasks, "cursor": cursor })))
}
