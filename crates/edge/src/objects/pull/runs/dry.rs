//! A dry run on what is recorded of the pull.

use canopy::{
    delivery::type_of,
    id::Position,
    problem::{Code, Problem},
    pull::Kind,
    time::UnixMillis,
    timeline::MAX_ENTRIES,
};
use flow::{
    definition::{Flow, Group, Known, Subject, Trigger},
    dry::{Answers, Recording, play},
    run::{Run, World, starts, takes},
};
use serde_json::{Value, json};
use wasm_bindgen::JsValue;

use super::{
    super::{ledger::Ledger, walk},
    document::{event, intake},
};
use crate::{
    objects::{calls::DryRun, unseen::Unseen},
    platform::{
        self, Row,
        sql::{IntoSql, integer},
    },
};

/// Entries looked at for one that starts a flow, the newest first.
const LOOKED_AT: i64 = 500;

/// Entries of its types of which the condition is judged, and where that needs the pull as it stood then.
const JUDGED: [usize; 2] = [100, 5];

/// Entries behind the first that a wait may find.
const BEHIND: i64 = 50;

/// Bytes of those.
const BEHIND_BYTES: i64 = 2 * 1024 * 1024;

/// The entry that would start a flow, as things stood then.
struct Cause {
    event: Value,
    position: Position,
    at: UnixMillis,
    world: World,
}

/// Plays the flows of a group. Gives what is shown of it; or what was wrong with what was asked.
pub fn dry_run(ledger: &Ledger, pull_id: &str, asked: &DryRun) -> Result<Result<Value, Problem>, Unseen> {
    let bytes = ledger.database.first("SELECT count(*), sum(length(body)) FROM entry", [])?;
    let (entries, bytes) =
        bytes.map_or((0, 0), |row| (row.integer(0).unwrap_or_default(), row.integer(1).unwrap_or_default()));
    if entries > MAX_ENTRIES as i64 || bytes > walk::MAX_SIMULATED_BYTES {
        let detail = format!("flows are played on a log of at most {MAX_ENTRIES} entries and 16 MiB");
        return Ok(Err(Problem::new(Code::SimulationTooLarge, detail)));
    }
    let is_local = ledger.config()?.is_local;
    let Ok(group) = Group::read(&asked.definition, &Known { is_local, ..Known::NOTHING }) else {
        return Ok(Err(Problem::new(Code::Internal, "the workflow group cannot be read")));
    };
    let answers = Answers::read(&asked.answers).unwrap_or_default();
    let (mut runs, mut not_started) = (Vec::new(), Vec::new());
    let flows = group.flows.iter().filter(|(name, _)| asked.flow.as_ref().is_none_or(|flow| flow == *name));
    for (name, flow) in flows {
        let cause = match &flow.trigger {
            Trigger::Event { .. } => match cause(ledger, flow, asked)? {
                Ok(cause) => Some(cause),
                Err(why) => {
                    not_started.push(json!({ "flow": name, "why": why }));
                    continue;
                }
            },
            _ => None,
        };
        runs.push(played(ledger, pull_id, asked, name, flow, cause, &answers)?);
    }
    Ok(Ok(json!({ "pull_id": pull_id, "runs": runs, "not_started": not_started })))
}

