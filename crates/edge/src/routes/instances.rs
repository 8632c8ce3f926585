//! Deployed workflow groups, and their runs.

use canopy::{
    config::Config,
    id::PullId,
    problem::{Code, Problem},
    routes::Endpoint,
};
use flow::{
    definition::Group,
    instance::{ID_EXPECTED, Instance, MAX_INSTANCES, Settings, is_id},
    query::{RunId, RunQuery},
};
use serde_json::{Value, json};

use super::{flows::invalid, history::unknown_pull};
use crate::{
    http::{Incoming, Reply, internal},
    objects::calls::{PullClient, RunChange, RunChanged},
    platform,
    stores::{d1, flows, instances, runs},
};

/// Largest body taken, in bytes.
const MAX_BODY_BYTES: usize = 64 * 1024;

fn unknown() -> Problem {
    Problem::new(Code::NotFound, "expected an instance that GET /api/v1/instances shows")
}

fn unknown_run() -> Problem {
    Problem::new(Code::NotFound, "expected a run that GET /api/v1/runs shows")
}

/// `GET /api/v1/instances`
pub async fn list(incoming: &Incoming, config: &Config) -> Result<Reply, Problem> {
    let list = instances::list(&incoming.env, config).await.map_err(d1::problem("reading the instances"))?;
    let list: Vec<Value> = list.iter().map(Instance::view).collect();
    Ok(Reply::json(200, &json!({ "instances": list })))
}

/// `/api/v1/instances/{instance}` and what is below it.
pub async fn of_one(
    incoming: &Incoming,
    config: &Config,
    endpoint: Endpoint,
    id: &str,
) -> Result<Reply, Problem> {
    if !is_id(id) {
        return Err(Problem::new(Code::InputInvalid, format!("instance: expected {ID_EXPECTED}")));
    }
    if endpoint == Endpoint::DeleteInstance {
        let known =
            instances::delete(&incoming.env, id).await.map_err(d1::problem("deleting the instance"))?;
        return if known { Ok(Reply::empty(204)) } else { Err(unknown()) };
    }
    let found =
        instances::find(&incoming.env, config, id).await.map_err(d1::problem("reading the instance"))?;
    match endpoint {
        Endpoint::PutInstance => put(incoming, config, id, found).await,
        Endpoint::StartRun => start(incoming, found.ok_or_else(unknown)?).await,
        _ => Ok(Reply::json(200, &found.ok_or_else(unknown)?.view())),
    }
}

/// `PUT /api/v1/instances/{instance}`
async fn put(
    incoming: &Incoming,
    config: &Config,
    id: &str,
    found: Option<Instance>,
) -> Result<Reply, Problem> {
    let body = incoming.body(MAX_BODY_BYTES).await?.to_vec();
    if !serde_json::from_slice::<Value>(&body).is_ok_and(|body| body.is_object()) {
        return Err(Problem::new(
            Code::BodyMalformed,
            "expected a JSON object with group, config and enabled",
        ));
    }
    let mut settings = Settings::read(&body).map_err(invalid)?;
    let (group, version) = group(incoming, config, &settings).await?;
    settings.version = Some(version);
    let is_secret = |text: &str| config.connector_secrets.stand_in(text);
    settings.config =
        settings.configured(&group, &config.connector_secrets.hosts(), &is_secret).map_err(invalid)?;
    let now = platform::now();
    let is_new = found.is_none();
    let was_off = found.as_ref().is_none_or(|found| found.since.is_none());
    let mut instance = match found {
        Some(found) => found.changed(settings, now),
        None => Instance::new(id, settings, now),
    };
    write(incoming, config, &instance).await?;
    if was_off && instance.since.is_some() {
        // Whoever looked for instances while it was being written may have missed it: it begins behind them.
        instance.since = Some(platform::now());
        instance.revision += 1;
        write(incoming, config, &instance).await?;
    }
    Ok(Reply::json(if is_new { 201 } else { 200 }, &instance.view()))
}

