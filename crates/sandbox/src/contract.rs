//! The published OpenAPI document as data: which operations exist, how each is authenticated, which
//! errors it names, and its examples. Routes and statuses are read from it, not written again.

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::Value;

const DOCUMENT: &str = include_str!("../../../contract/openapi.json");

/// Prefix of every path of the API.
pub const BASE: &str = "/api/v1.0.0";

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The team, by its client credentials.
    Team,
    /// The consumer's flow, by the `pull-jwt` header.
    Pull,
    /// Anyone.
    Open,
}

/// One operation of the API.
#[derive(Debug, Clone)]
pub struct Operation {
    /// `operationId` of the document.
    pub id: String,
    pub method: String,
    pub access: Access,
    segments: Vec<Segment>,
    errors: BTreeMap<String, u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Parameter(String),
}

/// Path parameters by name.
pub type Parameters = BTreeMap<String, String>;

impl Operation {
    /// The status the document gives `code` at this operation, if it lists it.
    #[must_use]
    pub fn status_of(&self, code: &str) -> Option<u16> {
        self.errors.get(code).copied()
    }

    fn matches(&self, method: &str, path: &[&str]) -> Option<Parameters> {
        if self.method != method || self.segments.len() != path.len() {
            return None;
        }
        let mut parameters = Parameters::new();
        for (segment, given) in self.segments.iter().zip(path) {
            match segment {
                Segment::Literal(literal) if literal == given => {}
                Segment::Literal(_) => return None,
                Segment::Parameter(name) => {
                    parameters.insert(name.clone(), (*given).to_owned());
                }
            }
        }
        Some(parameters)
    }
}

/// Older forms of calls: the same operation, the pull named by its `pull-jwt` only.
const OLDER_FORMS: [(&str, &str); 4] = [
    ("/widget/pull/connect", "post-connect"),
    ("/widget/pull/idv", "post-idv"),
    ("/widget/pull/idvoptions", "post-idvoptions"),
    ("/widget/pull/servicingAction", "post-servicing-action"),
];

/// Operations that need no credentials although the document does not say so.
const OPEN_BY_GUIDE: [&str; 1] = ["get-carrier"];

static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::read);

struct Contract {
    document: Value,
    operations: Vec<Operation>,
}

impl Contract {
    fn read() -> Self {
        let document: Value = serde_json::from_str(DOCUMENT).expect("the published document is JSON");
        let paths = document["paths"].as_object().expect("the published document has paths");
        let mut operations: Vec<Operation> = Vec::new();
        for (path, methods) in paths {
            for (method, operation) in methods.as_object().into_iter().flatten() {
                if let Some(id) = operation["operationId"].as_str() {
                    operations.push(read_operation(id, path, method, operation));
                }
            }
        }
        for (path, id) in OLDER_FORMS {
            let newer = operations
                .iter()
                .find(|operation| operation.id == id)
                .expect("an older form of a published operation");
            operations.push(Operation { segments: segments(path), ..newer.clone() });
        }
        // A literal segment wins over a parameter: /pulls/{id}/documents/{id} must not hide a named path.
        operations.sort_by_key(|operation| {
            operation.segments.iter().filter(|segment| matches!(segment, Segment::Parameter(_))).count()
        });
        Self { document, operations }
    }
}

fn read_operation(id: &str, path: &str, method: &str, operation: &Value) -> Operation {
    let takes_jwt =
        operation["parameters"].as_array().is_some_and(|all| all.iter().any(|one| one["name"] == "pull-jwt"));
    let says_open = operation["security"].as_array().is_some_and(Vec::is_empty);
    let access = if takes_jwt {
        Access::Pull
    } else if says_open || OPEN_BY_GUIDE.contains(&id) {
        Access::Open
    } else {
        Access::Team
    };
    let mut errors = BTreeMap::new();
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let Ok(status) = status.parse() else { continue };
        let codes = &response["content"]["application/json"]["schema"]["properties"]["error"]["enum"];
        for code in codes.as_array().into_iter().flatten().filter_map(Value::as_str) {
            errors.entry(code.to_owned()).or_insert(status);
        }
    }
    Operation { id: id.to_owned(), method: method.to_uppercase(), access, segments: segments(path), errors }
}

fn segments(path: &str) -> Vec<Segment> {
    path.split('/')
        .skip(1)
        .map(|segment| match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => Segment::Parameter(name.to_owned()),
            None => Segment::Literal(segment.to_owned()),
        })
        .collect()
}

/// The operation that serves `path` (without [`BASE`]), and its path parameters.
#[must_use]
pub fn operation(method: &str, path: &str) -> Option<(&'static Operation, Parameters)> {
    let given: Vec<&str> = path.split('/').skip(1).collect();
    CONTRACT.operations.iter().find_map(|operation| Some((operation, operation.matches(method, &given)?)))
}

/// Every operation once, older forms included.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    CONTRACT.operations.iter()
}

/// A published example answer: the one called `name`, or the first.
#[must_use]
pub fn example(operation_id: &str, status: &str, name: Option<&str>) -> Option<&'static Value> {
    let paths = CONTRACT.document["paths"].as_object()?;
    let operation = paths
        .values()
        .flat_map(|methods| methods.as_object())
        .flatten()
        .find(|(_, it)| it["operationId"] == operation_id)?
        .1;
    let examples = operation["responses"][status]["content"]["application/json"]["examples"].as_object()?;
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
    fn all_published_operations_and_the_older_forms_are_there() {
        assert_eq!(operations().count(), 54 + OLDER_FORMS.len());
    }

    #[test]
    fn paths_find_their_operation_and_parameters() {
        let (found, parameters) = operation("GET", "/teams/t/pulls/p/documents/d/pdf").unwrap();
        assert_eq!(found.id, "get-document-by-id");
        assert_eq!(parameters["documentId"], "d");
        assert_eq!(operation("POST", "/widget/pull/idv").unwrap().0.id, "post-idv");
        assert_eq!(operation("POST", "/widget/pull/x/idv").unwrap().0.id, "post-idv");
        assert_eq!(operation("POST", "/widget/pull/reconnectToken").unwrap().0.id, "post-reconnect-token");
        assert!(operation("DELETE", "/tos").is_none());
        assert!(operation("GET", "/teams/t/pulls/p/documents/d/pdf/").is_none());
    }

    #[test]
    fn errors_have_the_status_their_operation_gives_them() {
        let status = |id: &str, code: &str| operations().find(|it| it.id == id).unwrap().status_of(code);
        assert_eq!(status("get-pull-by-id", "NOT_FOUND"), Some(400));
        assert_eq!(status("patch-pull-by-id", "NOT_FOUND"), Some(404));
        assert_eq!(status("post-idv", "UNAUTHORIZED"), Some(403));
        assert_eq!(status("get-tos", "UNAUTHORIZED"), None);
    }
}