/// The entry that is asked for, or the newest that would start the flow; else why there is none.
fn cause(ledger: &Ledger, flow: &Flow, asked: &DryRun) -> Result<Result<Cause, String>, Unseen> {
    let query = "SELECT position, kind, event_type, recorded_at FROM entry WHERE position = ?1 OR (?1 IS NULL AND position > (
           SELECT max(position) - ?2 FROM entry)) ORDER BY position DESC";
    let position = asked.position.map_or(JsValue::NULL, integer);
    let rows = ledger.database.all(query, [position, integer(LOOKED_AT)])?;
    let is_taken = |row: &&Row| {
        let kind = row.integer(1).and_then(Kind::of_code);
        takes(flow, type_of(kind, &row.text(2).unwrap_or_default()))
    };
    let is_of_pull = match &flow.trigger {
        Trigger::Event { when: Some(when), .. } => when.reads("pull") || when.reads("intake"),
        _ => false,
    };
    let mut judged = 0;
    for row in rows.iter().filter(is_taken).take(JUDGED[usize::from(is_of_pull)]) {
        judged += 1;
        let (position, at) = (row.integer(0).unwrap_or_default(), row.moment(3));
        let event = event(ledger, position)?;
        let stood = if is_of_pull { Some(world(ledger, flow, position, at)?) } else { None };
        let judged_by = stood.clone().unwrap_or_default();
        match starts(flow, &event, &judged_by, &asked.config, at) {
            Ok(true) => {
                let world = stood.map_or_else(|| world(ledger, flow, position, at), Ok)?;
                return Ok(Ok(Cause { event, position, at, world }));
            }
            Ok(false) => {}
            Err(fault) => {
                return Ok(Err(format!("its condition cannot be judged at position {position}: {fault}")));
            }
        }
    }
    Ok(Err(match (judged, asked.position) {
        (0, Some(position)) => format!("there is no entry of its types at position {position}"),
        (0, None) => "there is no entry of its types".to_owned(),
        (_, Some(position)) => format!("its condition was not true at position {position}"),
        (judged, None) => {
            format!("its condition was true of none of the newest {judged} entries of its types")
        }
    }))
}

/// How things stood at a position.
fn world(ledger: &Ledger, flow: &Flow, position: Position, at: UnixMillis) -> Result<World, Unseen> {
    let is_local = ledger.config()?.is_local;
    let pull = if flow.reads("pull") { walk::view_at(ledger, position)? } else { None };
    let mut version = 0;
    if ledger.tables().snapshots && flow.reads("intake") {
        let query = "SELECT coalesce(max(version), 0) FROM snapshot WHERE fetched_at <= ?1";
        version =
            ledger.database.first(query, [at.into_sql()])?.and_then(|row| row.integer(0)).unwrap_or_default();
    }
    let intake = if version > 0 { intake(ledger, flow, version)? } else { None };
    Ok(World { pull, intake, event: None, is_local })
}

/// Plays one flow.
fn played(
    ledger: &Ledger,
    pull_id: &str,
    asked: &DryRun,
    name: &str,
    flow: &Flow,
    cause: Option<Cause>,
    answers: &Answers,
) -> Result<Value, Unseen> {
    let end = ledger.read(|record| record.end)?.unwrap_or_default();
    let is_of_pull = flow.trigger.subject() == Subject::Pull;
    let cause = match cause {
        Some(cause) => cause,
        None => {
            let world = world(ledger, flow, end.position, UnixMillis(end.recorded_at))?;
            let world =
                if is_of_pull { world } else { World { is_local: world.is_local, ..World::default() } };
            Cause { event: Value::Null, position: end.position, at: platform::now(), world }
        }
    };
    let Cause { event: first, position, at, world } = cause;
    let started_by = (!first.is_null()).then_some(position);
    let told = started_by.map(|position| json!({ "position": position, "event_type": first["event_type"] }));
    let world = World { event: (!first.is_null()).then_some(first), ..world };
    let query = "SELECT position, length(body) FROM entry WHERE position > ?1 ORDER BY position LIMIT ?2";
    let rows = ledger.database.all(query, [integer(position), integer(BEHIND)])?;
    let mut bytes = 0;
    let fits = |row: &&Row| {
        bytes += row.integer(1).unwrap_or_default();
        bytes <= BEHIND_BYTES
    };
    let rows: Vec<&Row> = rows.iter().take_while(fits).collect();
    let entries = rows.iter().map(|row| event(ledger, row.integer(0).unwrap_or_default()));
    let entries = entries.collect::<Result<Vec<_>, _>>()?;
    let run = Run {
        id: format!("p-{pull_id}-0"),
        instance: asked.instance.clone(),
        group: asked.group.clone(),
        version: asked.version,
        flow: name.to_owned(),
        config: asked.config.clone(),
        pull_id: is_of_pull.then(|| pull_id.to_owned()),
        cause: started_by,
        origin: asked.origin.clone(),
        after: position,
        started_at: at,
        generation: 0,
    };
    let recording = Recording { world: &world, entries: &entries };
    let mut view = play(flow, &run, &recording, answers, at).view();
    view["flow"] = name.into();
    view["cause"] = json!(told);
    Ok(view)
}
