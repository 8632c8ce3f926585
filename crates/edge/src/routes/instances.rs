//! Deployed workflow groups.

use std::rc::Rc;

use canopy::{
    config::Config,
    id::PullId,
    problem::{Code, Problem},
    routes::Endpoint,
};
use flow::{
    definition::Group,
    gallery,
    instance::{ID_EXPECTED, Instance, MAX_INSTANCES, Patch, Said, Settings, configured, is_id},
};
use serde_json::{Value, json};

use super::{
    flows::{invalid, keep},
    history::unknown_pull,
};
use crate::{
    http::{Incoming, Reply, internal},
    objects::calls::{InstanceClient, PullClient},
    platform,
    stores::{d1, flows, instances},
};

/// Largest body taken, in bytes.
const MAX_BODY_BYTES: usize = 64 * 1024;

pub fn unknown() -> Problem {
    Problem::new(Code::NotFound, "expected an instance that GET /api/v1/instances shows")
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
    caller: &str,
    endpoint: Endpoint,
    id: &str,
) -> Result<Reply, Problem> {
    if !is_id(id) {
        return Err(Problem::new(Code::InputInvalid, format!("instance: expected {ID_EXPECTED}")));
    }
    if endpoint == Endpoint::DeleteInstance {
        let held = instances::find(&incoming.env, config, id).await.ok().flatten();
        if held.is_some_and(|instance| instance.is_held()) {
            let detail = "its runs are held, and would go on without it: set runs to finish, or cancel them, then delete it";
            return Err(Problem::new(Code::StateConflict, detail));
        }
        let known =
            instances::delete(&incoming.env, id).await.map_err(d1::problem("deleting the instance"))?;
        return if known { Ok(Reply::empty(204)) } else { Err(unknown()) };
    }
    let found =
        instances::find(&incoming.env, config, id).await.map_err(d1::problem("reading the instance"))?;
    match endpoint {
        Endpoint::PutInstance => put(incoming, config, caller, id, found).await,
        Endpoint::PatchInstance => patch(incoming, config, caller, id, found.ok_or_else(unknown)?).await,
        Endpoint::StartRun => start(incoming, found.ok_or_else(unknown)?).await,
        _ => Ok(Reply::json(200, &found.ok_or_else(unknown)?.view())),
    }
}

/// A body that is a JSON object.
async fn object(incoming: &Incoming, members: &str) -> Result<Vec<u8>, Problem> {
    let body = incoming.body(MAX_BODY_BYTES).await?.to_vec();
    let is_object = serde_json::from_slice::<Value>(&body).is_ok_and(|body| body.is_object());
    let expected = || Problem::new(Code::BodyMalformed, format!("expected a JSON object with {members}"));
    is_object.then_some(body).ok_or_else(expected)
}

/// `PUT /api/v1/instances/{instance}`
async fn put(
    incoming: &Incoming,
    config: &Config,
    caller: &str,
    id: &str,
    found: Option<Instance>,
) -> Result<Reply, Problem> {
    let body = object(incoming, "group or template, config and enabled").await?;
    let said = Said::read(&body).map_err(invalid)?;
    set(incoming, config, caller, id, said, found).await
}

/// `PATCH /api/v1/instances/{instance}`
async fn patch(
    incoming: &Incoming,
    config: &Config,
    caller: &str,
    id: &str,
    found: Instance,
) -> Result<Reply, Problem> {
    let body = object(incoming, "some of version, config, enabled and runs").await?;
    let said = Patch::read(&body).map_err(invalid)?.onto(&found.settings);
    set(incoming, config, caller, id, said, Some(found)).await
}

