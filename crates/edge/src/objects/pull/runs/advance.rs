//! Going on with runs.

use std::rc::Rc;

use canopy::{
    config::Config,
    delivery::type_of,
    pull::{Kind, Work},
    retry,
    schedule::When,
    time::UnixMillis,
};
use flow::run::{Answer, Ended, Event, Machine, Next, Reason, Status, Writing};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use wasm_bindgen::JsValue;

use super::{
    super::{
        brought,
        download::Miss,
        failure::storage,
        ledger::Ledger,
        model::Unseen,
        store::{IntoSql, integer},
    },
    document::{event, world},
    rows::{Again, Head, Kept, OVER, begin, due, next_due, put_off, read, write},
    start::CALLER,
};
use crate::{
    platform::{self, Row},
    services::{Unmade, call},
    stores::instances,
};

/// Runs that are carried on side by side.
const AT_A_TIME: usize = 2;

/// Runs that are taken up at once.
const TAKEN: u32 = 4;

/// How long one turn lasts, in milliseconds: then others have theirs.
const TURN_MILLIS: u64 = 20_000;

/// Lease of an attempt, in milliseconds, doubled for each one after: when a run is looked at again should the edge end in its middle. While
/// it does not nobody else looks.
const LEASE_MILLIS: u64 = 1_000;

/// Wait for room in memory, in milliseconds.
const ROOM_MILLIS: u64 = 2_000;

/// How often in a row a run may end the edge before it fails.
const MAX_FALLS: u32 = 6;

/// Longest lease.
const MAX_LEASE_MILLIS: u64 = 60_000;

impl From<Unseen> for Miss {
    fn from(unseen: Unseen) -> Self {
        match unseen {
            Unseen::NoRoom => Self::NoRoom,
            Unseen::Storage(thrown) => storage(thrown).into(),
        }
    }
}

/// Goes on with the runs that are due; gives when the next is.
pub async fn advance(ledger: &Rc<Ledger>, config: &Config) -> Result<Option<UnixMillis>, Miss> {
    let end = platform::now().plus(TURN_MILLIS);
    loop {
        let now = platform::now();
        let numbers = due(ledger, now, TAKEN).map_err(storage)?;
        if numbers.is_empty() || now >= end {
            return next_due(ledger).map_err(|thrown| storage(thrown).into());
        }
        let runs =
            numbers.into_iter().map(|number| async move { (number, one(ledger, config, number, end).await) });
        let ended: Vec<_> = stream::iter(runs).buffer_unordered(AT_A_TIME).collect().await;
        for (number, ended) in ended {
            match ended {
                Ok(()) => {}
                Err(Miss::NoRoom) => {
                    put_off(ledger, number, platform::now().plus(ROOM_MILLIS)).map_err(storage)?
                }
                // One that cannot be read holds up no other.
                Err(Miss::Failed(_)) => {
                    let line = json!({ "route": "workflows", "run": number, "code": "UNREADABLE" });
                    worker::console_warn!("{line}");
                    put_off(ledger, number, platform::now().plus(retry::CAP_MILLIS)).map_err(storage)?;
                }
            }
        }
    }
}

