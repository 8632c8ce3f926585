//! The next step of a run: a function of its flow, its journal and the time.

use canopy::{
    contract::{Operation, Repeat},
    delivery::{Tried, Types},
    retry::{self, MAX_RETRY_AFTER_MILLIS, read_retry_after},
    time::UnixMillis,
};
use serde_json::{Value as Json, json};

use super::{
    journal::{Journal, Record, State, bytes_of, is_deeper},
    outcome::{Ended, Reason, Status},
    scope::{Run, Values, World},
};
use crate::{
    connector::Answered,
    definition::{
        Decision, Ending, Failing, Flow, MAX_DEPTH_OF_VALUE, MAX_INPUT, MAX_JOURNAL, MAX_RESULT,
        MAX_STEPS_OF_RUN, Step, Use,
    },
    expression::Fault,
    request::Request,
    text::{Escape, shown},
    wording::encode_url,
};

/// Wait before the second attempt of a call, in milliseconds; doubled for each one after.
const BASE_MILLIS: u64 = 2_000;

/// Longest wait between two attempts, in milliseconds.
const CAP_MILLIS: u64 = 60 * 60 * 1_000;

/// What is done next.
#[derive(Debug)]
pub enum Next<'f> {
    /// A request: its attempt is counted, then it is made.
    Call {
        /// The step.
        path: String,
        /// Without its secret.
        request: Box<Request>,
        /// The same at each attempt.
        key: String,
        /// How long the service may take, in milliseconds.
        timeout_millis: u64,
    },
    /// The same of Canopy.
    Canopy {
        /// The step.
        path: String,
        /// What is asked.
        operation: Operation,
        /// Its `path`, `query` and `body`.
        input: Json,
        /// The same at each attempt.
        key: String,
    },
    /// Nothing before this time.
    Until(UnixMillis),
    /// An entry of these types behind this position is looked for. [`Machine::is_awaited`] says of each whether it is the one.
    Await {
        /// The step.
        path: String,
        /// Of the entry.
        types: &'f Types,
        /// Where the search begins.
        after: i64,
        /// When it is over.
        until: UnixMillis,
    },
    /// A person's yes or no is waited for.
    Approval {
        /// The step.
        path: String,
        /// When it is over.
        until: UnixMillis,
    },
    /// The book is asked.
    Query {
        /// The step.
        path: String,
        /// One SELECT.
        sql: &'f str,
        /// What stands for ?1, ?2, …
        parameters: Vec<Json>,
        /// Most rows.
        limit: u32,
    },
    /// An event is written into the pull's log, in one transaction with what it gives.
    Write {
        /// The step.
        path: String,
        /// The event.
        event: Box<Event>,
    },
    /// Nothing more.
    End(Ended),
}

/// An event that a step writes.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its type.
    pub event_type: String,
    /// What it says.
    pub data: Json,
    /// One for each step of each run.
    pub key: String,
    /// When it comes.
    pub writing: Writing,
}

/// When an event comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// At once.
    Emit {
        /// Whether the consumer's page sees it.
        page: bool,
    },
    /// At this time.
    Schedule(UnixMillis),
}

/// What a service answered.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// HTTP status.
    pub status: u16,
    /// Its headers by small name.
    pub headers: &'a Json,
    /// Its body; `None` where it is longer than is read, or broke off.
    pub body: Option<&'a [u8]>,
    /// `Retry-After`.
    pub retry_after: Option<&'a str>,
    /// How long it took.
    pub duration_ms: u64,
}

/// What goes on behind a step.
pub(super) enum Course<'f> {
    /// The next one.
    On,
    /// Nothing before this.
    Next(Next<'f>),
}

/// A run that is looked at now.
#[derive(Debug)]
pub struct Machine<'f> {
    pub(super) flow: &'f Flow,
    run: &'f Run,
    world: &'f World,
    pub(super) journal: Journal,
    pub(super) values: Values<'f>,
    now: UnixMillis,
}

impl<'f> Machine<'f> {
    /// A run that stands where its journal does.
    #[must_use]
    pub fn new(flow: &'f Flow, run: &'f Run, world: &'f World, journal: Journal, now: UnixMillis) -> Self {
        Self { flow, run, world, journal, values: Values::of(run, world, now), now }
    }

    /// Its journal.
    pub fn journal(&mut self) -> &mut Journal {
        &mut self.journal
    }

    /// The time is another.
    pub fn tick(&mut self, now: UnixMillis) {
        self.now = now;
    }

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

