//! The next step of a run: a function of its flow, its journal and the time.

use canopy::{contract::Repeat, time::UnixMillis};
use serde_json::{Map, Value as Json, json};

use super::{
    input::of_fault,
    journal::{Record, State, bytes_of, is_deeper},
    machine::Machine,
    next::{Event, Next, Writing},
    outcome::{Ended, Reason, Status},
    scope::Values,
};
use crate::{
    asked::counts,
    definition::{
        Decision, Ending, Failing, MAX_DEPTH_OF_VALUE, MAX_INPUT, MAX_JOURNAL, MAX_RESULT, MAX_STEPS_OF_RUN,
        Step, Use,
    },
    text::shown,
};

/// What goes on behind a step.
enum Course<'f> {
    /// The next one.
    On,
    /// Nothing before this.
    Next(Next<'f>),
}

impl<'f> Machine<'f> {
    /// What is done next. What needs nobody is done with it, and stands in the journal.
    pub fn decide(&mut self) -> Next<'f> {
        self.values = Values::of(self.run, self.world, self.now);
        if self.now >= self.run.started_at.plus(self.flow.timeout_millis) {
            return end(Status::Failed, Reason::TimedOut, "the run took longer than its flow may", None);
        }
        match self.steps(&self.flow.steps, "") {
            Course::On => Next::End(Ended { status: Status::Done, reason: None, detail: None, path: None }),
            Course::Next(next) => next,
        }
    }

    fn steps(&mut self, steps: &'f [Step], prefix: &str) -> Course<'f> {
        for step in steps {
            let course = self.step(step, &format!("{prefix}{}", step.id));
            if matches!(course, Course::Next(_)) {
                return course;
            }
        }
        Course::On
    }

    fn step(&mut self, step: &'f Step, path: &str) -> Course<'f> {
        let is_begun = self.journal.find(path).is_some_and(Record::is_begun);
        if !is_begun && let Err((reason, detail)) = self.begin(step, path) {
            self.journal.put(Record::begin(path, kind(&step.does), Json::Null, self.now));
            self.fail(path, reason, &detail);
        }
        let state = self.journal.find(path).map_or(State::Skipped, |record| record.state);
        if state == State::Open {
            let course = self.go_on(step, path);
            if self.journal.find(path).is_some_and(|record| record.state == State::Open) {
                return course;
            }
        }
        self.behind(step, path)
    }

    /// What goes on behind a step that is over.
    fn behind(&mut self, step: &'f Step, path: &str) -> Course<'f> {
        let Some(record) = self.journal.find(path) else { return Course::On };
        match record.state {
            State::Open | State::Skipped => Course::On,
            State::Failed => {
                let (reason, detail) =
                    (record.reason.unwrap_or(Reason::Storage), record.detail.clone().unwrap_or_default());
                if step.on_error == Failing::Fail {
                    return Course::Next(end(Status::Failed, reason, &detail, Some(path)));
                }
                self.values.gave(&step.id, &json!({ "error": { "reason": reason, "detail": detail } }));
                Course::On
            }
            State::Done => {
                let result = record.result.clone();
                let over = |ending: Ending, reason: Reason, detail: &str| match ending {
                    Ending::Continue => None,
                    Ending::Stop => Some(end(Status::Stopped, reason, detail, Some(path))),
                    Ending::Fail => Some(end(Status::Failed, reason, detail, Some(path))),
                };
                let ends = match &step.does {
                    Use::Wait { on_timeout, .. } if result["timed_out"] == true => {
                        over(*on_timeout, Reason::TimedOut, "what was waited for did not come in time")
                    }
                    Use::Approve { on_timeout: Decision::Fail, .. } if result["timed_out"] == true => {
                        over(Ending::Fail, Reason::TimedOut, "nobody decided in time")
                    }
                    Use::Approve { on_refusal, .. } if result["approved"] == false => {
                        over(*on_refusal, Reason::NotApproved, "it was refused")
                    }
                    Use::Stop { is_failure, .. } => {
                        let because = shown(result["because"].clone());
                        let ending = if *is_failure { Ending::Fail } else { Ending::Stop };
                        over(ending, Reason::Stopped, &because)
                    }
                    _ => None,
                };
                self.values.gave(&step.id, &result);
                ends.map_or(Course::On, Course::Next)
            }
        }
    }

    /// Begins a step: what it is given is worked out once, and stands in the journal.
    fn begin(&mut self, step: &'f Step, path: &str) -> Result<(), (Reason, String)> {
        if self.journal.records().len() >= MAX_STEPS_OF_RUN {
            return Err((Reason::Bounds, format!("expected at most {MAX_STEPS_OF_RUN} steps in a run")));
        }
        if let Some(when) = &step.when {
            let is_made = when.evaluate(&self.values.scope()).map_err(of_fault)?;
            let is_made =
                is_made.as_bool().ok_or((Reason::Expression, "when: expected true or false".to_owned()))?;
            if !is_made {
                let mut record = Record::begin(path, kind(&step.does), Json::Null, self.now);
                record.end(State::Skipped, self.now);
                self.journal.put(record);
                return Ok(());
            }
        }
        let key = self.key(path);
        let (input, due) = self.input(step, &key)?;
        let bytes = bytes_of(&input);
        if bytes > MAX_INPUT || is_deeper(&input, MAX_DEPTH_OF_VALUE) {
            return Err((
                Reason::Bounds,
                format!(
                    "expected at most {MAX_INPUT} bytes, and {MAX_DEPTH_OF_VALUE} values inside each other, for a step"
                ),
            ));
        }
        if self.journal.bytes() + bytes > MAX_JOURNAL {
            return Err((
                Reason::Bounds,
                format!("expected at most {MAX_JOURNAL} bytes for all steps of a run"),
            ));
        }
        self.journal.grow(bytes);
        let mut record = Record::begin(path, kind(&step.does), input, self.now);
        record.due = due;
        self.journal.put(record);
        Ok(())
    }

    /// What goes on with a step that was begun.
    fn go_on(&mut self, step: &'f Step, path: &str) -> Course<'f> {
        let record = self.journal.find(path).expect("it was begun").clone();
        let is_due = record.due.is_none_or(|due| due <= self.now);
        match &step.does {
            Use::Connector { .. } | Use::Http { .. } | Use::Canopy { .. } | Use::Query { .. } if !is_due => {
                Course::Next(Next::Until(record.due.unwrap_or(self.now)))
            }
            Use::Canopy { operation, .. }
                if operation.row().repeat == Repeat::Once && record.is_forgotten(self.now)
                    || counts(*operation) && record.is_interrupted() =>
            {
                self.fail(
                    path,
                    Reason::OutcomeUnknown,
                    "it is not known whether Canopy took the call: look there before it is made again",
                );
                Course::On
            }
            Use::Connector { .. } | Use::Http { .. } | Use::Canopy { .. } | Use::Query { .. }
                if record.count >= step.attempts() =>
            {
                self.fail(path, Reason::Unavailable, "the last attempt was interrupted");
                Course::On
            }
            Use::Connector { .. } | Use::Http { .. } => match serde_json::from_value(record.input) {
                Ok(request) => Course::Next(Next::Call {
                    path: path.to_owned(),
                    request: Box::new(request),
                    key: self.key(path),
                    timeout_millis: step.timeout_millis,
                }),
                Err(_) => {
                    self.fail(path, Reason::Storage, "the request cannot be read any more");
                    Course::On
                }
            },
            Use::Canopy { operation, .. } => match serde_json::from_value(record.input) {
                Ok(asked) => Course::Next(Next::Canopy {
                    path: path.to_owned(),
                    operation: *operation,
                    asked,
                    key: self.key(path),
                }),
                Err(_) => {
                    self.fail(path, Reason::Storage, "the request cannot be read any more");
                    Course::On
                }
            },
            Use::Wait { types, .. } => Course::Next(Next::Await {
                path: path.to_owned(),
                types,
                after: self.after(),
                until: record.due.unwrap_or(self.now),
            }),
            Use::Sleep { .. } if is_due => {
                self.gave(path, json!({}));
                Course::On
            }
            Use::Sleep { .. } => Course::Next(Next::Until(record.due.unwrap_or(self.now))),
            Use::Approve { notify, on_timeout, .. } => {
                self.approval(notify, *on_timeout, path, is_due, &record)
            }
            Use::If { then, otherwise, .. } => {
                let is_so = record.input["condition"] == true;
                let course = self.steps(if is_so { then } else { otherwise }, &format!("{path}."));
                if matches!(course, Course::On) {
                    self.gave(path, json!({ "condition": is_so }));
                }
                course
            }
            Use::Each { name, steps, .. } => self.rounds(name, steps, path, &record.input["items"]),
            Use::Query { select, limit, .. } => {
                let mut parameters = record.input["parameters"].as_array().cloned().unwrap_or_default();
                parameters.push((limit + 1).into());
                Course::Next(Next::Query {
                    path: path.to_owned(),
                    sql: select.limited(),
                    parameters,
                    limit: *limit,
                })
            }
            Use::Csv { .. } | Use::Pdf { .. } | Use::Set { .. } | Use::Stop { .. } => {
                self.make(step, path, record.input);
                Course::On
            }
            Use::Emit { event_type, page, .. } => {
                self.write(path, event_type, &record.input, Writing::Emit { page: *page })
            }
            Use::Schedule { event_type, .. } => {
                let at = record.input["effective_at"].as_str().and_then(UnixMillis::parse);
                match at {
                    Some(at) => self.write(path, event_type, &record.input, Writing::Schedule(at)),
                    None => {
                        self.fail(
                            path,
                            Reason::Input,
                            "effective_at: expected a time like 2026-01-31T09:00:00Z",
                        );
                        Course::On
                    }
                }
            }
        }
    }

    fn approval(
        &mut self,
        notify: &'f [Step],
        on_timeout: Decision,
        path: &str,
        is_due: bool,
        record: &Record,
    ) -> Course<'f> {
        let until = record.due.unwrap_or(self.now);
        let token = self.ask(path).map(|ask| ask.unsigned()).unwrap_or_default();
        let url = format!("{}/approvals/{token}", self.run.origin);
        self.values.put("approval", json!({ "url": url, "until": until.rfc3339() }));
        let course = self.steps(notify, &format!("{path}."));
        self.values.remove("approval");
        if matches!(course, Course::Next(Next::End(_))) {
            return course;
        }
        if is_due {
            let approved = on_timeout == Decision::Approve;
            self.gave(path, json!({ "approved": approved, "timed_out": true }));
            return Course::On;
        }
        match course {
            Course::On => Course::Next(Next::Approval { path: path.to_owned(), until }),
            next => next,
        }
    }

    fn write(&mut self, path: &str, event_type: &str, input: &Json, writing: Writing) -> Course<'f> {
        let event = Event {
            event_type: event_type.to_owned(),
            data: input["data"].clone(),
            key: self.key(path),
            writing,
        };
        Course::Next(Next::Write { path: path.to_owned(), event: Box::new(event) })
    }

    /// Where the search for an entry begins: behind the one that started the run, and behind the last that a wait has taken.
    fn after(&self) -> i64 {
        let waits = self.journal.records().iter().filter(|record| record.kind == "wait");
        waits.filter_map(|record| record.result["position"].as_i64()).fold(self.run.after, i64::max)
    }

    /// Makes the steps of each round, one round after the other.
    fn rounds(&mut self, name: &str, steps: &'f [Step], path: &str, items: &Json) -> Course<'f> {
        let mut rounds = Vec::new();
        for (at, item) in items.as_array().into_iter().flatten().enumerate() {
            let prefix = format!("{path}[{at}].");
            self.values.put(name, item.clone());
            let course = self.steps(steps, &prefix);
            if matches!(course, Course::Next(_)) {
                return course;
            }
            let gave = |step: &Step| {
                Some((step.id.clone(), self.journal.result(&format!("{prefix}{}", step.id))?.clone()))
            };
            rounds.push(Json::Object(steps.iter().filter_map(gave).collect::<Map<_, _>>()));
            self.values.forget(steps.iter().map(|step| step.id.as_str()));
        }
        self.values.remove(name);
        // What is too much to be held is not held: it was made nevertheless.
        let count = rounds.len();
        let held = json!({ "count": count, "rounds": rounds });
        let is_held = bytes_of(&held) <= MAX_RESULT && !is_deeper(&held, MAX_DEPTH_OF_VALUE);
        self.gave(path, if is_held { held } else { json!({ "count": count, "rounds": null }) });
        Course::On
    }
}

fn end<'f>(status: Status, reason: Reason, detail: &str, path: Option<&str>) -> Next<'f> {
    let detail = (!detail.is_empty()).then(|| detail.to_owned());
    Next::End(Ended { status, reason: Some(reason), detail, path: path.map(str::to_owned) })
}

/// What a step is, in its record.
fn kind(does: &Use) -> &str {
    match does {
        Use::Connector { connector, .. } => &connector.name,
        Use::Http { .. } => "http",
        Use::Canopy { .. } => "canopy",
        Use::Wait { .. } => "wait",
        Use::Sleep { .. } => "sleep",
        Use::Approve { .. } => "approve",
        Use::If { .. } => "if",
        Use::Each { .. } => "each",
        Use::Query { .. } => "query",
        Use::Csv { .. } => "csv",
        Use::Pdf { .. } => "pdf",
        Use::Set { .. } => "set",
        Use::Emit { .. } => "emit",
        Use::Schedule { .. } => "schedule",
        Use::Stop { .. } => "stop",
    }
}
