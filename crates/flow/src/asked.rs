//! What a `canopy` step asks, as Canopy's API has it.

use canopy::{
    contract::{Access, Body, Operation, Repeat, Scope},
    id::Id,
    proxy::ANY_TEAM,
};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::{connector::urlencoded, template::Ordered};

/// See above.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedCanopy {
    /// Below the base URL, `-` for the team.
    pub path: String,
    /// Without `?`.
    pub query: Option<String>,
    /// As JSON.
    pub body: Option<String>,
}

/// Why nothing is asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAsked {
    /// A parameter of the path is missing, or none.
    #[error("path: expected an id as {0}")]
    Parameter(String),
    /// The query is no object.
    #[error("query: expected an object of texts and numbers")]
    Query,
}

/// Whether a step may ask for it: with the team's credentials, and of no consumer; a file has no place in JSON.
#[must_use]
pub fn is_asked_by_steps(operation: Operation) -> bool {
    let row = operation.row();
    row.access != Access::Pull && row.body != Body::Multipart && row.scope != Scope::Admin
}

/// Whether a lookup costs something each time that it is made, or lets somebody in: it is not repeated where it is not known whether it was made.
#[must_use]
pub fn counts(operation: Operation) -> bool {
    let row = operation.row();
    row.repeat == Repeat::Safe && row.scope != Scope::Read
}

impl AskedCanopy {
    /// What is asked of `operation`: the team's and the run's pull stand where the path has no other.
    ///
    /// # Errors
    /// What is missing.
    pub fn of(
        operation: Operation,
        path: &Json,
        query: Option<&Ordered>,
        body: Option<&Ordered>,
        pull_id: Option<&str>,
    ) -> Result<Self, NotAsked> {
        let row = operation.row();
        let mut filled = String::new();
        for segment in row.path.split('/').skip(1) {
            let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            let value = match name {
                None => segment.to_owned(),
                Some("teamId") => ANY_TEAM.to_owned(),
                Some(name) => {
                    let given = path.get(name).and_then(Json::as_str);
                    let id = given.or(pull_id.filter(|_| name == "pullId")).and_then(|id| Id::parse(id).ok());
                    id.ok_or_else(|| NotAsked::Parameter(name.to_owned()))?.to_string()
                }
            };
            filled.push('/');
            filled.push_str(&value);
        }
        if !matches!(query, None | Some(Ordered::Object(_))) {
            return Err(NotAsked::Query);
        }
        let query = query.map(urlencoded).filter(|query| !query.is_empty());
        let body = body.filter(|_| row.body == Body::Json);
        let body = body.map(|body| serde_json::to_string(body).expect("JSON is plain data"));
        Ok(Self { path: filled, query, body })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(operation: Operation, path: Json) -> Result<String, NotAsked> {
        AskedCanopy::of(operation, &path, None, None, Some("p-1")).map(|asked| asked.path)
    }

    #[test]
    fn a_path_is_filled_in_with_ids_alone() {
        assert_eq!(of(Operation::GetPull, json!(null)), Ok("/teams/-/pulls/p-1".to_owned()));
        assert_eq!(of(Operation::GetPull, json!({"pullId": "p-2"})), Ok("/teams/-/pulls/p-2".to_owned()));
        for wrong in ["../x", "a/b", "", "a?b"] {
            let parameter = Err(NotAsked::Parameter("pullId".to_owned()));
            assert_eq!(of(Operation::GetPull, json!({"pullId": wrong})), parameter);
        }
        for operation in Operation::ALL.iter().copied().filter(|operation| is_asked_by_steps(*operation)) {
            let names =
                operation.row().path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
            let path: serde_json::Map<_, _> = names.map(|name| (name.to_owned(), json!("x-1"))).collect();
            assert!(of(operation, path.into()).is_ok_and(|path| !path.contains('{')), "{operation:?}");
        }
    }

    #[test]
    fn a_query_is_encoded_and_a_body_goes_where_one_is_taken() {
        let query = Ordered::Object(vec![("since".to_owned(), Ordered::from(&json!("a b&c")))]);
        let body = Ordered::Object(vec![("x".to_owned(), Ordered::from(&json!(1)))]);
        let asked = |operation| {
            AskedCanopy::of(operation, &json!(null), Some(&query), Some(&body), Some("p-1")).unwrap()
        };
        let get = asked(Operation::GetPull);
        assert_eq!((get.query.as_deref(), get.body), (Some("since=a+b%26c"), None));
        assert_eq!(asked(Operation::PatchPull).body.as_deref(), Some(r#"{"x":1}"#));
        let list = Ordered::List(Vec::new());
        let wrong = AskedCanopy::of(Operation::GetPull, &json!(null), Some(&list), None, Some("p-1"));
        assert_eq!(wrong, Err(NotAsked::Query));
    }
}