    pub(super) fn steps(&mut self, steps: &'f [Step], prefix: &str) -> Course<'f> {
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
            Use::Connector { .. } | Use::Http { .. } | Use::Canopy { .. } if !is_due => {
                Course::Next(Next::Until(record.due.unwrap_or(self.now)))
            }
            Use::Connector { .. } | Use::Http { .. } | Use::Canopy { .. }
                if record.count >= step.retry.attempts =>
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
            Use::Canopy { operation, .. }
                if operation.row().repeat == Repeat::Once && record.is_interrupted() =>
            {
                self.fail(
                    path,
                    Reason::OutcomeUnknown,
                    "it is not known whether Canopy took the call: look there before it is made again",
                );
                Course::On
            }
            Use::Canopy { operation, .. } => Course::Next(Next::Canopy {
                path: path.to_owned(),
                operation: *operation,
                input: record.input,
                key: self.key(path),
            }),
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
            Use::Query { sql, limit, .. } => Course::Next(Next::Query {
                path: path.to_owned(),
                sql,
                parameters: record.input["parameters"].as_array().cloned().unwrap_or_default(),
                limit: *limit,
            }),
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
        let url = format!("{}{}", self.world.approvals, encode_url(&self.key(path)));
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

    /// The key of a step's calls: the same at each attempt, and no other's.
    fn key(&self, path: &str) -> String {
        format!("{}/{path}", self.run.id)
    }

    fn find(&self, path: &str) -> Option<&'f Step> {
        let (mut steps, mut found) = (vec![self.flow.steps.as_slice()], None);
        for part in path.split('.') {
            let id = part.split('[').next().unwrap_or(part);
            let step = steps.into_iter().flatten().find(|step| step.id == id)?;
            (steps, found) = (step.within(), Some(step));
        }
        found
    }

    /// Whether an entry is the one that a step waits for: `event` is its document.
    ///
    /// # Errors
    /// Where its condition gives nothing.
    pub fn is_awaited(&mut self, path: &str, event: &Json) -> Result<bool, Fault> {
        let Some(Use::Wait { when, .. }) = self.find(path).map(|step| &step.does) else { return Ok(false) };
        let Some(when) = when else { return Ok(true) };
        // The steps' results are those that stand there when it waits.
        let mut values = self.values.clone();
        values.put("event", event.clone());
        Ok(when.evaluate(&values.scope())? == Json::Bool(true))
    }

    /// The entry that a step waited for is there: `event` is its document.
    pub fn found(&mut self, path: &str, position: i64, event: Json) {
        self.gave(path, json!({ "position": position, "event": event }));
    }

    /// The log up to now does not have the entry. Where the time is over it does not come.
    pub fn missed(&mut self, path: &str) {
        let is_over =
            self.journal.find(path).is_some_and(|record| record.due.is_none_or(|due| due <= self.now));
        if is_over {
            self.gave(path, json!({ "timed_out": true }));
        }
    }

    /// An attempt of a call begins.
    pub fn attempt(&mut self, path: &str) {
        let now = self.now;
        self.journal.change(path, |record| record.attempt(now));
    }

    /// A step was made.
    pub fn gave(&mut self, path: &str, result: Json) {
        let bytes = bytes_of(&result);
        if bytes > MAX_RESULT {
            return self.fail(
                path,
                Reason::Bounds,
                &format!("expected a result of at most {MAX_RESULT} bytes"),
            );
        }
        if is_deeper(&result, MAX_DEPTH_OF_VALUE) {
            let detail =
                format!("expected at most {MAX_DEPTH_OF_VALUE} values inside each other in a result");
            return self.fail(path, Reason::Bounds, &detail);
        }
        self.journal.grow(bytes);
        let now = self.now;
        self.journal.change(path, |record| {
            record.result = result;
            record.end(State::Done, now);
        });
    }

    /// A step was not made.
    pub fn fail(&mut self, path: &str, reason: Reason, detail: &str) {
        let now = self.now;
        self.journal.change(path, |record| {
            (record.reason, record.detail) = (Some(reason), Some(detail.chars().take(500).collect()));
            record.end(State::Failed, now);
        });
    }

    /// The service, or Canopy, answered the attempt under way.
    pub fn answered(&mut self, path: &str, answer: Answer<'_>, random: u32) {
        let Answer { status, headers, body, retry_after, duration_ms } = answer;
        let began = self
            .journal
            .find(path)
            .and_then(|record| record.attempts.last())
            .map_or(self.now, |last| last.at);
        self.journal.change(path, |record| {
            record.tried(Tried::answered(began, status, duration_ms, body.unwrap_or_default()))
        });
        let is_passing = matches!(status, 408 | 425 | 429 | 500..);
        if is_passing {
            let asked = retry_after.and_then(|value| read_retry_after(value, self.now));
            return self.again(path, asked, &format!("the service answered {status}"), random);
        }
        let Some(body) = body else {
            let reason = if (200..300).contains(&status) { Reason::Answer } else { Reason::Refused };
            return self.fail(
                path,
                reason,
                &format!("the service answered {status}, with more than is read, or broke off"),
            );
        };
        let json = serde_json::from_slice(body)
            .unwrap_or_else(|_| Json::String(String::from_utf8_lossy(body).into_owned()));
        let answer = json!({ "status": status, "headers": headers, "body": json });
        match self.read(path, &answer) {
            Ok(Answered::Done(result)) => self.gave(path, result),
            Ok(Answered::Failed(words)) => {
                let words = words.map_or_else(String::new, |words| format!(": {words}"));
                self.fail(path, Reason::Refused, &format!("the service answered {status}{words}"));
            }
            // It may well have done what it was asked: it is not asked again.
            Err(fault) => self.fail(
                path,
                Reason::Answer,
                &format!("the service answered {status}, and not what is expected: {fault}"),
            ),
        }
    }

    /// The attempt under way had no answer.
    pub fn unanswered(&mut self, path: &str, reason: retry::Reason, duration_ms: u64, random: u32) {
        let began = self
            .journal
            .find(path)
            .and_then(|record| record.attempts.last())
            .map_or(self.now, |last| last.at);
        self.journal.change(path, |record| record.tried(Tried::unanswered(began, reason, duration_ms)));
        let is_once = matches!(self.find(path).map(|step| &step.does), Some(Use::Canopy { operation, .. }) if operation.row().repeat == Repeat::Once);
        if is_once {
            return self.fail(
                path,
                Reason::OutcomeUnknown,
                "Canopy did not answer: it is not known whether it took the call",
            );
        }
        self.again(path, None, "the service did not answer", random);
    }

    fn again(&mut self, path: &str, asked: Option<u64>, detail: &str, random: u32) {
        let most = self.find(path).map_or(1, |step| step.retry.attempts);
        let count = self.journal.find(path).map_or(most, |record| record.count);
        if count >= most {
            return self.fail(path, Reason::Unavailable, &format!("{detail}, the last of {count} attempts"));
        }
        let wait = retry::backoff(count, BASE_MILLIS, CAP_MILLIS, random);
        let due = self.now.plus(wait.max(asked.unwrap_or(0).min(MAX_RETRY_AFTER_MILLIS)));
        self.journal.change(path, |record| record.due = Some(due));
    }

    fn read(&self, path: &str, answer: &Json) -> Result<Answered, Fault> {
        let is_success = answer["status"].as_u64().is_some_and(|status| (200..300).contains(&status));
        match self.find(path).map(|step| &step.does) {
            Some(Use::Connector { connector, .. }) => connector.answered(answer),
            Some(Use::Http { fails_when, result, .. }) => {
                let mut values = self.values.clone();
                values.put("answer", answer.clone());
                let scope = values.scope();
                let fails = match fails_when {
                    Some(fails) if is_success => fails.evaluate(&scope)? == Json::Bool(true),
                    _ => !is_success,
                };
                if fails {
                    return Ok(Answered::Failed(None));
                }
                let result = result.as_ref().map(|result| result.render(&scope, Escape::None)).transpose()?;
                Ok(Answered::Done(result.map_or_else(|| held(answer), Json::from)))
            }
            _ if is_success => Ok(Answered::Done(held(answer))),
            _ => Ok(Answered::Failed(None)),
        }
    }

    /// The time at which it is looked at.
    #[must_use]
    pub fn time(&self) -> UnixMillis {
        self.now
    }

    pub(super) fn is_local(&self) -> bool {
        self.world.is_local
    }
}

impl Step {
    /// The steps within it, branch by branch.
    fn within(&self) -> Vec<&[Step]> {
        match &self.does {
            Use::If { then, otherwise, .. } => vec![then, otherwise],
            Use::Each { steps, .. } => vec![steps],
            Use::Approve { notify, .. } => vec![notify],
            _ => Vec::new(),
        }
    }
}

/// What a step holds of an answer where nothing else is said.
fn held(answer: &Json) -> Json {
    json!({ "status": answer["status"], "body": answer["body"] })
}

fn end<'f>(status: Status, reason: Reason, detail: &str, path: Option<&str>) -> Next<'f> {
    let detail = (!detail.is_empty()).then(|| detail.to_owned());
    Next::End(Ended { status, reason: Some(reason), detail, path: path.map(str::to_owned) })
}

pub(super) fn of_fault(fault: Fault) -> (Reason, String) {
    (Reason::Expression, fault.to_string())
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
