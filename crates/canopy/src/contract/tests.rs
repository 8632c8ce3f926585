//! The table, held against the published document.

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;
use crate::id::{Id, Identifier};

fn document() -> Value {
    serde_json::from_str(include_str!("../../../../contract/openapi.json")).unwrap()
}

/// Needs no credentials although the document does not say so: it names no 401 for it either.
/// Source: contract, "Authentication".
const OPEN_BY_GUIDE: &str = "get-carrier";

/// Answers as `post-consent-and-connect` does, although the document does not list its token. A token that does not come
/// costs nothing; one that comes must not leave.
const JWT_BY_KIND: &str = "post-consent-and-documents";

/// The columns that the document can tell, by name.
fn columns(row: &Row) -> [(&'static str, String); 5] {
    [
        ("method", row.method.as_str().to_owned()),
        ("path", row.path.to_owned()),
        ("access", format!("{:?}", row.access)),
        ("body", format!("{:?}", row.body)),
        ("answer", format!("{:?}", row.answer)),
    ]
}

/// The same columns of each `operationId`, read from the document.
fn documented(document: &Value) -> BTreeMap<&str, [(&'static str, String); 5]> {
    let mut all = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let Some(id) = operation["operationId"].as_str() else { continue };
            let columns = [
                ("method", method.to_uppercase()),
                ("path", path.clone()),
                ("access", format!("{:?}", access(id, operation))),
                ("body", format!("{:?}", body(operation))),
                ("answer", format!("{:?}", answer(document, id, operation))),
            ];
            assert!(all.insert(id, columns).is_none(), "{id} stands twice in the document");
        }
    }
    all
}

fn access(id: &str, operation: &Value) -> Access {
    let mut parameters = operation["parameters"].as_array().into_iter().flatten();
    let is_open = operation["security"].as_array().is_some_and(Vec::is_empty) || id == OPEN_BY_GUIDE;
    if parameters.any(|parameter| parameter["name"] == "pull-jwt" && parameter["in"] == "header") {
        assert!(is_open, "{id} takes a pull-jwt and client credentials");
        Access::Pull
    } else if is_open {
        Access::Open
    } else {
        Access::Client
    }
}

fn body(operation: &Value) -> Body {
    let content = operation["requestBody"]["content"].as_object();
    let types: Vec<&str> = content.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    match types[..] {
        [] => Body::NoBody,
        ["application/json"] => Body::Json,
        ["multipart/form-data"] => Body::Multipart,
        _ => panic!("bodies of {types:?}"),
    }
}

fn answer(document: &Value, id: &str, operation: &Value) -> Answer {
    let mut names = Vec::new();
    member_names(document, &operation["responses"], &mut Vec::new(), &mut names);
    if id == JWT_BY_KIND || names.iter().any(|name| name.contains("jwt")) {
        Answer::PullJwt
    } else if names.iter().any(|name| name.contains("secret")) {
        Answer::Secret
    } else {
        Answer::AsIs
    }
}

/// The names of all members below `value`, in small letters, what it refers to among them: those of schemas and of
/// examples alike.
fn member_names<'d>(document: &'d Value, value: &'d Value, open: &mut Vec<&'d str>, names: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| member_names(document, item, open, names)),
        Value::Object(members) => {
            for (name, member) in members {
                names.push(name.to_lowercase());
                member_names(document, member, open, names);
                let Some(to) = member.as_str().filter(|to| name == "$ref" && !open.contains(to)) else {
                    continue;
                };
                open.push(to);
                let target =
                    document.pointer(to.trim_start_matches('#')).expect("a reference leads somewhere");
                member_names(document, target, open, names);
            }
        }
        _ => {}
    }
}

/// Where `rows` and the document say different things; a line each.
fn differences(rows: &[Row], document: &Value) -> Vec<String> {
    let mut documented = documented(document);
    let mut found = Vec::new();
    for row in rows {
        let Some(expected) = documented.remove(row.id) else {
            found.push(format!("{}: not in the document, or twice in the table", row.id));
            continue;
        };
        for ((name, has), (_, expected)) in columns(row).into_iter().zip(expected) {
            if has != expected {
                found.push(format!("{}: {name}: {has}, the document says {expected}", row.id));
            }
        }
    }
    found.extend(documented.keys().map(|id| format!("{id}: no row")));
    found
}

fn rows() -> Vec<Row> {
    Operation::ALL.iter().map(|operation| operation.row().clone()).collect()
}

#[test]
fn the_table_says_what_the_document_says() {
    assert_eq!(differences(&rows(), &document()), Vec::<String>::new());
    assert_eq!(Operation::ALL.len(), 54);
}

