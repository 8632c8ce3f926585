//! One entry of a log that is walked.

use serde::Serialize;
use serde_json::Value;

use crate::{
    pull::{Kind, LogEnd, Position, Taken},
    schedule::{OwnEvent, rfc3339},
    time::UnixMillis,
};

/// An entry, read.
#[derive(Debug, Clone)]
pub struct Step {
    /// Where it stands, and when it was written down.
    pub end: LogEnd,
    /// What brought it; `None` for a kind of a later version.
    pub kind: Option<Kind>,
    /// When it counts, where that is not when it was written down.
    pub effective_at: Option<UnixMillis>,
    /// The entry that brought it.
    pub cause: Option<Position>,
    /// Of a webhook and an own event.
    pub event_type: Option<String>,
    /// What it did.
    pub taken: Taken,
}

impl Step {
    /// What is said of an own event, which this is.
    #[must_use]
    pub fn own(&self) -> Option<&OwnEvent> {
        if let Taken::Own(_, event) = &self.taken { Some(event) } else { None }
    }

    /// Whether it is derived from others: that something came by itself, or does not any more.
    #[must_use]
    pub fn is_derived(&self) -> bool {
        matches!(self.kind, Some(Kind::Fired | Kind::Void))
    }
}

/// An entry as a timeline shows it, or an event that is to come.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// `None` for what is to come, or would.
    pub position: Option<Position>,
    /// What brought it.
    pub kind: Option<Kind>,
    /// Of a webhook and an own event.
    pub event_type: Option<String>,
    /// The name of what was scheduled.
    pub schedule_id: Option<String>,
    /// When it was written down.
    #[serde(serialize_with = "moment")]
    pub recorded_at: Option<UnixMillis>,
    /// When it counts.
    #[serde(with = "rfc3339")]
    pub effective_at: UnixMillis,
    /// The entry that brought it.
    pub cause: Option<Position>,
    /// `applied`, or `stale`.
    pub outcome: Option<&'static str>,
    /// Why it came, or did not.
    pub because: Option<String>,
    /// The merge patch from the view before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwards: Option<Value>,
    /// The merge patch back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backwards: Option<Value>,
    /// Whether it is to come.
    pub is_to_come: bool,
}

#[expect(clippy::ref_option, reason = "serde calls it so")]
fn moment<S: serde::Serializer>(at: &Option<UnixMillis>, serializer: S) -> Result<S::Ok, S::Error> {
    at.map(UnixMillis::rfc3339).serialize(serializer)
}

impl Item {
    /// Of an entry, and whether it changed nothing as a later status was known.
    #[must_use]
    pub fn of(step: &Step, is_stale: bool) -> Self {
        let own = step.own();
        Self {
            position: Some(step.end.position),
            kind: step.kind,
            event_type: step.event_type.clone(),
            schedule_id: own.and_then(|event| event.schedule_id.clone()),
            recorded_at: Some(UnixMillis(step.end.recorded_at)),
            effective_at: step.effective_at.unwrap_or(UnixMillis(step.end.recorded_at)),
            cause: step.cause,
            outcome: Some(if is_stale { "stale" } else { "applied" }),
            because: own.and_then(|event| event.because.clone()),
            forwards: None,
            backwards: None,
            is_to_come: false,
        }
    }

    /// The same, as it would be.
    #[must_use]
    pub fn would_be(self) -> Self {
        Self { position: None, recorded_at: None, outcome: None, is_to_come: true, ..self }
    }
}
