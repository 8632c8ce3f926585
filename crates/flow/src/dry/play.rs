//! Playing a flow: what the edge would carry is answered from what is known beforehand, and time passes at once.

use std::collections::BTreeMap;

use canopy::{delivery::Types, schedule::NewEvent, time::UnixMillis};
use serde_json::{Value as Json, json};

use super::{
    answers::{Answers, Called, Said},
    played::{AnsweredBy, Played, PlayedStep},
};
use crate::{
    connector,
    definition::Flow,
    expression::Fault,
    run::{Answer, Ended, Event, Journal, Machine, Next, Reason, Run, Status, World},
};

/// Most turns: each decides anew from the first step on, so that they cost more than they do in a run that is carried on from day to day.
const MAX_TURNS: usize = 2_000;

/// Who says yes or no to what is asked.
const DECIDER: &str = "dry run";

/// What was recorded of a pull.
#[derive(Debug, Clone, Copy)]
pub struct Recording<'r> {
    /// What expressions read.
    pub world: &'r World,
    /// The entries behind the one that starts the run, each as expressions read it, with its `position`, `event_type` and `recorded_at`.
    pub entries: &'r [Json],
}

/// Plays a flow from `now` on to its end.
#[must_use]
pub fn play(flow: &Flow, run: &Run, recording: &Recording<'_>, answers: &Answers, now: UnixMillis) -> Played {
    let limit = run.started_at.plus(flow.timeout_millis);
    let machine = Machine::new(flow, run, recording.world, Journal::default(), now);
    let play = Play { machine, entries: recording.entries, answers, limit, answered: BTreeMap::new() };
    play.go_on()
}

struct Play<'p> {
    machine: Machine<'p>,
    entries: &'p [Json],
    answers: &'p Answers,
    /// When the run is over at the latest.
    limit: UnixMillis,
    /// Whose answers there were, by path.
    answered: BTreeMap<String, AnsweredBy>,
}

impl<'p> Play<'p> {
    fn go_on(mut self) -> Played {
        for _ in 0..MAX_TURNS {
            match self.machine.decide() {
                Next::Call { path, .. } | Next::Canopy { path, .. } => self.call(&path),
                Next::Await { path, types, after, until } => self.wait(&path, types, after, until),
                Next::Approval { path, until } => self.approve(&path, until),
                Next::Query { path, .. } => self.query(&path),
                Next::Write { path, event } => self.write(&path, &event),
                Next::Until(due) => self.pass(due),
                Next::End(ended) => return self.played(ended),
            }
        }
        let detail = format!("expected at most {MAX_TURNS} turns of a dry run, attempts counted");
        self.played(Ended {
            status: Status::Failed,
            reason: Some(Reason::Bounds),
            detail: Some(detail),
            path: None,
        })
    }

    fn played(mut self, ended: Ended) -> Played {
        let until = self.machine.time();
        let records = self.machine.journal().records().to_vec().into_iter();
        let steps = records.map(|record| {
            let answered_by = self.answered.get(&record.path).copied();
            PlayedStep { record, answered_by }
        });
        Played { ended, until, steps: steps.collect() }
    }

    /// Time passes.
    fn pass(&mut self, until: UnixMillis) {
        self.machine.tick(until.min(self.limit).max(self.machine.time()));
    }

    fn note(&mut self, path: &str, by: AnsweredBy) {
        self.answered.insert(path.to_owned(), by);
    }

    /// The caller's answer is not one that such a step can have.
    fn unlike(&mut self, path: &str, detail: &str) {
        self.note(path, AnsweredBy::Caller);
        self.machine.fail(path, Reason::Input, detail);
    }

    fn call(&mut self, path: &str) {
        self.machine.attempt(path);
        let (called, by) = match self.answers.find(path) {
            Some(Said::Call(called)) => (called.clone(), AnsweredBy::Caller),
            Some(_) => return self.unlike(path, "answers: expected status, body and headers of a call"),
            None => self.usual(path),
        };
        self.note(path, by);
        let headers = called.small_headers();
        let answer = Answer {
            status: called.status,
            headers: &json!(headers),
            body: Some(&called.bytes()),
            retry_after: headers.get("retry-after").map(String::as_str),
            duration_ms: 0,
        };
        self.machine.answered(path, answer, 0);
    }

