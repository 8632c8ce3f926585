//! Starting runs: the log is the queue, and each instance has its place in it.

use std::rc::Rc;

use canopy::{
    delivery::type_of,
    id::Position,
    pull::{Kind, LONGEST_TAIL, Record, Work},
    time::UnixMillis,
};
use flow::{
    definition::{Flow, MAX_GENERATIONS, Subject, Trigger},
    query::RunId,
    run::{Run, starts, takes},
};
use serde_json::json;
use wasm_bindgen::JsValue;

use super::{
    super::{
        ledger::Ledger,
        log,
        store::{self, IntoSql, integer},
    },
    document::{event, world},
};
use crate::{
    objects::{
        runs::{CALLER, awaits, generation_of, insert, next_due, next_number},
        unseen::Unseen,
    },
    platform::{self, Row},
    stores::instances::{Deployed, Known},
};

/// Entries looked at in one transaction.
const AT_A_TIME: i64 = 16;

/// What became of looking for what is to be started.
pub struct Started {
    /// Whether there is something to go on with.
    pub is_wanted: bool,
    /// Whether all instances were looked at.
    pub is_whole: bool,
}

/// Starts what the entries up to `end` start, which were there before the instances were read, and has what waits for them looked at.
pub fn start(ledger: &Rc<Ledger>, known: &Known, end: Position) -> Result<Started, Unseen> {
    let now = platform::now();
    // What the outbox was to do may have been lost with the object.
    let mut is_wanted = awaits(&**ledger, now)? || next_due(&**ledger)?.is_some_and(|due| due <= now);
    let mut missed = None;
    for deployed in &known.all {
        match follow(ledger, deployed, end) {
            Ok(is_started) => is_wanted |= is_started,
            // One holds up no other: the entries are announced once more.
            Err(unseen) => missed = Some(unseen),
        }
    }
    match missed {
        Some(unseen) if !is_wanted => Err(unseen),
        Some(_) => Ok(Started { is_wanted, is_whole: false }),
        None => Ok(Started { is_wanted, is_whole: true }),
    }
}

/// Starts what one instance's flows are started by.
fn follow(ledger: &Rc<Ledger>, deployed: &Deployed, end: Position) -> Result<bool, Unseen> {
    let flows = deployed.group.flows.iter();
    let flows: Vec<_> = flows.filter(|(_, flow)| matches!(flow.trigger, Trigger::Event { .. })).collect();
    let Some(since) = deployed.instance.since.filter(|_| !flows.is_empty()) else { return Ok(false) };
    let id = deployed.instance.id.as_str();
    let (mut place, kept) = place(ledger, id, since)?;
    let mut is_started = false;
    while place < end {
        let query = "SELECT position, kind, event_type FROM entry WHERE position > ?1 AND position <= ?2 ORDER BY position LIMIT ?3";
        let rows = ledger.database.all(query, [integer(place), integer(end), integer(AT_A_TIME)])?;
        let Some(last) = rows.last().and_then(|row| row.integer(0)) else { break };
        let (mut found, mut is_judged) = (Vec::new(), false);
        for row in &rows {
            let (position, event_type) = (row.integer(0).unwrap_or_default(), name_of(row));
            for (name, flow) in flows.iter().filter(|(_, flow)| takes(flow, &event_type)) {
                is_judged = true;
                if is_started_by(ledger, deployed, flow, position)? {
                    found.push((name.as_str(), position));
                }
            }
        }
        // What was judged is not judged again as things stand later.
        if is_judged || last - kept > LONGEST_TAIL {
            begin(ledger, deployed, &found, last)?;
        }
        is_started |= !found.is_empty();
        place = last;
        ledger.followers.borrow_mut().insert(id.to_owned(), place);
    }
    Ok(is_started)
}

fn name_of(row: &Row) -> String {
    let kind = row.integer(1).and_then(Kind::of_code);
    type_of(kind, &row.text(2).unwrap_or_default()).to_owned()
}

/// The last entry that was looked at for an instance, and the one that is kept of it.
fn place(ledger: &Ledger, id: &str, since: UnixMillis) -> Result<(Position, Position), JsValue> {
    let mut kept = 0;
    if ledger.tables().runs {
        let query = "SELECT position FROM follower WHERE instance_id = ?1";
        kept = ledger.database.first(query, [id.into()])?.and_then(|row| row.integer(0)).unwrap_or_default();
    }
    let known = ledger.followers.borrow().get(id).copied().unwrap_or_default();
    // Switched off and on again it does not go back to what came meanwhile. What lies before its place is not looked at.
    let query =
        "SELECT position FROM entry WHERE position > ?1 AND recorded_at < ?2 ORDER BY position DESC LIMIT 1";
    let before = ledger.database.first(query, [integer(kept.max(known)), since.into_sql()])?;
    let before = before.and_then(|row| row.integer(0)).unwrap_or_default();
    Ok((kept.max(known).max(before), kept.max(before)))
}

