//! Dry runs: what flows would do on a pull, and nothing of it done.

use canopy::{
    config::Config,
    id::PullId,
    problem::{Code, Problem},
};
use flow::{
    definition::{Group, MAX_DEFINITION, Subject},
    dry::{Answers, Recording, play as play_flow},
    instance::{ID_EXPECTED, configured, is_id},
    query,
    run::{Run, World},
};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::{
    flows::{invalid, known, unknown as unknown_group},
    history::unknown_pull,
    instances::unknown as unknown_instance,
};
use crate::{
    http::{Incoming, Reply, internal},
    objects::calls::{DryRun, PullClient},
    platform,
    stores::{d1, flows, instances},
};

/// Largest body taken, in bytes: a definition, and answers.
const MAX_BODY_BYTES: usize = MAX_DEFINITION + 1024 * 1024;

/// What is asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// None where only what is about no pull is played.
    #[serde(default)]
    pull_id: Option<String>,
    #[serde(default)]
    flow: Option<String>,
    #[serde(default)]
    position: Option<i64>,
    #[serde(default)]
    config: Option<Value>,
    #[serde(default)]
    answers: Option<Value>,
    #[serde(default)]
    version: Option<u32>,
    #[serde(default)]
    definition: Option<Box<RawValue>>,
}

/// What is played: an instance's name, a group's, its version and JSON, and the configuration.
struct Played {
    instance: String,
    group: String,
    version: i64,
    definition: String,
    config: Option<Value>,
}

/// `POST /api/v1/instances/{instance}/dry-run`
pub async fn of_instance(incoming: &Incoming, config: &Config, id: &str) -> Result<Reply, Problem> {
    if !is_id(id) {
        return Err(Problem::new(Code::InputInvalid, format!("instance: expected {ID_EXPECTED}")));
    }
    let asked = read(incoming).await?;
    if asked.definition.is_some() || asked.version.is_some() {
        let detail = "expected no definition and no version: those of the instance are played; POST /api/v1/flows/{group}/dry-run plays others";
        return Err(Problem::new(Code::InputInvalid, detail));
    }
    let found =
        instances::find(&incoming.env, config, id).await.map_err(d1::problem("reading the instance"))?;
    let settings = found.ok_or_else(unknown_instance)?.settings;
    let version = u32::try_from(settings.version).ok();
    let definition = definition(incoming, config, &settings.group, version).await?;
    let played = Played {
        instance: id.to_owned(),
        group: settings.group,
        version: definition.0,
        definition: definition.1,
        config: Some(settings.config),
    };
    play(incoming, config, asked, played).await
}

/// `POST /api/v1/flows/{group}/dry-run`
pub async fn of_group(incoming: &Incoming, config: &Config, group: &str) -> Result<Reply, Problem> {
    let group = query::group(group)?;
    let asked = read(incoming).await?;
    let (version, definition) = match &asked.definition {
        Some(definition) if asked.version.is_none() && definition.get().len() <= MAX_DEFINITION => {
            (0, definition.get().to_owned())
        }
        Some(_) => {
            let detail =
                format!("expected a definition of at most {MAX_DEFINITION} bytes, or a version of the group");
            return Err(Problem::new(Code::InputInvalid, detail));
        }
        None => definition(incoming, config, group, asked.version).await?,
    };
    let played =
        Played { instance: group.to_owned(), group: group.to_owned(), version, definition, config: None };
    play(incoming, config, asked, played).await
}

async fn read(incoming: &Incoming) -> Result<Asked, Problem> {
    let body = incoming.body(MAX_BODY_BYTES).await?.to_vec();
    let expected = "expected a JSON object with pull_id, flow, position, config, answers, version or definition where they are wanted";
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(Problem::new(Code::BodyMalformed, expected));
    }
    serde_json::from_slice(&body)
        .map_err(|error| Problem::new(Code::BodyMalformed, format!("{expected}: {error}")))
}