async fn write(incoming: &Incoming, config: &Config, instance: &Instance) -> Result<(), Problem> {
    let written = instances::put(&incoming.env, config, instance).await;
    if written.map_err(d1::problem("writing the instance"))? {
        return Ok(());
    }
    let detail = format!(
        "somebody else has just changed it, or there are {MAX_INSTANCES} already: read it and try again"
    );
    Err(Problem::new(Code::StateConflict, detail))
}

/// The group that an instance is of, and its version.
async fn group(
    incoming: &Incoming,
    config: &Config,
    settings: &Settings,
) -> Result<(std::rc::Rc<Group>, i64), Problem> {
    let number = settings.version.map(|version| u32::try_from(version).unwrap_or(u32::MAX));
    let found = flows::find(&incoming.env, config, &settings.group, number).await;
    let found = found.map_err(d1::problem("reading the workflow group"))?;
    let missing = || {
        invalid(vec![flow::field::Problem::new(
            "/group",
            "expected a workflow group that GET /api/v1/flows shows, and a version of it",
        )])
    };
    let version = found.ok_or_else(missing)?.version;
    let group = instances::group(&incoming.env, config, &settings.group, version).await;
    Ok((group.map_err(d1::problem("reading the workflow group"))?.ok_or_else(missing)?, version))
}

/// `POST /api/v1/instances/{instance}/runs`
async fn start(incoming: &Incoming, instance: Instance) -> Result<Reply, Problem> {
    let body = incoming.body(MAX_BODY_BYTES).await?.to_vec();
    let body: Value = serde_json::from_slice(&body)
        .map_err(|_| Problem::new(Code::BodyMalformed, "expected a JSON object with flow and pull_id"))?;
    let expected =
        |name: &str, what: &str| Problem::new(Code::InputInvalid, format!("{name}: expected {what}"));
    let flow = body["flow"]
        .as_str()
        .ok_or_else(|| expected("flow", "the name of a flow of the instance's group"))?;
    let pull_id = body["pull_id"].as_str().and_then(|id| PullId::parse(id).ok());
    let pull_id = pull_id.ok_or_else(|| expected("pull_id", "a pull's id"))?;
    let failed = internal("starting the run");
    let client = PullClient::of(&incoming.env, &pull_id).map_err(&failed)?;
    let answer = client.begin_run(&instance.id, flow).await.map_err(failed)?.ok_or_else(unknown_pull)??;
    Ok(Reply::json_text(answer.status, answer.body))
}

/// `GET /api/v1/runs`
pub async fn runs(incoming: &Incoming) -> Result<Reply, Problem> {
    let query = RunQuery::read(incoming.parameters())?;
    let page = runs::page(&incoming.env, &query).await;
    let (page, cursor) = page.map_err(d1::problem("reading the runs"))?;
    Ok(Reply::json(200, &json!({ "runs": page, "cursor": cursor })))
}

/// `/api/v1/runs/{run}` and what is below it.
pub async fn of_run(
    incoming: &Incoming,
    endpoint: Endpoint,
    caller: &str,
    id: &str,
) -> Result<Reply, Problem> {
    let id = RunId::parse(id)
        .ok_or_else(|| Problem::new(Code::InputInvalid, "run: expected an id like p-<pull>-1"))?;
    let failed = internal("reaching the run");
    let client = PullClient::of(&incoming.env, &id.pull_id).map_err(&failed)?;
    let change = match endpoint {
        Endpoint::RetryRun => Some(RunChange::Retry),
        Endpoint::CancelRun => Some(RunChange::Cancel),
        _ => None,
    };
    if let Some(change) = change {
        match client.change_run(id.number, &change, caller).await.map_err(&failed)? {
            RunChanged::Taken => {}
            RunChanged::Unknown => return Err(unknown_run()),
            RunChanged::Refused => {
                let expected = if endpoint == Endpoint::RetryRun {
                    "expected a run that failed"
                } else {
                    "expected a run that is not over"
                };
                return Err(Problem::new(Code::StateConflict, expected));
            }
        }
    }
    let run = client.run(id.number).await.map_err(failed)?.ok_or_else(unknown_run)?;
    Ok(Reply::json_text(200, run))
}