/// Whether an entry of a type that a flow takes starts it. One whose condition cannot be judged starts none, and is told of in the log.
fn is_started_by(
    ledger: &Ledger,
    deployed: &Deployed,
    flow: &Flow,
    position: Position,
) -> Result<bool, Unseen> {
    // Where nothing is judged nothing is read.
    if matches!(&flow.trigger, Trigger::Event { when: None, .. }) {
        return Ok(true);
    }
    let (world, event) = (world(ledger, flow, None)?, event(ledger, position)?);
    let given = starts(flow, &event, &world, &deployed.instance.settings.config, platform::now());
    if let Err(fault) = &given {
        let line = json!({ "route": "workflows", "instance_id": deployed.instance.id, "code": "CONDITION", "error": fault.to_string() });
        worker::console_warn!("{line}");
    }
    Ok(given.unwrap_or(false))
}

/// Writes runs and the place behind which they were found, in one transaction.
fn begin(
    ledger: &Rc<Ledger>,
    deployed: &Deployed,
    found: &[(&str, Position)],
    place: Position,
) -> Result<(), JsValue> {
    ledger.prepare_runs()?;
    let now = platform::now();
    ledger.change(|record| {
        for (flow, position) in found {
            let number = next_number(&**ledger)?;
            let generation = generation(ledger, record, *position);
            if generation > MAX_GENERATIONS {
                let line = json!({ "route": "workflows", "instance_id": deployed.instance.id, "code": "LOOP", "position": position });
                worker::console_warn!("{line}");
                continue;
            }
            let run = run_of(deployed, record.pull_id.as_str(), flow, Some(*position), number, now);
            let run = Run { generation, after: *position, ..run };
            insert(&**ledger, record.pull_id.as_str(), number, run)?;
        }
        let query = "INSERT INTO follower (instance_id, position) VALUES (?1, ?2)
           ON CONFLICT (instance_id) DO UPDATE SET position = max(position, excluded.position)";
        ledger.database.run(query, [deployed.instance.id.as_str().into(), integer(place)])?;
        if !found.is_empty() {
            want(ledger, record, now)?;
        }
        Ok(())
    })?;
    Ok(())
}

/// How many runs came before one of this entry: where a run wrote it, or scheduled it, one more than before that run. What cannot be opened
/// any more was written by none that is known.
fn generation(ledger: &Ledger, record: &Record, position: Position) -> u8 {
    let written_by = |position| {
        let event = log::own_event(ledger, record, position).ok().flatten()?;
        let of_run = event.caller.as_deref().is_some_and(|caller| caller.starts_with(CALLER));
        let id = event.key.as_deref().filter(|_| of_run)?.split('/').next().and_then(RunId::parse)?;
        generation_of(ledger, record.pull_id.as_str(), id.number)
    };
    let query = "SELECT cause FROM entry WHERE position = ?1";
    let cause = || ledger.database.first(query, [integer(position)]).ok().flatten()?.integer(0);
    let before = written_by(position).or_else(|| written_by(cause()?));
    before.map_or(0, |generation| generation.saturating_add(1))
}

/// Calls for going on with runs, in the transaction that wrote them: the log says nothing of that.
fn want(ledger: &Ledger, record: &mut Record, now: UnixMillis) -> Result<(), JsValue> {
    record.outbox.hasten(&Work::Runs, now);
    record.outbox.want(&Work::Copy, None, now);
    store::write(&ledger.database, &ledger.config()?.keys, record)
}

fn run_of(
    deployed: &Deployed,
    pull_id: &str,
    flow: &str,
    cause: Option<Position>,
    number: i64,
    now: UnixMillis,
) -> Run {
    let settings = &deployed.instance.settings;
    Run {
        id: format!("p-{pull_id}-{number}"),
        instance: deployed.instance.id.clone(),
        group: settings.group.clone(),
        version: settings.version,
        flow: flow.to_owned(),
        config: settings.config.clone(),
        pull_id: Some(pull_id.to_owned()),
        cause,
        started_at: now,
        origin: settings.origin.clone(),
        after: 0,
        generation: 0,
    }
}

/// Starts a flow by hand. Gives the run's id; `None` where the flow is none of those.
pub fn manual(ledger: &Rc<Ledger>, deployed: &Deployed, flow: &str) -> Result<Option<String>, JsValue> {
    let is_manual = |flow: &Flow| matches!(flow.trigger, Trigger::Manual { of: Subject::Pull });
    if !deployed.group.flows.get(flow).is_some_and(is_manual) {
        return Ok(None);
    }
    ledger.prepare_runs()?;
    let now = platform::now();
    ledger.change(|record| {
        let number = next_number(&**ledger)?;
        let run = run_of(deployed, record.pull_id.as_str(), flow, None, number, now);
        let run = Run { after: record.end.position, ..run };
        let id = run.id.clone();
        insert(&**ledger, record.pull_id.as_str(), number, run)?;
        want(ledger, record, now)?;
        Ok(id)
    })
}