/// A version of a group that was put, and its JSON.
async fn definition(
    incoming: &Incoming,
    config: &Config,
    group: &str,
    version: Option<u32>,
) -> Result<(i64, String), Problem> {
    let found = flows::find(&incoming.env, config, group, version).await;
    let found = found.map_err(d1::problem("reading the workflow group"))?.ok_or_else(unknown_group)?;
    Ok((found.version, found.definition))
}

async fn play(incoming: &Incoming, config: &Config, asked: Asked, played: Played) -> Result<Reply, Problem> {
    let pull_id = asked.pull_id.as_deref().map(PullId::parse).transpose();
    let pull_id = pull_id.map_err(|_| Problem::new(Code::InputInvalid, "pull_id: expected a pull's id"))?;
    let at = |place: &'static str| {
        move |mut problems: Vec<flow::field::Problem>| {
            problems.iter_mut().for_each(|it| it.pointer.insert_str(0, place));
            invalid(problems)
        }
    };
    let group = known(config, |known| Group::read(&played.definition, known)).map_err(at("/definition"))?;
    if asked.flow.as_ref().is_some_and(|flow| !group.flows.contains_key(flow)) {
        let names: Vec<_> = group.flows.keys().map(String::as_str).collect();
        return Err(Problem::new(Code::InputInvalid, format!("flow: expected one of {}", names.join(", "))));
    }
    let answers = asked.answers.unwrap_or_else(|| json!({}));
    Answers::read(&answers).map_err(at("/answers"))?;
    let given = asked.config.or(played.config).unwrap_or_else(|| json!({}));
    let is_secret = |text: &str| config.connector_secrets.stand_in(text);
    let configured =
        configured(&given, &group, &config.connector_secrets.hosts(), &is_secret).map_err(invalid)?;
    let dry = DryRun {
        instance: played.instance,
        group: played.group,
        version: played.version,
        definition: played.definition,
        config: configured,
        flow: asked.flow,
        position: asked.position,
        answers,
        origin: incoming.origin().to_owned(),
    };
    let Some(pull_id) = pull_id else {
        return Ok(Reply::json(200, &without_pull(config, &group, &dry)));
    };
    let failed = internal("playing the flows");
    let client = PullClient::of(&incoming.env, &pull_id).map_err(&failed)?;
    let answer = client.dry_run(&dry).await.map_err(failed)?.ok_or_else(unknown_pull)??;
    Ok(Reply::json_text(answer.status, answer.body))
}

/// Plays the flows that are about no pull.
fn without_pull(config: &Config, group: &Group, asked: &DryRun) -> Value {
    let answers = Answers::read(&asked.answers).unwrap_or_default();
    let world = World { is_local: config.is_local, ..World::default() };
    let recording = Recording { world: &world, entries: &[] };
    let now = platform::now();
    let (mut runs, mut not_started) = (Vec::new(), Vec::new());
    let flows = group.flows.iter().filter(|(name, _)| asked.flow.as_ref().is_none_or(|flow| flow == *name));
    for (name, flow) in flows {
        if flow.trigger.subject() == Subject::Pull {
            not_started.push(json!({ "flow": name, "why": "it is about a pull: name one as pull_id" }));
            continue;
        }
        let run = Run {
            id: format!("i-{}-0", asked.instance),
            instance: asked.instance.clone(),
            group: asked.group.clone(),
            version: asked.version,
            flow: name.clone(),
            config: asked.config.clone(),
            pull_id: None,
            cause: None,
            origin: asked.origin.clone(),
            after: 0,
            started_at: now,
            generation: 0,
        };
        let mut view = play_flow(flow, &run, &recording, &answers, now).view();
        view["flow"] = name.as_str().into();
        view["cause"] = Value::Null;
        runs.push(view);
    }
    json!({ "pull_id": null, "runs": runs, "not_started": not_started })
}
