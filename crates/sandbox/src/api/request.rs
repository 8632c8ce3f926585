//! What an operation is asked, and what it says.

use std::{collections::BTreeMap, num::IntErrorKind};

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

    /// The JSON body like [`Request::body`]; what is no object is refused.
    pub fn object(&self, otherwise: Refusal) -> Result<Value, Refusal> {
        let is_object = || self.call.json().is_some_and(|body| body.is_object());
        if self.call.body.is_empty() || is_object() { Ok(self.body()) } else { Err(otherwise) }
    }

    /// A query parameter as a number within bounds, of which the upper one may be any at all.
    pub fn number(
        &self,
        name: &str,
        default: usize,
        most: usize,
        otherwise: Refusal,
    ) -> Result<usize, Refusal> {
        match self.call.parameter(name) {
            None => Ok(default),
            Some(text) => {
                let number = match text.parse::<usize>() {
                    Err(error) if *error.kind() == IntErrorKind::PosOverflow => Ok(usize::MAX),
                    parsed => parsed.map_err(|_| otherwise),
                }?;
                if number <= most { Ok(number) } else { Err(otherwise) }
            }
        }
    }
}

pub(crate) fn ok(body: &Value) -> Outcome {
    Ok(Answer::json(200, body))
}
