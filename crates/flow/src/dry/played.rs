//! What became of a dry run, step by step.

use canopy::time::UnixMillis;
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::run::{Ended, Record};

/// Whose answer a step had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AnsweredBy {
    /// Who asked for the dry run.
    Caller,
    /// The recorded example of its connector.
    Example,
    /// The pull's log.
    Log,
    /// Nobody: that all goes well, and that what is not in the log does not come.
    Assumed,
}

/// A dry run that is over.
#[derive(Debug, Clone, PartialEq)]
pub struct Played {
    /// As what, and why.
    pub ended: Ended,
    /// When it would have been over: what is waited for takes its time there.
    pub until: UnixMillis,
    /// In the order in which they were begun.
    pub steps: Vec<PlayedStep>,
}

/// A step of a dry run.
#[derive(Debug, Clone, PartialEq)]
pub struct PlayedStep {
    /// As it would stand in the journal: of a call `input` is the request, its secret by its name.
    pub record: Record,
    /// Whose answer it had; `None` where it needs none.
    pub answered_by: Option<AnsweredBy>,
}

impl Played {
    /// What is shown of it.
    #[must_use]
    pub fn view(&self) -> Json {
        let Ended { status, reason, detail, path } = &self.ended;
        let steps: Vec<_> = self.steps.iter().map(PlayedStep::view).collect();
        json!({
            "status": status, "reason": reason, "detail": detail, "path": path, "until": self.until.rfc3339(), "steps": steps,
        })
    }
}

impl PlayedStep {
    /// What is shown of it: `at` is when it began.
    fn view(&self) -> Json {
        let Record { path, kind, state, input, result, reason, detail, begun_at, .. } = &self.record;
        let mut view = json!({
            "path": path, "use": kind, "state": state, "at": begun_at.rfc3339(), "input": input, "result": result,
            "reason": reason, "detail": detail,
        });
        if let Some(by) = self.answered_by {
            view["answered_by"] = json!(by);
        }
        view
    }
}
