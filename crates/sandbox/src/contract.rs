//! What the table of operations leaves to the published OpenAPI document: the errors each names, and its examples.
//! They are read from it, not written again.

use std::{collections::BTreeMap, sync::LazyLock};

use canopy::contract::Operation;
use serde_json::Value;

use crate::{http::Call, schema};

const DOCUMENT: &str = include_str!("../../../contract/openapi.json");

/// Prefix of every path of the API.
pub const BASE: &str = "/api/v1.0.0";

/// What the document requires of a vehicle to be added, and its own example goes without: where, and which members.
const TAKEN_WITHOUT: [(&str, &[&str]); 2] =
    [("vehicle", &["make", "model"]), ("vehicle_ownership/anyOf/0", &["financing_companies"])];
const VEHICLE: &str =
    "/components/schemas/ServicingAction/allOf/1/oneOf/3/allOf/0/properties/payload/properties";
/// What of a vehicle to be added is to be confirmed.
const TO_CONFIRM: &str = "/components/schemas/ServicingAction/allOf/1/oneOf/3/allOf/1/properties/confirmation_data/anyOf/1/properties";

static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::read);

struct Contract {
    document: Value,
    /// By operation and code.
    statuses: BTreeMap<(Operation, String), u16>,
}

impl Contract {
    fn read() -> Self {
        let mut document: Value = serde_json::from_str(DOCUMENT).expect("the published document is JSON");
        for (place, members) in TAKEN_WITHOUT {
            let required = document.pointer_mut(&format!("{VEHICLE}/{place}/required"));
            let required = required.and_then(Value::as_array_mut).expect("the document requires them");
            required.retain(|name| !members.iter().any(|member| name == member));
        }
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

/// The code that refuses a call of which the document forbids the query or the body; `None` where it forbids nothing, and where
/// the operation has codes for single fields instead.
#[must_use]
pub fn refusal_of(operation: Operation, call: &Call) -> Option<&'static str> {
    let code = ["INVALID_INPUT", "VALIDATION_ERROR"]
        .into_iter()
        .find(|code| status_of(operation, code) == Some(400))
        .or_else(|| responses(&CONTRACT.document, operation)["400"].is_null().then_some("INVALID_INPUT"))?;
    let takes = |schema: &Value, value: &Value| schema::takes(&CONTRACT.document, schema, value);
    let asked =
        &CONTRACT.document["paths"][operation.row().path][operation.row().method.as_str().to_lowercase()];
    let mut parameters =
        asked["parameters"].as_array().into_iter().flatten().filter(|it| it["in"] == "query");
    let is_query_taken =
        parameters.all(|parameter| match call.parameter(parameter["name"].as_str().unwrap_or_default()) {
            Some(text) => takes(&parameter["schema"], &schema::of_text(&parameter["schema"], text)),
            None => parameter["required"] != true,
        });
    let body = &asked["requestBody"]["content"]["application/json"]["schema"];
    let is_body_taken = body.is_null()
        || if call.body.is_empty() {
            asked["requestBody"]["required"] != true
        } else {
            call.json().is_some_and(|given| takes(body, &given))
        };
    (!is_query_taken || !is_body_taken).then_some(code)
}

/// Whether the document takes this as an action of `post-servicings`.
#[must_use]
pub fn is_servicing_action(action: &Value) -> bool {
    let row = Operation::CreateServicings.row();
    let request = &CONTRACT.document["paths"][row.path]["post"]["requestBody"]["content"]["application/json"];
    let schema = &request["schema"]["properties"]["servicing_actions"]["items"];
    schema::takes(&CONTRACT.document, schema, action)
}

/// Of the coverages chosen for a vehicle to be added those that the document lets stand in what is to be confirmed.
#[must_use]
pub fn confirmed_coverages(chosen: &Value) -> Value {
    let document = &CONTRACT.document;
    let known =
        document.pointer(&format!("{TO_CONFIRM}/coverage_selections/properties")).unwrap_or(&Value::Null);
    let is_known = |name: &str, choice: &Value| {
        known.get(name).is_some_and(|schema| schema::takes(document, schema, choice))
    };
    let chosen = chosen.as_object().into_iter().flatten().filter(|(name, choice)| is_known(name, choice));
    chosen.map(|(name, choice)| (name.clone(), choice.clone())).collect()
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
    use crate::rows::{Servicing, requested};

    #[test]
    fn errors_have_the_status_their_operation_gives_them() {
        assert_eq!(status_of(Operation::GetPull, "NOT_FOUND"), Some(400));
        assert_eq!(status_of(Operation::PatchPull, "NOT_FOUND"), Some(404));
        assert_eq!(status_of(Operation::EnterIdentityCode, "UNAUTHORIZED"), Some(403));
        assert_eq!(status_of(Operation::GetTerms, "UNAUTHORIZED"), None);
    }

    #[test]
    fn what_the_document_forbids_is_refused_with_the_code_it_lists() {
        let refusal = |operation, query: &[(&str, &str)], body: &str| {
            let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            refusal_of(operation, &Call { query, body: body.into(), ..Call::default() })
        };
        assert_eq!(refusal(Operation::GetPulls, &[("limit", "100")], ""), None);
        assert_eq!(refusal(Operation::GetPulls, &[("limit", "101")], ""), Some("VALIDATION_ERROR"));
        assert_eq!(refusal(Operation::PatchPull, &[], ""), None);
        assert_eq!(refusal(Operation::PatchPull, &[], r#"{"is_archived":null}"#), Some("INVALID_INPUT"));
        assert_eq!(refusal(Operation::PatchPull, &[], "{"), Some("INVALID_INPUT"));
        assert_eq!(refusal(Operation::CheckPull, &[], ""), Some("INVALID_INPUT"));
        // It lists no refusal at all.
        assert_eq!(refusal(Operation::GetMonitorings, &[("status", "OTHER")], ""), Some("INVALID_INPUT"));
        assert_eq!(refusal(Operation::GetHousehold, &[], ""), Some("INVALID_INPUT"));
        // It has a code for each field.
        assert_eq!(refusal(Operation::PatchWebhook, &[], r#"{"isActive":1}"#), None);
    }

    #[test]
    fn a_servicing_action_has_what_its_type_needs() {
        let mut action = serde_json::json!({"type": "REMOVE_MORTGAGEE", "payload": {"carrier_policy_number": "HO1", "mortgagee_type": "FIRST"}});
        assert!(is_servicing_action(&action));
        action["type"] = "ADD_MORTGAGEE".into();
        assert!(!is_servicing_action(&action));
    }

    #[test]
    fn each_action_shows_what_its_type_has_to_be_confirmed() {
        let row = Operation::CreateServicings.row();
        let request = &CONTRACT.document["paths"][row.path]["post"]["requestBody"];
        let examples = request["content"]["application/json"]["examples"].as_object().unwrap();
        for (name, example) in examples {
            for (kind, mut payload) in requested(&example["value"]["servicing_actions"]).unwrap() {
                if kind == "ADD_VEHICLE" {
                    payload["coverage_selections"]["OTHER"] = Value::Null;
                }
                let mut shown = Servicing {
                    servicing_action_id: "00000000-0000-4000-8000-000000000009".into(),
                    number: 1,
                    pull_id: String::new(),
                    kind,
                    payload,
                    status: "WAITING_FOR_CONSUMER_CONFIRMATION".into(),
                }
                .shown();
                // Its enum lists no null.
                shown.as_object_mut().unwrap().remove("validation_error_type");
                let schema = &CONTRACT.document["components"]["schemas"]["ServicingAction"];
                assert!(schema::takes(&CONTRACT.document, schema, &shown), "{name}: {shown}");
            }
        }
        assert_eq!(examples.len(), 4);
    }

    #[test]
    fn the_document_has_an_answer_for_every_operation() {
        for operation in Operation::ALL {
            assert!(responses(&CONTRACT.document, *operation).is_object(), "{operation:?}");
        }
    }
}
