//! What expressions read, and why they give nothing.

use std::{cell::OnceCell, fmt};

use cel::Value;
use serde_json::Value as Json;

/// Most work of one evaluation: a byte made or looked at is 1, a value 16.
pub const MAX_WORK: u64 = 8_000_000;

/// What expressions read.
#[derive(Default)]
pub struct Scope<'v>(Vec<(&'v str, &'v Json, OnceCell<Value>)>);

/// Why an expression gave nothing. No data stand in its text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It would take too much.
    #[error("the expression would take more work than {} million", MAX_WORK / 1_000_000)]
    Work,
    /// A member is not there.
    #[error("there is no {0:?} here: write `.?{0}` for what may be absent")]
    Absent(String),
    /// There is no such variable here.
    #[error("there is no variable {0:?} here")]
    Variable(String),
    /// An operator or function was given what it is not made for.
    #[error("{0}")]
    Types(String),
    /// Other faults.
    #[error("{0}")]
    Other(&'static str),
}

impl<'v> Scope<'v> {
    /// With a variable more, in the place of another of its name.
    #[must_use]
    pub fn with(mut self, name: &'v str, value: &'v Json) -> Self {
        self.0.retain(|(known, ..)| *known != name);
        self.0.push((name, value, OnceCell::new()));
        self
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &(&'v str, &'v Json, OnceCell<Value>)> {
        self.0.iter()
    }

    pub(super) fn find(&self, name: &str) -> Option<&'v Json> {
        self.0.iter().find(|(known, ..)| *known == name).map(|(_, value, _)| *value)
    }
}

impl fmt::Debug for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, ..)| name)).finish()
    }
}
