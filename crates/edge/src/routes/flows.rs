//! Workflow groups, and the connectors that their steps may use.

use std::collections::BTreeMap;

use canopy::{
    config::Config,
    problem::{Code, Problem},
    signature,
};
use flow::{
    connector,
    definition::{Group, KINDS, Known, MAX_DEFINITION},
    field,
    gallery::{self, Example, Ready},
    query,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json, value::RawValue};

use crate::{
    http::{Incoming, Reply},
    platform,
    stores::{
        d1,
        flows::{self, MAX_GROUPS, MAX_VERSIONS, Version},
    },
};

pub fn unknown() -> Problem {
    Problem::new(
        Code::NotFound,
        "expected a workflow group that GET /api/v1/flows shows, and a version of it",
    )
}

/// All that is wrong, as a problem.
pub fn invalid(problems: Vec<field::Problem>) -> Problem {
    let first = problems.first().map(|it| format!("{}: {}", it.pointer, it.detail)).unwrap_or_default();
    let errors = problems.into_iter().map(|it| (it.pointer, it.detail));
    Problem::new(Code::WorkflowInvalid, first).with_errors(errors)
}

/// `GET /api/v1/connectors`
pub fn connectors() -> Reply {
    let connectors = connector::all().values().map(|it| {
        json!({
            "name": it.name, "title": it.title, "documentation": it.documentation, "hosts": it.hosts,
            "takes_secret": it.takes_secret(), "keyed": it.keyed, "inputs": it.inputs,
        })
    });
    let kinds = KINDS.iter().map(|it| json!({ "name": it.name, "description": it.description }));
    let body = json!({ "connectors": connectors.collect::<Vec<_>>(), "steps": kinds.collect::<Vec<_>>() });
    Reply::json(200, &body)
}

/// `GET /api/v1/flows`
pub async fn page(incoming: &Incoming, config: &Config) -> Result<Reply, Problem> {
    let query = query::GroupQuery::read(incoming.parameters())?;
    let page = flows::page(&incoming.env, config, &query).await;
    let (page, cursor) = page.map_err(d1::problem("reading the workflow groups"))?;
    let line = |version: &Version| {
        let definition: Value = serde_json::from_str(&version.definition).unwrap_or_default();
        let mut view = head(version);
        view["title"] = definition["title"].clone();
        view["description"] = definition["description"].clone();
        let flows = definition["flows"].as_object().into_iter().flatten();
        view["flows"] = flows.map(|(name, flow)| told(name, flow)).collect();
        view
    };
    let page: Vec<Value> = page.iter().map(line).collect();
    Ok(Reply::json(200, &json!({ "flows": page, "cursor": cursor })))
}

/// `GET /api/v1/flows/{group}`
pub async fn find(incoming: &Incoming, config: &Config, group: &str) -> Result<Reply, Problem> {
    let group = query::group(group)?;
    let version = query::version(incoming.parameters())?;
    let found = flows::find(&incoming.env, config, group, version).await;
    let found = found.map_err(d1::problem("reading the workflow group"))?.ok_or_else(unknown)?;
    Ok(Reply::json_text(200, view(&found)?))
}

/// Reads something of definitions as this edge takes them.
pub fn known<T>(config: &Config, read: impl FnOnce(&Known<'_>) -> T) -> T {
    let hosts = config.connector_secrets.hosts();
    let is_secret = |text: &str| config.connector_secrets.stand_in(text);
    read(&Known { secrets: Some(&hosts), is_secret: &is_secret, is_local: config.is_local })
}

/// What is shown of a template. What it asks for keeps its order, which is a form's.
#[derive(Serialize)]
struct Template<'r> {
    name: &'r str,
    title: &'r str,
    description: &'r str,
    documentation: &'r str,
    config: Option<&'r RawValue>,
    flows: Vec<Value>,
    example: &'r Example,
    definition: &'r RawValue,
}

