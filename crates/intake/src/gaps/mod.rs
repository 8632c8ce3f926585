//! Gaps worth a talk.

use serde::Serialize;

use crate::model::Model;

/// Where gaps begin.
#[derive(Debug, Clone, Default)]
pub struct Thresholds {}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The rule's id.
    pub rule: &'static str,
}

/// Those of a model that was filled for its day.
#[must_use]
pub fn of(_model: &Model<'_>, _thresholds: &Thresholds) -> Vec<Gap> {
    Vec::new()
}
