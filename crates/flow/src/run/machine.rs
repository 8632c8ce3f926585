//! A run that is looked at now: what its steps gave, and how that is noted.

use canopy::time::UnixMillis;
use serde_json::Value as Json;

use super::{
    journal::{Journal, State, bytes_of, is_deeper},
    outcome::Reason,
    scope::{Run, Values, World},
};
use crate::definition::{Flow, MAX_DEPTH_OF_VALUE, MAX_RESULT, Step, Use};

/// A run that is looked at now.
#[derive(Debug)]
pub struct Machine<'f> {
    pub(super) flow: &'f Flow,
    pub(super) run: &'f Run,
    pub(super) world: &'f World,
    pub(super) journal: Journal,
    pub(super) values: Values<'f>,
    pub(super) now: UnixMillis,
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

    /// The key of a step's calls: the same at each attempt, and no other's.
    pub(super) fn key(&self, path: &str) -> String {
        format!("{}/{path}", self.run.id)
    }

    pub(super) fn find(&self, path: &str) -> Option<&'f Step> {
        let (mut steps, mut found) = (vec![self.flow.steps.as_slice()], None);
        for part in path.split('.') {
            let id = part.split('[').next().unwrap_or(part);
            let step = steps.into_iter().flatten().find(|step| step.id == id)?;
            (steps, found) = (step.within(), Some(step));
        }
        found
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

    /// The time at which it is looked at.
    #[must_use]
    pub fn time(&self) -> UnixMillis {
        self.now
    }

    pub(super) fn is_local(&self) -> bool {
        self.world.is_local
    }
}

/// Attempts of a query: what takes the database too long once takes it so again, and others wait meanwhile.
const ATTEMPTS_OF_QUERY: u32 = 2;

impl Step {
    /// Attempts at most.
    pub(super) fn attempts(&self) -> u32 {
        match &self.does {
            Use::Query { .. } => self.retry.attempts.min(ATTEMPTS_OF_QUERY),
            _ => self.retry.attempts,
        }
    }

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
