//! Going on with one run until it waits.

use canopy::{config::Config, id::PullId, retry, time::UnixMillis};
use flow::run::{Answer, Ended, Journal, Machine, Next, Reason, State, Status};
use serde_json::json;
use wasm_bindgen::JsValue;

use super::{
    home::Home,
    pace::give_way,
    rows::{Again, Head, Kept, OVER, begin, put_off, read, record, write},
};
use crate::{
    objects::unseen::Unseen,
    platform::{self, Fetched},
    services::{self, Asking, Links, Unmade},
    stores::instances,
};

/// What stands before an instance's name where a run of it is the caller.
pub const CALLER: &str = "workflow:";

/// Lease of an attempt, in milliseconds, doubled for each one after: when a run is looked at again should the edge end in its middle. While
/// it does not nobody else looks.
const LEASE_MILLIS: u64 = 1_000;

/// Longest lease.
const MAX_LEASE_MILLIS: u64 = 60_000;

/// How often in a row a run may end the edge before it fails.
const MAX_FALLS: u32 = 6;

/// How often a run is looked at that is held, or whose group cannot be read, in milliseconds.
const HELD_MILLIS: u64 = 5 * 60 * 1_000;

/// When a run is looked at again for which the database did not answer, in milliseconds.
const DATABASE_MILLIS: u64 = 10_000;

/// How old what is known of the instances may be, in milliseconds.
const KNOWN_MILLIS: i64 = 5_000;

/// A run under way.
struct Turn<'r> {
    home: &'r dyn Home,
    config: &'r Config,
    owner: String,
    number: i64,
    head: Head,
    machine: Machine<'r>,
    /// When its flow's time is over.
    limit: UnixMillis,
}

/// Whether a run goes on.
#[derive(PartialEq, Eq)]
enum Course {
    On,
    /// It waits, it is over, or somebody ended it meanwhile.
    Over,
}

/// Goes on with one run until it waits, or the turn is over.
pub async fn turn(home: &dyn Home, config: &Config, number: i64, end: UnixMillis) -> Result<(), Unseen> {
    give_way().await;
    let Some(kept) = read(home, number)? else { return Ok(()) };
    let Kept { mut head, journal, .. } = kept;
    let run = head.run.clone();
    if head.ended.is_some() {
        return Ok(());
    }
    // What ends the edge in the middle cannot say so: it is counted before it begins.
    let falls = begin(home, number, platform::now(), lease)?;
    if falls > MAX_FALLS {
        return fail(home, number, &mut head, "the edge ended in the middle of it, several times");
    }
    let now = platform::now();
    let later = || Ok(put_off(home, number, platform::now().plus(DATABASE_MILLIS))?);
    let Ok(known) = instances::all(home.env(), config, UnixMillis(now.0 - KNOWN_MILLIS)).await else {
        return later();
    };
    if known.held.contains(&run.instance) {
        return Ok(put_off(home, number, now.plus(HELD_MILLIS))?);
    }
    let Ok(group) = instances::group(home.env(), config, &run.group, run.version).await else {
        return later();
    };
    // A key that is missing comes back, and so does a version of the edge that knows its steps.
    let Some(flow) = group.as_ref().and_then(|group| group.flows.get(&run.flow)) else {
        worker::console_warn!(
            "{}",
            json!({ "route": "workflows", "run_id": run.id, "code": "GROUP_UNREADABLE" })
        );
        return Ok(put_off(home, number, now.plus(HELD_MILLIS))?);
    };
    let world = home.world(flow, &run)?;
    let machine = Machine::new(flow, &run, &world, journal, now);
    let limit = run.started_at.plus(flow.timeout_millis);
    let mut turn = Turn { home, config, owner: home.owner()?, number, head, machine, limit };
    // It has waited for its turn, however long: one step is always made.
    while turn.step().await? == Course::On {
        if platform::now() >= end {
            return Ok(put_off(home, number, platform::now())?);
        }
        give_way().await;
    }
    Ok(())
}

fn lease(count: u32) -> u64 {
    retry::backoff(count, LEASE_MILLIS, MAX_LEASE_MILLIS, platform::random_u32())
}

/// Ends a run that cannot go on.
fn fail(home: &dyn Home, number: i64, head: &mut Head, detail: &str) -> Result<(), Unseen> {
    head.ended = Some(Ended {
        status: Status::Failed,
        reason: Some(Reason::Storage),
        detail: Some(detail.to_owned()),
        path: None,
    });
    let again = Again { status: Status::Failed, due: None, awaits: false, reopens: false };
    write(home, &home.owner()?, number, head, &mut Journal::default(), again, platform::now())?;
    Ok(home.tell()?)
}

