//! How runs and steps end.

use serde::{Deserialize, Serialize};

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It goes on by itself.
    Running,
    /// It waits for a person.
    Approval,
    /// It ended well.
    Done,
    /// It ended at a `stop`, a refusal, or a wait that was over.
    Stopped,
    /// It stands at a step that failed.
    Failed,
    /// Somebody ended it.
    Cancelled,
}

impl Status {
    /// Whether nothing more becomes of it by itself.
    #[must_use]
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Running | Self::Approval)
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Approval => "approval",
            Self::Done => "done",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Why a step failed, or a run ended before its last step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    /// An expression gave nothing.
    Expression,
    /// What was given is not what is expected.
    Input,
    /// The request may not be made.
    Destination,
    /// The service refused.
    Refused,
    /// The service did not answer, or failed, as often as it was tried.
    Unavailable,
    /// The service answered what its documentation does not say.
    Answer,
    /// It is not known whether a call that is not made twice was made.
    OutcomeUnknown,
    /// There is no such secret any more, or it is another host's.
    Secret,
    /// What a step gives is too large, or there are too many of them.
    Bounds,
    /// What was waited for did not come in time.
    TimedOut,
    /// A person said no.
    NotApproved,
    /// A `stop` said so.
    Stopped,
    /// The edge's own storage did not take it.
    Storage,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// As what.
    pub status: Status,
    /// Why, where it was not its last step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// In words, without data of the consumer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The step at which it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}