/// Goes on with one run until it waits.
async fn one(ledger: &Rc<Ledger>, config: &Config, number: i64, end: UnixMillis) -> Result<(), Miss> {
    let Some(kept) = read(ledger, number).map_err(storage)? else { return Ok(()) };
    let Kept { mut head, journal, .. } = kept;
    let pull_id = head.run.pull_id.clone().unwrap_or_default();
    let run = head.run.clone();
    if head.ended.is_some() {
        return Ok(());
    }
    // What ends the edge in the middle cannot say so: it is counted before it begins.
    let lease = |falls| retry::backoff(falls, LEASE_MILLIS, MAX_LEASE_MILLIS, platform::random_u32());
    let falls = begin(ledger, number, platform::now(), lease).map_err(storage)?;
    if falls > MAX_FALLS {
        return finish(
            ledger,
            &pull_id,
            number,
            &mut head,
            "the edge ended in the middle of it, several times",
        );
    }
    // Where the database does not answer it is looked at again when the lease is over.
    let Ok(group) = instances::group(&ledger.env, config, &run.group, run.version).await else {
        return Ok(());
    };
    let Some(flow) = group.as_ref().and_then(|group| group.flows.get(&run.flow)) else {
        return finish(ledger, &pull_id, number, &mut head, "the workflow group cannot be read any more");
    };
    let world = world(ledger, flow, run.cause)?;
    let caller = format!("{CALLER}{}", run.instance);
    let mut machine = Machine::new(flow, &run, &world, journal, platform::now());
    // Gives whether it goes on: somebody may have ended it meanwhile.
    let keep = |machine: &mut Machine<'_>, head: &Head, again: Again| {
        let mut change = || {
            write(ledger, &pull_id, number, head, machine.journal(), again, platform::now())?;
            Ok(JsValue::UNDEFINED)
        };
        match ledger.storage.transaction(&mut change) {
            Ok(_) => Ok(true),
            Err(thrown) if thrown.as_string().as_deref() == Some(OVER) => Ok(false),
            Err(thrown) => Err(Miss::from(storage(thrown))),
        }
    };
    let limit = run.started_at.plus(flow.timeout_millis);
    let running = |due: UnixMillis| Again {
        status: Status::Running,
        due: Some(due.min(limit)),
        awaits: false,
        reopens: false,
    };
    loop {
        let now = platform::now();
        machine.tick(now);
        match machine.decide() {
            Next::Call { path, request, key, timeout_millis } => {
                machine.attempt(&path);
                let count = machine.journal().find(&path).map_or(1, |record| record.count);
                let lease = lease(count);
                if !keep(&mut machine, &head, running(now.plus(lease)))? {
                    return Ok(());
                }
                let called = call(config, &request, &key, timeout_millis).await;
                let duration_ms = u64::try_from(platform::now().0 - now.0).unwrap_or_default();
                machine.tick(platform::now());
                match called {
                    Ok(called) => {
                        let retry_after = called.headers.get("retry-after").map(String::as_str);
                        let headers = json!(called.headers);
                        let (status, body) = (called.status, called.body.as_deref());
                        let answer = Answer { status, headers: &headers, body, retry_after, duration_ms };
                        machine.answered(&path, answer, platform::random_u32());
                    }
                    Err(Unmade::Unanswered(reason)) => {
                        machine.unanswered(&path, reason, duration_ms, platform::random_u32())
                    }
                    Err(Unmade::Malformed) => {
                        machine.fail(&path, Reason::Input, "expected headers and a key that HTTP allows")
                    }
                    Err(Unmade::Secret(detail)) => machine.fail(&path, Reason::Secret, &detail),
                }
                let goes_on = keep(&mut machine, &head, running(platform::now()))?;
                if !goes_on || platform::now() >= end {
                    return Ok(());
                }
            }
            Next::Await { path, types, after, until } => {
                let found = found(ledger, types, after, until, |event| machine.is_awaited(&path, event));
                match found? {
                    Ok(Some((position, event))) => machine.found(&path, position, event),
                    Ok(None) if now < until => {
                        let again = Again {
                            status: Status::Running,
                            due: Some(until.min(limit)),
                            awaits: true,
                            reopens: false,
                        };
                        return keep(&mut machine, &head, again).map(drop);
                    }
                    Ok(None) => machine.missed(&path),
                    Err(fault) => machine.fail(&path, Reason::Expression, &fault),
                }
            }
            Next::Write { path, event } => {
                let mut result = None;
                ledger
                    .change(|record| {
                        result =
                            Some(brought::of_run(ledger, record, &new_event(&event), when(&event), &caller)?);
                        Ok(())
                    })
                    .map_err(storage)?;
                match result {
                    Some(Ok(gave)) => machine.gave(&path, gave),
                    Some(Err(detail)) => machine.fail(&path, Reason::Input, &detail),
                    None => machine.fail(&path, Reason::Storage, "the pull is gone"),
                }
                if !keep(&mut machine, &head, running(now))? {
                    return Ok(());
                }
            }
            Next::Until(due) => return keep(&mut machine, &head, running(due)).map(drop),
            Next::Approval { path, until } => {
                head.asks = Some(path);
                let again = Again {
                    status: Status::Approval,
                    due: Some(until.min(limit)),
                    awaits: false,
                    reopens: false,
                };
                return keep(&mut machine, &head, again).map(drop);
            }
            Next::Canopy { path, .. } | Next::Query { path, .. } => {
                machine.fail(&path, Reason::Input, "this kind of step is not made");
            }
            Next::End(ended) => {
                let again = Again { status: ended.status, due: None, awaits: false, reopens: false };
                head.ended = Some(ended);
                head.asks = None;
                if !keep(&mut machine, &head, again)? {
                    return Ok(());
                }
                return ledger
                    .store(|record| record.outbox.want(&Work::Copy, None, now))
                    .map(drop)
                    .map_err(|thrown| storage(thrown).into());
            }
        }
    }
}

