//! Runs of workflows.

use canopy::{
    problem::{Code, Problem},
    routes::Endpoint,
};
use flow::query::{self, RunId, RunQuery};
use serde::Deserialize;
use serde_json::json;

use crate::{
    http::{Incoming, Reply, internal},
    objects::calls::{RunChange, RunChanged, RunClient},
    stores::{d1, runs},
};

/// Largest body taken, in bytes.
const MAX_BODY_BYTES: usize = 4 * 1024;

/// A person's answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    /// The step that asks.
    path: String,
    approved: bool,
}

fn unknown() -> Problem {
    Problem::new(Code::NotFound, "expected a run that GET /api/v1/runs shows")
}

/// `GET /api/v1/runs`
pub async fn page(incoming: &Incoming) -> Result<Reply, Problem> {
    let query = RunQuery::read(incoming.parameters())?;
    let page = runs::page(&incoming.env, &query).await;
    let (page, cursor) = page.map_err(d1::problem("reading the runs"))?;
    Ok(Reply::json(200, &json!({ "runs": page, "cursor": cursor })))
}

/// `/api/v1/runs/{run}` and what is below it.
pub async fn of_one(
    incoming: &Incoming,
    endpoint: Endpoint,
    caller: &str,
    id: &str,
) -> Result<Reply, Problem> {
    let expected = "run: expected an id like p-<pull>-1 or i-<instance>-1";
    let id = RunId::parse(id).ok_or_else(|| Problem::new(Code::InputInvalid, expected))?;
    let failed = internal("reaching the run");
    let change = match endpoint {
        Endpoint::RetryRun => {
            let anew = query::is_anew(incoming.parameters())?;
            Some((RunChange::Retry { anew }, "expected a run that failed"))
        }
        Endpoint::CancelRun => Some((RunChange::Cancel, "expected a run that is not over")),
        Endpoint::DecideRun => {
            let Decision { path, approved } = decision(incoming).await?;
            Some((
                RunChange::Decide { path, approved },
                "expected a run that asks, and the path of the step that does",
            ))
        }
        _ => None,
    };
    let client = RunClient::of(&incoming.env, &id).map_err(&failed)?;
    if let Some((change, expected)) = change {
        match client.change(&change, caller).await.map_err(&failed)? {
            RunChanged::Taken => {}
            RunChanged::Unknown => return Err(unknown()),
            RunChanged::Refused => return Err(Problem::new(Code::StateConflict, expected)),
        }
    }
    let run = client.view().await.map_err(failed)?.ok_or_else(unknown)?;
    Ok(Reply::json_text(200, run))
}

async fn decision(incoming: &Incoming) -> Result<Decision, Problem> {
    let body = incoming.body(MAX_BODY_BYTES).await?.to_vec();
    let expected =
        "expected a JSON object with path and approved, as {\"path\": \"ask\", \"approved\": true}";
    serde_json::from_slice(&body).map_err(|_| Problem::new(Code::BodyMalformed, expected))
}
