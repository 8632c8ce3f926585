//! Gaps worth a talk.

use serde::Serialize;

use crate::model::Model;

/// Where gaps begin.
#[derive(Debug, Clone, Default)]
pub struct Thresholds {}

/// Whether the rule fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It does.
    Open,
    /// It lacks what would decide it.
    Unknown,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The rule's id.
    pub rule: &'static str,
    /// Whether it fires.
    pub state: State,
    /// Why.
    pub because: String,
    /// What would close it.
    pub closes: &'static str,
}

/// Those of a model that was filled for its day.
#[must_use]
pub fn of(_model: &Model<'_>, _thresholds: &Thresholds) -> Vec<Gap> {
    Vec::new()
}