/// Ends a run that cannot go on.
fn finish(
    ledger: &Rc<Ledger>,
    pull_id: &str,
    number: i64,
    head: &mut Head,
    detail: &str,
) -> Result<(), Miss> {
    head.ended = Some(Ended {
        status: Status::Failed,
        reason: Some(Reason::Storage),
        detail: Some(detail.to_owned()),
        path: None,
    });
    let again = Again { status: Status::Failed, due: None, awaits: false, reopens: false };
    write(ledger, pull_id, number, head, &mut flow::run::Journal::default(), again, platform::now())
        .map_err(storage)?;
    ledger
        .store(|record| record.outbox.want(&Work::Copy, None, platform::now()))
        .map(drop)
        .map_err(|thrown| storage(thrown).into())
}

type Found = Result<Option<(i64, Value)>, String>;

/// The first entry behind a position, written down by then, that a wait takes.
fn found(
    ledger: &Ledger,
    types: &canopy::delivery::Types,
    mut after: i64,
    until: UnixMillis,
    mut is_awaited: impl FnMut(&Value) -> Result<bool, flow::expression::Fault>,
) -> Result<Found, Miss> {
    loop {
        let query = "SELECT position, kind, event_type FROM entry WHERE position > ?1 AND recorded_at <= ?2 ORDER BY position LIMIT 16";
        let rows = ledger.database.all(query, [integer(after), until.into_sql()]).map_err(storage)?;
        let Some(last) = rows.last().and_then(|row| row.integer(0)) else { return Ok(Ok(None)) };
        let name = |row: &Row| {
            type_of(row.integer(1).and_then(Kind::of_code), &row.text(2).unwrap_or_default()).to_owned()
        };
        for row in rows.iter().filter(|row| types.take(&name(row))) {
            let position = row.integer(0).unwrap_or_default();
            let event = event(ledger, position).map_err(storage)?;
            match is_awaited(&event) {
                Ok(true) => return Ok(Ok(Some((position, event)))),
                Ok(false) => {}
                Err(fault) => return Ok(Err(fault.to_string())),
            }
        }
        after = last;
    }
}

fn when(event: &Event) -> When {
    match event.writing {
        Writing::Emit { .. } => When::Now,
        Writing::Schedule(_) => When::Later,
    }
}

fn new_event(event: &Event) -> Value {
    let mut new = json!({ "event_type": event.event_type, "key": event.key });
    if !event.data.is_null() {
        new["data"] = event.data.clone();
    }
    match event.writing {
        Writing::Emit { page } => new["page"] = page.into(),
        Writing::Schedule(at) => new["effective_at"] = at.rfc3339().into(),
    }
    new
}
