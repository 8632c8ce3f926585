//! How far visitors come: pages report it, the back office reads it, where the agency has switched it on.

use canopy::{
    config::Config,
    funnel::{FunnelQuery, MAX_REPORT_BYTES, Report},
    problem::{Code, Problem},
};
use serde_json::json;

use super::{limits, origin};
use crate::{
    http::{Incoming, Reply},
    platform,
    stores::{d1, funnel},
};

fn must_be_on(config: &Config) -> Result<(), Problem> {
    let detail = "the funnel is switched off: set EDGE_FUNNEL to true";
    if config.funnel { Ok(()) } else { Err(Problem::new(Code::FunnelOff, detail)) }
}

/// `POST /connect/funnel`
pub async fn report(incoming: &Incoming, config: &Config) -> Result<Reply, Problem> {
    origin::of_page(incoming, config)?;
    must_be_on(config)?;
    limits::check(incoming, limits::REPORTS).await?;
    let report = Report::read(&incoming.body(MAX_REPORT_BYTES).await?.to_vec())?;
    let day = config.plan.zone.day_at(platform::now());
    funnel::add(&incoming.env, day, &report).await.map_err(d1::problem("counting the report"))?;
    Ok(Reply::empty(204))
}

/// `GET /api/v1/funnel`
pub async fn page(incoming: &Incoming, config: &Config) -> Result<Reply, Problem> {
    must_be_on(config)?;
    let today = config.plan.zone.day_at(platform::now());
    let query = FunnelQuery::read(incoming.parameters(), today)?;
    let page = funnel::page(&incoming.env, &query).await;
    let (page, cursor) = page.map_err(d1::problem("reading the funnel"))?;
    Ok(Reply::json(200, &json!({ "from": query.from, "to": query.to, "days": page, "cursor": cursor })))
}
