//! What an operation is asked, and what it says.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    http::{Answer, Call},
    ids,
};

/// Path parameters by name.
pub(crate) type Parameters = BTreeMap<String, String>;

/// A refused call: one of the contract's error codes. The status is the one the operation gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal(pub &'static str);

pub(crate) type Outcome = Result<Answer, Refusal>;

/// A call that found its operation and may make it.
pub(crate) struct Request<'a> {
    pub call: &'a Call,
    pub parameters: &'a Parameters,
    /// The team that calls; at a consumer's call that of their pull.
    pub team_id: String,
    /// The pull whose `pull-jwt` came with the call.
    pub pull_id: String,
}

impl Request<'_> {
    /// A path parameter; empty when the path has none of this name.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// A path parameter that must be a UUID.
    pub fn id(&self, name: &str, otherwise: Refusal) -> Result<&str, Refusal> {
        let text = self.parameter(name);
        if ids::is_uuid(text) { Ok(text) } else { Err(otherwise) }
    }

    /// The JSON body; an empty object when there is none.
    pub fn body(&self) -> Value {
        self.call.json().filter(Value::is_object).unwrap_or_else(|| json!({}))
    }

    /// A query parameter as a number within bounds.
    pub fn number(
        &self,
        name: &str,
        default: usize,
        most: usize,
        otherwise: Refusal,
    ) -> Result<usize, Refusal> {
        match self.call.parameter(name) {
            None => Ok(default),
            Some(text) => text.parse().ok().filter(|number| *number <= most).ok_or(otherwise),
        }
    }
}

pub(crate) fn ok(body: &Value) -> Outcome {
    Ok(Answer::json(200, body))
}