/// Sets an instance, new or not, as its owner says.
async fn set(
    incoming: &Incoming,
    config: &Config,
    caller: &str,
    id: &str,
    said: Said,
    found: Option<Instance>,
) -> Result<Reply, Problem> {
    let (name, version) = match said.template {
        Some(template) => {
            let version = kept(incoming, config, caller, &template).await?;
            (template, Some(version))
        }
        None => (said.group.unwrap_or_default(), said.version),
    };
    let (group, version) = group(incoming, config, &name, version).await?;
    let is_secret = |text: &str| config.connector_secrets.stand_in(text);
    let hosts = config.connector_secrets.hosts();
    let settings = Settings {
        group: name,
        version,
        config: configured(&said.config, &group, &hosts, &is_secret).map_err(invalid)?,
        enabled: said.enabled,
        runs: said.runs,
        origin: incoming.origin().to_owned(),
    };
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
    if group.is_of_agency() {
        settle(incoming, &instance).await;
    }
    Ok(Reply::json(if is_new { 201 } else { 200 }, &instance.view()))
}

/// Keeps a template as a version of the group of its name.
async fn kept(incoming: &Incoming, config: &Config, caller: &str, template: &str) -> Result<i64, Problem> {
    let ready = gallery::all().get(template).ok_or_else(|| {
        let expected = "expected a template that GET /api/v1/flow-templates shows";
        invalid(vec![flow::field::Problem::new("/template", expected)])
    })?;
    keep(incoming, config, caller, template, ready.definition.clone())
        .await
        .map(|(_, version)| version.version)
}

/// Has its object look at its schedule. Where that fails it looks by itself, within the hour.
async fn settle(incoming: &Incoming, instance: &Instance) {
    let settled = async { InstanceClient::of(&incoming.env, &instance.id)?.settle(&instance.id).await };
    let _ = settled.await.map_err(internal("settling the instance"));
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
    name: &str,
    version: Option<i64>,
) -> Result<(Rc<Group>, i64), Problem> {
    let number = version.map(|version| u32::try_from(version).unwrap_or(u32::MAX));
    let found = flows::find(&incoming.env, config, name, number).await;
    let found = found.map_err(d1::problem("reading the workflow group"))?;
    let missing = || {
        invalid(vec![flow::field::Problem::new(
            "/group",
            "expected a workflow group that GET /api/v1/flows shows, and a version of it",
        )])
    };
    let version = found.ok_or_else(missing)?.version;
    let group = instances::group(&incoming.env, config, name, version).await;
    Ok((group.map_err(d1::problem("reading the workflow group"))?.ok_or_else(missing)?, version))
}

/// `POST /api/v1/instances/{instance}/runs`
async fn start(incoming: &Incoming, instance: Instance) -> Result<Reply, Problem> {
    let body = object(incoming, "flow, and pull_id where it is about a pull").await?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let expected =
        |name: &str, what: &str| Problem::new(Code::InputInvalid, format!("{name}: expected {what}"));
    let flow = body["flow"]
        .as_str()
        .ok_or_else(|| expected("flow", "the name of a flow of the instance's group"))?;
    let failed = internal("starting the run");
    if body["pull_id"].is_null() {
        let client = InstanceClient::of(&incoming.env, &instance.id).map_err(&failed)?;
        let run_id = client.begin_run(&instance.id, flow).await.map_err(failed)?;
        let detail = "expected an instance that is enabled, and one of its flows that is started by hand or by the clock; pull_id where it is about a pull";
        let run_id = run_id.ok_or_else(|| Problem::new(Code::StateConflict, detail))?;
        return Ok(Reply::json(202, &json!({ "run_id": run_id })));
    }
    let pull_id = body["pull_id"].as_str().and_then(|id| PullId::parse(id).ok());
    let pull_id = pull_id.ok_or_else(|| expected("pull_id", "a pull's id"))?;
    let client = PullClient::of(&incoming.env, &pull_id).map_err(&failed)?;
    let answer = client.begin_run(&instance.id, flow).await.map_err(failed)?.ok_or_else(unknown_pull)??;
    Ok(Reply::json_text(answer.status, answer.body))
}