    /// What a service answers to a call where the caller says nothing: what was recorded, or that all is well.
    fn usual(&mut self, path: &str) -> (Called, AnsweredBy) {
        let kind = self.machine.journal().find(path).map_or("", |record| &record.kind);
        let example = connector::all().get(kind).map(|connector| &connector.example.answer);
        match example.and_then(|answer| serde_json::from_value(answer.clone()).ok()) {
            Some(called) => (called, AnsweredBy::Example),
            None => (Called { status: 200, body: json!({}), headers: BTreeMap::new() }, AnsweredBy::Assumed),
        }
    }

    fn wait(&mut self, path: &str, types: &Types, after: i64, until: UnixMillis) {
        match self.answers.find(path) {
            Some(Said::Came { event }) => {
                self.note(path, AnsweredBy::Caller);
                let event = Json::Object(event.clone());
                let is_of_them = event["event_type"].as_str().is_none_or(|name| types.take(name));
                match self.machine.is_awaited(path, &event) {
                    Ok(true) if is_of_them => {
                        self.machine.gave(path, json!({ "position": event["position"], "event": event }));
                    }
                    Ok(_) => self.unlike(path, "answers: expected an event that this step waits for"),
                    Err(fault) => self.machine.fail(path, Reason::Expression, &fault.to_string()),
                }
            }
            Some(Said::TimedOut { .. }) => self.over(path, until, AnsweredBy::Caller),
            Some(_) => self.unlike(path, "answers: expected event or timed_out of a wait"),
            None => match self.recorded(path, types, after, until) {
                Ok(Some((position, entry))) => {
                    self.note(path, AnsweredBy::Log);
                    self.pass(recorded_at(entry).unwrap_or_default());
                    self.machine.found(path, position, entry.clone());
                }
                Ok(None) => self.over(path, until, AnsweredBy::Assumed),
                Err(fault) => self.machine.fail(path, Reason::Expression, &fault.to_string()),
            },
        }
    }

    /// What is waited for does not come: its time passes, then that is noted.
    fn over(&mut self, path: &str, until: UnixMillis, by: AnsweredBy) {
        self.note(path, by);
        if self.machine.time() < until {
            self.pass(until);
        } else {
            self.machine.missed(path);
        }
    }

    /// The first entry behind a position, written down by then, that a wait takes.
    fn recorded(
        &mut self,
        path: &str,
        types: &Types,
        after: i64,
        until: UnixMillis,
    ) -> Result<Option<(i64, &'p Json)>, Fault> {
        let until = until.min(self.limit);
        for entry in self.entries {
            let position = entry["position"].as_i64().filter(|position| *position > after);
            let is_of_them = entry["event_type"].as_str().is_some_and(|name| types.take(name));
            let is_in_time = recorded_at(entry).is_some_and(|at| at <= until);
            if let Some(position) = position
                && is_of_them
                && is_in_time
                && self.machine.is_awaited(path, entry)?
            {
                return Ok(Some((position, entry)));
            }
        }
        Ok(None)
    }

    fn approve(&mut self, path: &str, until: UnixMillis) {
        let (is_approved, by) = match self.answers.find(path) {
            Some(Said::Decided { approved }) => (*approved, AnsweredBy::Caller),
            Some(Said::TimedOut { .. }) => {
                self.note(path, AnsweredBy::Caller);
                return self.pass(until);
            }
            Some(_) => return self.unlike(path, "answers: expected approved or timed_out of an approval"),
            None => (true, AnsweredBy::Assumed),
        };
        self.note(path, by);
        let now = self.machine.time();
        self.machine.journal().decided(path, is_approved, DECIDER, now);
    }

    fn query(&mut self, path: &str) {
        let (rows, by) = match self.answers.find(path) {
            Some(Said::Rows { rows }) => (rows.as_slice(), AnsweredBy::Caller),
            Some(_) => return self.unlike(path, "answers: expected rows of a query"),
            None => (&[][..], AnsweredBy::Assumed),
        };
        self.note(path, by);
        self.machine.gave(path, json!({ "rows": rows }));
    }

    /// The log takes what it would take: where that stood is not known.
    fn write(&mut self, path: &str, event: &Event) {
        let when = event.when();
        let read = NewEvent::read(event.body().to_string().as_bytes(), when);
        match read.and_then(|new| new.check(when, self.machine.time())) {
            Ok(()) => {
                self.note(path, AnsweredBy::Assumed);
                self.machine.gave(path, json!({ "position": null, "schedule_id": null }));
            }
            Err(problem) => self.machine.fail(path, Reason::Input, &problem.detail),
        }
    }
}

fn recorded_at(entry: &Json) -> Option<UnixMillis> {
    entry["recorded_at"].as_str().and_then(UnixMillis::parse)
}
