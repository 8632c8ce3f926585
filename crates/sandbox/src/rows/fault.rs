//! What goes wrong on demand.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::http::{Answer, Reply};

/// Longest time a hanging call is held (the design's bound).
pub const MAX_HANG_MS: u64 = 120_000;

/// What is switched on until it is switched off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Switches {
    pub pace_ms: Option<u64>,
    pub deliveries: DeliveryFaults,
    pub documents: DocumentFaults,
    pub webhook: WebhookForm,
    /// How far the sandbox's clock is ahead of the machine's.
    pub clock_ahead_ms: u64,
}

/// How webhooks arrive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeliveryFaults {
    /// Times each webhook is sent; 0 and 1 both mean once.
    pub duplicate: usize,
    /// Every other webhook is overtaken by later ones.
    pub reorder: bool,
    pub delay_ms: u64,
}

/// What happens to document downloads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DocumentFaults {
    /// This many of the next signed URLs have expired when they are handed out.
    pub expire_signed_urls: u64,
}

/// Where the published documents leave the form of a webhook open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookForm {
    /// `sequence` inside `data` instead of at the top level.
    pub sequence_in_data: bool,
    /// `meta_data` as JSON text instead of an object.
    pub meta_data_as_string: bool,
    /// Identity verification options as an array of `{key, label}` instead of a map.
    pub options_as_array: bool,
}

/// Faults of one operation, used up one call each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// An `operationId`, or `*` for any.
    pub operation: String,
    pub steps: VecDeque<FaultStep>,
}

/// What happens to one call, or to `times` calls in a row. An empty step lets a call through.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultStep {
    /// Answer this status instead of doing the work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// `Retry-After` of that answer, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// Error code of that answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Do nothing, and answer nothing for `hang_ms`.
    pub hang: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hang_ms: Option<u64>,
    /// Do the work, send half of the body, break the connection.
    pub truncate: bool,
    /// Do the work; its answer never arrives. Breaks the connection at once, or hangs first if `hang` is set too.
    pub lost: bool,
    /// Do the work and answer this much later.
    pub delay_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
}

impl FaultStep {
    /// Whether the work is done at all.
    #[must_use]
    pub fn lets_work(&self) -> bool {
        self.status.is_none() && (!self.hang || self.lost)
    }

    /// The name it has in `GET /sandbox/requests`.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        let name = match self {
            Self { status: Some(status), .. } => format!("status {status}"),
            Self { lost: true, .. } => "lost".to_owned(),
            Self { hang: true, .. } => "hang".to_owned(),
            Self { truncate: true, .. } => "truncate".to_owned(),
            Self { delay_ms: 1.., .. } => "delay".to_owned(),
            _ => return None,
        };
        Some(name)
    }

    /// How the call ends; `answer` is that of the work, when it was done.
    #[must_use]
    pub fn apply(&self, answer: Option<Answer>) -> Reply {
        let held_ms = self.hang_ms.unwrap_or(MAX_HANG_MS).min(MAX_HANG_MS);
        if let Some(status) = self.status {
            let code = self.error.as_deref().unwrap_or(match status {
                429 => "TOO_MANY_REQUESTS",
                401 | 403 => "UNAUTHORIZED",
                404 => "NOT_FOUND",
                400..500 => "VALIDATION_ERROR",
                _ => "INTERNAL_ERROR",
            });
            let mut answer = Answer::error(status, code);
            if let Some(seconds) = self.retry_after {
                answer = answer.with_header("retry-after", seconds.to_string());
            }
            return Reply::Whole { answer, delay_ms: self.delay_ms };
        }
        match answer {
            None => Reply::Never { held_ms },
            Some(_) if self.lost && self.hang => Reply::Never { held_ms },
            Some(answer) if self.lost => Reply::Cut { answer, kept: 0 },
            Some(answer) if self.truncate => Reply::Cut { kept: answer.body.size() / 2, answer },
            Some(answer) => Reply::Whole { answer, delay_ms: self.delay_ms.min(MAX_HANG_MS) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_answer_leaves_its_work_done_and_a_hang_does_not() {
        let lost = FaultStep { lost: true, ..FaultStep::default() };
        let hang = FaultStep { hang: true, ..FaultStep::default() };
        assert!(lost.lets_work() && !hang.lets_work());
        assert!(matches!(lost.apply(Some(Answer::error(200, "x"))), Reply::Cut { kept: 0, .. }));
        assert_eq!(hang.apply(None), Reply::Never { held_ms: MAX_HANG_MS });
    }
}