#[test]
fn a_row_too_few_too_many_or_wrong_in_any_column_is_seen() {
    let document = document();
    type Change = fn(&mut Vec<Row>);
    let changes: [(&str, Change); 8] = [
        ("get-health: no row", |rows| rows.retain(|row| row.id != "get-health")),
        ("get-health: not in", |rows| rows.push(rows[0].clone())),
        ("get-other: not in", |rows| rows[0].id = "get-other"),
        ("get-health: method: POST", |rows| rows[0].method = Method::Post),
        ("get-health: path: /healthz", |rows| rows[0].path = "/healthz"),
        ("get-health: access: Client", |rows| rows[0].access = Access::Client),
        ("get-health: body: Json", |rows| rows[0].body = Body::Json),
        ("get-health: answer: Secret", |rows| rows[0].answer = Answer::Secret),
    ];
    for (expected, change) in changes {
        let mut rows = rows();
        change(&mut rows);
        let found = differences(&rows, &document);
        assert!(found.iter().any(|line| line.starts_with(expected)), "{expected}: {found:?}");
    }
}

/// An answer says in a schema that is referred to what it holds, as well as in its own.
#[test]
fn a_secret_behind_a_reference_is_seen() {
    let mut document = document();
    document["components"]["schemas"]["Monitoring"]["properties"]["signing_secret"] = Value::Null;
    let found = differences(&rows(), &document);
    assert!(
        found.contains(&"get-monitoring: answer: AsIs, the document says Secret".to_owned()),
        "{found:?}"
    );
}

#[test]
fn the_exception_of_the_guide_is_one() {
    let carrier = &document()["paths"]["/carriers/{carrierId}"]["get"];
    assert_eq!(carrier["operationId"], OPEN_BY_GUIDE);
    assert!(carrier["security"].is_null() && carrier["responses"]["401"].is_null());
}

/// The rules of the columns that the document does not have.
#[test]
fn only_a_get_is_safe_or_for_readers_and_only_writes_carry_a_body() {
    for operation in Operation::ALL {
        let row = operation.row();
        let is_get = row.method == Method::Get;
        assert_eq!(row.repeat == Repeat::Safe, is_get, "{}", row.id);
        assert!(is_get || row.scope != Scope::Read, "{}", row.id);
        assert!(!is_get || row.body == Body::NoBody, "{}", row.id);
        assert!(row.repeat != Repeat::Same || row.answer == Answer::AsIs, "{}", row.id);
        assert_eq!(row.scope == Scope::Admin, row.is_for_the_team() && !is_get, "{}", row.id);
        assert_eq!(row.scope == Scope::Servicing, !is_get && row.path.contains("/servicing"), "{}", row.id);
    }
}

#[test]
fn each_path_leads_to_its_operation_and_back() {
    let id = Id::parse("a").unwrap();
    let names = ["teamId", "pullId", "documentId", "answerId", "fileId", "policyFormId", "monitoringId"];
    let more = ["servicingActionId", "carrierId", "webhookId", "widgetId"];
    let parameters: Vec<(&str, &dyn Identifier)> =
        names.into_iter().chain(more).map(|name| (name, &id as &dyn Identifier)).collect();
    for operation in Operation::ALL {
        let path = operation.path(&parameters);
        let found = Found::at(&path).unwrap();
        let same = found.operations().iter().filter(|other| other.row().method == operation.row().method);
        assert_eq!(same.collect::<Vec<_>>(), [operation], "{path}");
        assert!(found.parameters().all(|(_, value)| value == "a"), "{path}");
        assert_eq!(found.path_with("none", &id), path);
    }
}

#[test]
fn older_forms_lead_to_the_same_operations_without_naming_a_pull() {
    for (path, operation) in OLDER_FORMS {
        let found = Found::at(path).unwrap();
        assert_eq!((found.operations(), found.parameter("pullId")), (&[operation][..], None));
        let newer = path.replace("/pull/", "/pull/p/");
        assert_eq!(operation.path(&[("pullId", &Id::parse("p").unwrap())]), newer);
    }
}

#[test]
fn a_parameter_is_one_segment_that_is_not_empty() {
    let found = Found::at("/teams/t/pulls/p%2f/documents/d/pdf").unwrap();
    assert_eq!((found.parameter("pullId"), found.parameter("x")), (Some("p%2f"), None));
    for path in ["", "/", "/teams//pulls", "/teams/t/pulls/", "//tos", "/tos/", "/teams/t/pulls/p/x/d"] {
        assert!(Found::at(path).is_none(), "{path}");
    }
}
