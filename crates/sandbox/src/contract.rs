//! What the table of operations leaves to the published OpenAPI document: the errors each names, and its examples.
//! They are read from it, not written again.

use std::{collections::BTreeMap, sync::LazyLock};

use canopy::contract::Operation;
use serde_json::Value;

const DOCUMENT: &str = include_str!("../../../contract/openapi.json");

/// Prefix of every path of the API.
pub const BASE: &str = "/api/v1.0.0";

static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::read);

struct Contract {
    document: Value,
    /// By operation and code.
    statuses: BTreeMap<(Operation, String), u16>,
}

impl Contract {
    fn read() -> Self {
        let document: Value = serde_json::from_str(DOCUMENT).expect("the published document is JSON");
        let mut statuses = BTreeMap::new();
        for operation in Operation::ALL {
            for (status, response) in responses(&document, *operation).as_object().into_iter().flatten() {
                let Ok(status) = status.parse() else { continue };
                let codes = &response["content"]["application/json"]["schema"]["properties"]["error"]["enum"];
                for code in codes.as_array().into_iter().flatten().filter_map(Value::as_str) {
                    statuses.entry((*operation, code.to_owned())).or_insert(status);
                }
            }
        }
        Self { document, statuses }
    }
}

fn responses(document: &Value, operation: Operation) -> &Value {
    let row = operation.row();
    &document["paths"][row.path][row.method.as_str().to_lowercase()]["responses"]
}

/// The status the document gives `code` at this operation, if it lists it.
#[must_use]
pub fn status_of(operation: Operation, code: &str) -> Option<u16> {
    CONTRACT.statuses.get(&(operation, code.to_owned())).copied()
}

/// A published example answer: the one called `name`, or the first.
#[must_use]
pub fn example(operation: Operation, status: &str, name: Option<&str>) -> Option<&'static Value> {
    let responses = responses(&CONTRACT.document, operation);
    let examples = responses[status]["content"]["application/json"]["examples"].as_object()?;
    let example = match name {
        Some(name) => examples.get(name),
        None => examples.values().next(),
    };
    example.map(|example| &example["value"])
}

/// The literal values `schema.property` may have.
#[must_use]
pub fn listed_values(schema: &str, property: &str) -> Vec<&'static str> {
    let listed = &CONTRACT.document["components"]["schemas"][schema]["properties"][property]["enum"];
    listed.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_the_status_their_operation_gives_them() {
        assert_eq!(status_of(Operation::GetPull, "NOT_FOUND"), Some(400));
        assert_eq!(status_of(Operation::PatchPull, "NOT_FOUND"), Some(404));
        assert_eq!(status_of(Operation::EnterIdentityCode, "UNAUTHORIZED"), Some(403));
        assert_eq!(status_of(Operation::GetTerms, "UNAUTHORIZED"), None);
    }

    #[test]
    fn the_document_has_an_answer_for_every_operation() {
        for operation in Operation::ALL {
            assert!(responses(&CONTRACT.document, *operation).is_object(), "{operation:?}");
        }
    }
}
