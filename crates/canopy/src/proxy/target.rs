//! What a path below the proxy's prefix asks for.

use crate::{
    contract::{self, Found, Operation},
    id::{Id, PullId},
    problem::{Code, Problem},
};

/// Stands for the configured team in a path.
pub const ANY_TEAM: &str = "-";

/// Longest query passed on, in bytes.
pub const MAX_QUERY_LENGTH: usize = 4096;

/// An operation at its path.
#[derive(Debug)]
pub struct Target<'p> {
    /// What is asked.
    pub operation: Operation,
    found: Found<'p>,
}

impl<'p> Target<'p> {
    /// What `method path` is, `path` being what follows [`super::PREFIX`]. A parameter takes an identifier and nothing else,
    /// so no escape, dot or slash of any spelling gets through.
    ///
    /// # Errors
    /// [`Code::NotFound`] for what is no operation, [`Code::MethodNotAllowed`].
    pub fn of(method: &str, path: &'p str) -> Result<Self, Problem> {
        let is_id = |(_, value): (&str, &str)| Id::parse(value).is_ok();
        let found = Found::at(path).filter(|found| found.parameters().all(is_id)).ok_or_else(|| {
            let detail = "expected one of the operations of Canopy's API, below /canopy/api/v1.0.0";
            Problem::new(Code::NotFound, detail)
        })?;
        let asked = if method == "HEAD" { "GET" } else { method };
        let operations = found.operations().iter().copied();
        let operation = operations.clone().find(|operation| operation.row().method.as_str() == asked);
        let operation = operation.ok_or_else(|| {
            let methods = operations.map(|operation| operation.row().method.as_str());
            Problem::method_not_allowed(&contract::allowed(methods, false))
        })?;
        Ok(Self { operation, found })
    }

    /// The pull that the path names.
    #[must_use]
    pub fn pull_id(&self) -> Option<PullId> {
        PullId::parse(self.parameter("pullId")?).ok()
    }

    /// A parameter of the path.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&'p str> {
        self.found.parameter(name)
    }

    /// Path and query below Canopy's base URL, the team filled in.
    ///
    /// # Errors
    /// [`Code::TeamNotAllowed`], [`Code::InputInvalid`] for a query that is too long.
    pub fn path(&self, query: Option<&str>, team: &Id) -> Result<String, Problem> {
        if query.is_some_and(|query| query.len() > MAX_QUERY_LENGTH) {
            return Err(Problem::new(Code::InputInvalid, "expected a query of at most 4096 bytes"));
        }
        let given = self.parameter("teamId");
        if given.is_some_and(|given| given != ANY_TEAM && given != team.as_str()) {
            let detail = "expected the team this edge is configured for, or '-' in its place";
            return Err(Problem::new(Code::TeamNotAllowed, detail));
        }
        let mut path = self.found.path_with("teamId", team);
        if let Some(query) = query {
            path.push('?');
            path.push_str(query);
        }
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::OLDER_FORMS;

    const TEAM: &str = "00000000-0000-4000-8000-000000000001";

    fn ask(method: &str, path: &str, query: Option<&str>) -> Result<(&'static str, String), Code> {
        let target = Target::of(method, path).map_err(|problem| problem.code)?;
        let path = target.path(query, &Id::parse(TEAM).unwrap()).map_err(|problem| problem.code)?;
        Ok((target.operation.row().id, path))
    }

    #[test]
    fn every_operation_is_found_at_its_path() {
        for operation in Operation::ALL {
            let row = operation.row();
            let path = row.path.replace("{teamId}", TEAM).replace(['{', '}'], "");
            assert_eq!(ask(row.method.as_str(), &path, None), Ok((row.id, path)));
        }
        for (path, operation) in OLDER_FORMS {
            let asked = Target::of("POST", path).unwrap();
            assert_eq!((asked.operation, asked.pull_id()), (operation, None));
        }
        let asked = Target::of("POST", "/widget/pull/P-1/idv").unwrap();
        assert_eq!(asked.pull_id(), Some(PullId::parse("p-1").unwrap()));
    }

    #[test]
    fn the_team_is_filled_in_and_the_query_kept_as_it_is() {
        let filled = ask("GET", "/teams/-/pulls", Some("since=2026-01-01T00%3A00%3A00Z&limit=5"));
        let path = format!("/teams/{TEAM}/pulls?since=2026-01-01T00%3A00%3A00Z&limit=5");
        assert_eq!(filled, Ok(("get-pulls", path)));
        assert_eq!(ask("GET", "/teams/other/pulls", None), Err(Code::TeamNotAllowed));
        assert_eq!(ask("DELETE", "/teams/other", None), Err(Code::TeamNotAllowed));
        assert_eq!(ask("GET", "/teams/-/pulls", Some(&"x".repeat(5000))), Err(Code::InputInvalid));
    }

    #[test]
    fn head_is_get_and_other_methods_are_told_which_there_are() {
        let path = format!("/teams/{TEAM}/pulls");
        assert_eq!(ask("HEAD", &path, None), Ok(("get-pulls", path)));
        let other = Target::of("PUT", "/teams/-/monitorings/a").unwrap_err();
        assert_eq!(other.header().unwrap().1, "GET, HEAD, PATCH, DELETE");
    }

    #[test]
    fn whatever_is_not_an_operation_is_refused() {
        let own = |rest: &str| format!("/teams/{TEAM}{rest}");
        for path in [
            String::new(),
            "/".to_owned(),
            own("/"),
            own("/pulls/"),
            own("/pulls//"),
            own("/pulls/.."),
            own("/pulls/a/../b"),
            own("/pulls/a%2fb"),
            own("/pulls/%2e%2e"),
            own("/pulls/a;b"),
            own("/Webhooks"),
            own("/monitorings/a/reconnecttoken"),
            own("/monitorings/a/reconnectToken/b"),
            own("/monitorings/a%2frefresh"),
            own("/servicings/a/b"),
            own("/servicings/.."),
            own("/pulls/a/documents"),
            format!("//teams/{TEAM}/pulls"),
            "/carriers/".to_owned(),
            "/policyForms/a/pdf".to_owned(),
            own("/pulls/a/documents/b/pdf/c"),
        ] {
            assert_eq!(ask("GET", &path, None), Err(Code::NotFound), "{path}");
        }
        for (method, path) in [
            ("POST", "/pulls"),
            ("DELETE", "/pulls/a"),
            ("OPTIONS", "/pulls/a"),
            ("GET", "/pulls/a/policyCheck"),
            ("POST", "/monitorings/a"),
            ("POST", "/monitorings/a/reconnectToken"),
            ("GET", "/monitorings/a/refresh"),
            ("PATCH", "/servicings/a"),
            ("GET", "/policySearch"),
            ("PUT", ""),
        ] {
            assert_eq!(ask(method, &own(path), None), Err(Code::MethodNotAllowed), "{method} {path}");
        }
    }
}