impl<'r> Template<'r> {
    fn of(ready: &'r Ready) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Declared<'d> {
            #[serde(borrow)]
            config: Option<&'d RawValue>,
        }
        let definition: Value = serde_json::from_str(&ready.definition)?;
        let flows = definition["flows"].as_object().into_iter().flatten();
        Ok(Self {
            name: &ready.name,
            title: &ready.title,
            description: &ready.description,
            documentation: &ready.documentation,
            config: serde_json::from_str::<Declared<'r>>(&ready.definition)?.config,
            flows: flows.map(|(name, flow)| told(name, flow)).collect(),
            example: &ready.example,
            definition: serde_json::from_str(&ready.definition)?,
        })
    }
}

/// `GET /api/v1/flow-templates`
pub fn templates() -> Result<Reply, Problem> {
    let unreadable = |_| Problem::new(Code::Internal, "the templates cannot be read");
    let templates: serde_json::Result<Vec<_>> = gallery::all().values().map(Template::of).collect();
    let body = BTreeMap::from([("templates", templates.map_err(unreadable)?)]);
    Ok(Reply::json_text(200, serde_json::to_string(&body).map_err(unreadable)?))
}

/// `PUT /api/v1/flows/{group}`
pub async fn put(incoming: &Incoming, config: &Config, caller: &str, group: &str) -> Result<Reply, Problem> {
    let group = query::group(group)?;
    let is_check = query::is_check(incoming.parameters())?;
    let body = incoming.body(MAX_DEFINITION).await?.to_vec();
    let definition = String::from_utf8(body)
        .map_err(|_| Problem::new(Code::BodyMalformed, "expected a definition in UTF-8"))?;
    if let Err(error) = serde_json::from_str::<&RawValue>(&definition) {
        return Err(Problem::new(Code::BodyMalformed, format!("expected JSON: {error}")));
    }
    if is_check {
        known(config, |known| Group::read(&definition, known)).map_err(invalid)?;
        return Ok(Reply::json(200, &json!({ "group": group, "valid": true })));
    }
    let (status, version) = keep(incoming, config, caller, group, definition).await?;
    Ok(Reply::json_text(status, view(&version)?))
}

/// Keeps a definition as the group's next version, unless it is the newest already.
pub async fn keep(
    incoming: &Incoming,
    config: &Config,
    caller: &str,
    group: &str,
    definition: String,
) -> Result<(u16, Version), Problem> {
    known(config, |known| Group::read(&definition, known)).map_err(invalid)?;
    let digest = hex::encode(signature::digest(definition.as_bytes()));
    let newest = flows::find(&incoming.env, config, group, None).await;
    let newest = newest.map_err(d1::problem("reading the workflow group"))?;
    if let Some(same) = newest.filter(|newest| newest.digest == digest) {
        return Ok((200, same));
    }
    let mut new = Version {
        group: group.to_owned(),
        version: 0,
        created_at: platform::now(),
        caller: caller.to_owned(),
        digest,
        definition,
    };
    let version =
        flows::put(&incoming.env, config, &new).await.map_err(d1::problem("writing the workflow group"))?;
    let full = || format!("expected at most {MAX_GROUPS} groups, and {MAX_VERSIONS} versions of each");
    new.version = version.ok_or_else(|| Problem::new(Code::StateConflict, full()))?;
    Ok((201, new))
}

/// What is told of a flow.
fn told(name: &str, flow: &Value) -> Value {
    json!({ "name": name, "title": flow["title"], "on": flow["trigger"]["on"] })
}

/// What is shown of a version, beside its definition.
fn head(version: &Version) -> Value {
    json!({
        "group": version.group, "version": version.version, "created_at": version.created_at.rfc3339(), "caller": version.caller,
        "sha256": version.digest,
    })
}

/// A version with its definition, whose members keep their order.
fn view(version: &Version) -> Result<String, Problem> {
    #[derive(Serialize)]
    struct View<'v> {
        #[serde(flatten)]
        head: Value,
        definition: &'v RawValue,
    }
    let unreadable = |_| Problem::new(Code::Internal, "the definition cannot be read");
    let definition = serde_json::from_str(&version.definition).map_err(unreadable)?;
    Ok(serde_json::to_string(&View { head: head(version), definition }).expect("a version is plain data"))
}