impl Turn<'_> {
    /// Does what is next.
    async fn step(&mut self) -> Result<Course, Unseen> {
        let now = platform::now();
        self.machine.tick(now);
        self.hear()?;
        let next = self.machine.decide();
        let asks = if let Next::Approval { path, .. } = &next { Some(path.clone()) } else { None };
        let is_asked_first = asks.is_some() && self.head.asks != asks;
        self.head.asks = asks;
        match next {
            Next::Call { path, request, key, timeout_millis } => {
                let call = async |turn: &Self| {
                    let links = Links::of(turn.config, turn.machine.asked());
                    let request = links.put_into(&request);
                    let fetched = services::call(turn.config, &request, &key, timeout_millis).await;
                    fetched.map(|fetched| links.take_out_of(fetched))
                };
                self.attempt(&path, call).await
            }
            Next::Canopy { path, operation, asked, key } => {
                let ask = async |turn: &Self| {
                    let run = &turn.head.run;
                    let caller = format!("{CALLER}{}", run.instance);
                    let pull_id = run.pull_id.as_deref().and_then(|id| PullId::parse(id).ok());
                    let asking = Asking { operation, asked: &asked, key: &key, caller: &caller, pull_id };
                    services::ask_canopy(turn.home.env(), turn.config, asking).await
                };
                self.attempt(&path, ask).await
            }
            Next::Query { path, sql, parameters, limit } => {
                let ask = async |turn: &Self| services::query(turn.home.env(), sql, &parameters, limit).await;
                self.attempt(&path, ask).await
            }
            Next::Await { path, types, after, until } => {
                let mut is_awaited = |event: &_| self.machine.is_awaited(&path, event);
                match self.home.found(types, after, until, &mut is_awaited)? {
                    Ok(Some((position, event))) => self.machine.found(&path, position, event),
                    Ok(None) if now < until => return self.wait(until, true),
                    Ok(None) => self.machine.missed(&path),
                    Err(fault) => self.machine.fail(&path, Reason::Expression, &fault.to_string()),
                }
                // The turn may be over with this step: what was not written would be found anew in each one.
                self.keep(self.running(now))
            }
            Next::Write { path, event } => {
                match self.home.write(&event, &format!("{CALLER}{}", self.head.run.instance))? {
                    Ok(gave) => self.machine.gave(&path, gave),
                    Err(detail) => self.machine.fail(&path, Reason::Input, &detail),
                }
                self.keep(self.running(now))
            }
            Next::Until(due) => self.wait(due, false),
            Next::Approval { until, .. } => {
                self.keep(Again { status: Status::Approval, ..self.running(until) })?;
                // Those whom it waits for are told.
                if is_asked_first {
                    self.home.tell()?;
                }
                Ok(Course::Over)
            }
            Next::End(ended) => {
                let again = Again { status: ended.status, due: None, awaits: false, reopens: false };
                self.head.ended = Some(ended);
                if self.keep(again)? == Course::On {
                    self.home.tell()?;
                }
                Ok(Course::Over)
            }
        }
    }

    /// Takes what persons have answered since the run was taken up: a link is there before all are told, and the time for an answer may
    /// have run out while somebody was.
    fn hear(&mut self) -> Result<(), Unseen> {
        let records = self.machine.journal().records().iter().enumerate();
        let open = records.filter(|(_, record)| record.kind == "approve" && record.state == State::Open);
        for place in open.map(|(place, _)| place).collect::<Vec<_>>() {
            let record = record(self.home, &self.owner, self.number, place)?;
            if let Some(record) = record.filter(|record| record.state != State::Open) {
                self.machine.journal().learn(record);
            }
        }
        Ok(())
    }

    /// Makes one attempt of a step: it is counted before it begins.
    async fn attempt(
        &mut self,
        path: &str,
        make: impl AsyncFnOnce(&Self) -> Result<Fetched, Unmade>,
    ) -> Result<Course, Unseen> {
        let began = platform::now();
        self.machine.attempt(path);
        let count = self.machine.journal().find(path).map_or(1, |record| record.count);
        if self.keep(self.running(began.plus(lease(count))))? == Course::Over {
            return Ok(Course::Over);
        }
        let made = make(self).await;
        let now = platform::now();
        let duration_ms = u64::try_from(now.0 - began.0).unwrap_or_default();
        self.machine.tick(now);
        match made {
            Ok(fetched) => {
                let headers = json!(fetched.headers);
                let answer = Answer {
                    status: fetched.status,
                    headers: &headers,
                    body: fetched.body.as_deref(),
                    retry_after: fetched.headers.get("retry-after").map(String::as_str),
                    duration_ms,
                };
                self.machine.answered(path, answer, platform::random_u32());
            }
            Err(Unmade::Unanswered(reason)) => {
                self.machine.unanswered(path, reason, duration_ms, platform::random_u32())
            }
            Err(Unmade::Malformed) => {
                self.machine.fail(path, Reason::Input, "expected headers and a key that HTTP allows")
            }
            Err(Unmade::Secret(detail)) => self.machine.fail(path, Reason::Secret, &detail),
            Err(Unmade::Refused(reason, detail)) => self.machine.fail(path, reason, &detail),
        }
        self.keep(self.running(now))
    }

    fn running(&self, due: UnixMillis) -> Again {
        let due = Some(due.min(self.limit));
        Again { status: Status::Running, due, awaits: false, reopens: false }
    }

    fn wait(&mut self, until: UnixMillis, awaits: bool) -> Result<Course, Unseen> {
        self.keep(Again { awaits, ..self.running(until) })?;
        Ok(Course::Over)
    }

    /// Writes where it stands. Somebody may have ended it meanwhile.
    fn keep(&mut self, again: Again) -> Result<Course, Unseen> {
        let Self { home, owner, number, head, machine, .. } = self;
        let mut change = || {
            write(*home, owner, *number, head, machine.journal(), again, platform::now())?;
            Ok(JsValue::UNDEFINED)
        };
        match home.storage().transaction(&mut change) {
            Ok(_) => Ok(Course::On),
            Err(thrown) if thrown.as_string().as_deref() == Some(OVER) => Ok(Course::Over),
            Err(thrown) => Err(thrown.into()),
        }
    }
}
