//! Which calls a back office may make through the edge, and what crosses.
//!
//! An operation of the contract is served by adding it to [`SERVED`]: nothing else. What answers with credentials in
//! its body is not served: bodies cross as they are. Source: design, "HTTP surface", the proxy.

use http::{HeaderName, HeaderValue, header};

use crate::{
    contract::{self, Found, Operation, Repeat},
    id::Id,
    problem::{Code, Problem},
    retry,
    time::UnixMillis,
};

/// Path of the proxy on the edge: below it come Canopy's own paths.
pub const PREFIX: &str = "/canopy/api/v1.0.0";

/// Stands for the configured team in a path.
pub const ANY_TEAM: &str = "-";

/// Longest query passed on, in bytes.
pub const MAX_QUERY_LENGTH: usize = 4096;

/// Largest body passed on, in bytes.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Most attempts of a GET that meets 429 or 5xx.
pub const MAX_ATTEMPTS: u32 = 3;

/// Longest wait before another attempt, in milliseconds: a longer `Retry-After` goes to the client.
pub const MAX_WAIT_MILLIS: u64 = 5_000;

/// Wait before the second attempt, in milliseconds; doubled for the third.
const BASE_WAIT_MILLIS: u64 = 250;

/// The operations that are served. All authenticate with the client's credentials.
pub const SERVED: [Operation; 17] = [
    Operation::GetPulls,
    Operation::GetPull,
    Operation::PatchPull,
    Operation::GetDocument,
    Operation::GetDocumentPdf,
    Operation::CheckPull,
    Operation::GetPullCheckPdf,
    Operation::GetMonitorings,
    Operation::CreateMonitoring,
    Operation::GetMonitoring,
    Operation::PatchMonitoring,
    Operation::DeleteMonitoring,
    Operation::GetReconnectToken,
    Operation::RefreshMonitoring,
    Operation::GetMonitoringEvents,
    Operation::GetServicings,
    Operation::GetServicing,
];

/// Request headers that cross to Canopy. Everything else stays, credentials and cookies above all.
pub static REQUEST_HEADERS: [HeaderName; 8] = [
    header::ACCEPT,
    header::ACCEPT_LANGUAGE,
    header::CONTENT_ENCODING,
    header::CONTENT_TYPE,
    header::IF_MODIFIED_SINCE,
    header::IF_NONE_MATCH,
    header::IF_RANGE,
    header::RANGE,
];

/// Answer headers that cross back: what describes the body, where it is, and when to ask again. Nothing else: a header
/// that a browser obeys would speak for the edge's own address.
pub static ANSWER_HEADERS: [HeaderName; 16] = [
    header::ACCEPT_RANGES,
    header::CONTENT_DISPOSITION,
    header::CONTENT_LANGUAGE,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    HeaderName::from_static("deprecation"),
    header::ETAG,
    header::LAST_MODIFIED,
    header::LOCATION,
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
    header::RETRY_AFTER,
    HeaderName::from_static("sunset"),
    HeaderName::from_static("x-ratelimit-limit"),
    HeaderName::from_static("x-ratelimit-remaining"),
    HeaderName::from_static("x-ratelimit-reset"),
];

/// Headers of every answer that is passed on: it is kept nowhere, is what its type says, and no page that can do anything.
pub static OWN_HEADERS: [(HeaderName, HeaderValue); 3] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox")),
];

/// What an answer of Canopy's is for the client, by its status: passed on unless this says otherwise.
///
/// # Errors
/// [`Code::CanopyFailed`] for what is no status of an answer, and for 401: the credentials are the edge's own.
pub fn check_answer(status: u16) -> Result<(), Problem> {
    match status {
        401 => Err(Problem::new(
            Code::CanopyFailed,
            "Canopy did not accept the edge's own credentials: the operator has to check CANOPY_CLIENT_ID and CANOPY_CLIENT_SECRET",
        )),
        200..600 => Ok(()),
        _ => Err(Problem::new(
            Code::CanopyFailed,
            format!("expected an answer of Canopy's, found status {status}"),
        )),
    }
}

/// A call to pass on.
#[derive(Debug, PartialEq, Eq)]
pub struct Forward {
    /// What is called.
    pub operation: Operation,
    /// Path and query below Canopy's base URL, the team filled in.
    pub path: String,
}

/// Decides what `method path?query` is, `path` being what follows [`PREFIX`].
///
/// # Errors
/// [`Code::NotFound`] for what is no served operation, [`Code::MethodNotAllowed`],
/// [`Code::TeamNotAllowed`], [`Code::InputInvalid`] for a query that is too long.
pub fn forward(method: &str, path: &str, query: Option<&str>, team: &Id) -> Result<Forward, Problem> {
    if query.is_some_and(|query| query.len() > MAX_QUERY_LENGTH) {
        return Err(Problem::new(Code::InputInvalid, "expected a query of at most 4096 bytes"));
    }
    let is_id = |(_, value): (&str, &str)| Id::parse(value).is_ok();
    // A parameter takes an identifier and nothing else, so no escape, dot or slash of any spelling gets through.
    let found = Found::at(path).filter(|found| found.parameters().all(is_id));
    let operations = found.iter().flat_map(Found::operations).copied();
    let served: Vec<Operation> = operations.filter(|operation| SERVED.contains(operation)).collect();
    let Some(found) = found.filter(|_| !served.is_empty()) else {
        let detail =
            "expected one of the operations of the API reference, below /canopy/api/v1.0.0/teams/{teamId}";
        return Err(Problem::new(Code::NotFound, detail));
    };
    let asked = if method == "HEAD" { "GET" } else { method };
    let operation = served.iter().copied().find(|operation| operation.row().method.as_str() == asked);
    let operation = operation.ok_or_else(|| {
        let methods = served.iter().map(|operation| operation.row().method.as_str());
        Problem::method_not_allowed(&contract::allowed(methods, false))
    })?;
    if found.parameter("teamId").is_some_and(|given| given != ANY_TEAM && given != team.as_str()) {
        let detail = "expected the team this edge is configured for, or '-' in its place";
        return Err(Problem::new(Code::TeamNotAllowed, detail));
    }
    let mut path = found.path_with("teamId", team);
    if let Some(query) = query {
        path.push('?');
        path.push_str(query);
    }
    Ok(Forward { operation, path })
}

/// How long to wait before the next attempt, in milliseconds; `None` when this was the last.
///
/// Only a GET is repeated, on 429, 5xx or no answer at all (`status` `None`), and only as long as the wait that
/// Canopy asks for is within the bound: else its answer is the client's.
#[must_use]
pub fn wait_before_next(
    operation: Operation,
    attempt: u32,
    status: Option<u16>,
    retry_after: Option<&str>,
    now: UnixMillis,
    random: u32,
) -> Option<u64> {
    let is_transient = matches!(status, None | Some(429 | 500..));
    if operation.row().repeat != Repeat::Safe || !is_transient || attempt >= MAX_ATTEMPTS {
        return None;
    }
    let asked = retry_after.and_then(|value| retry::read_retry_after(value, now)).unwrap_or(0);
    let wait = retry::backoff(attempt, BASE_WAIT_MILLIS, MAX_WAIT_MILLIS, random).max(asked);
    (wait <= MAX_WAIT_MILLIS).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Access, Answer};

    const TEAM: &str = "00000000-0000-4000-8000-000000000001";

    fn ask(method: &str, path: &str, query: Option<&str>) -> Result<(&'static str, String), Code> {
        let forwarded = forward(method, path, query, &Id::parse(TEAM).unwrap());
        forwarded.map(|forward| (forward.operation.row().id, forward.path)).map_err(|problem| problem.code)
    }

    #[test]
    fn every_served_operation_is_found_at_its_path() {
        for operation in SERVED {
            let row = operation.row();
            let path = row.path.replace("{teamId}", TEAM).replace(['{', '}'], "");
            assert_eq!(ask(row.method.as_str(), &path, None), Ok((row.id, path)));
        }
    }

    /// Bodies cross as they are, so an answer must not hold what only the edge may know.
    #[test]
    fn what_is_served_takes_the_clients_credentials_and_answers_with_none() {
        for operation in SERVED {
            let row = operation.row();
            assert_eq!((row.access, row.answer), (Access::Client, Answer::AsIs), "{}", row.id);
        }
        for operation in Operation::ALL.iter().filter(|operation| operation.row().answer != Answer::AsIs) {
            let row = operation.row();
            let path = row.path.replace("{teamId}", TEAM);
            assert!(ask(row.method.as_str(), &path, None).is_err(), "{}", row.id);
        }
    }

    #[test]
    fn the_team_is_filled_in_and_the_query_kept_as_it_is() {
        let filled = ask("GET", "/teams/-/pulls", Some("since=2026-01-01T00%3A00%3A00Z&limit=5"));
        let path = format!("/teams/{TEAM}/pulls?since=2026-01-01T00%3A00%3A00Z&limit=5");
        assert_eq!(filled, Ok(("get-pulls", path)));
    }

    #[test]
    fn head_is_get_and_other_methods_are_told_which_there_are() {
        let path = format!("/teams/{TEAM}/pulls");
        assert_eq!(ask("HEAD", &path, None), Ok(("get-pulls", path)));
        let other = forward("PUT", "/teams/-/monitorings/a", None, &Id::parse(TEAM).unwrap()).unwrap_err();
        assert_eq!(other.header().unwrap().1, "GET, HEAD, PATCH, DELETE");
    }

    #[test]
    fn only_what_can_be_an_answer_is_passed_on() {
        for status in (200..600).filter(|status| *status != 401) {
            assert_eq!(check_answer(status), Ok(()), "{status}");
        }
        for status in (0..200).chain(600..=1_000).chain([401]) {
            assert_eq!(check_answer(status).unwrap_err().code, Code::CanopyFailed, "{status}");
        }
        assert!(check_answer(401).unwrap_err().detail.contains("CANOPY_CLIENT_SECRET"));
    }

    #[test]
    fn no_header_that_a_browser_obeys_crosses_back() {
        for name in [
            "set-cookie",
            "clear-site-data",
            "www-authenticate",
            "access-control-allow-origin",
            "refresh",
            "link",
            "cache-control",
            "strict-transport-security",
            "content-security-policy",
            "content-encoding",
            "content-length",
            "service-worker-allowed",
            "pull-jwt",
        ] {
            assert!(ANSWER_HEADERS.iter().all(|allowed| allowed != name), "{name}");
        }
    }

    #[test]
    fn only_a_get_is_repeated_and_only_within_the_bounds() {
        let wait = |operation, attempt, status, retry_after| {
            wait_before_next(operation, attempt, status, retry_after, UnixMillis(0), u32::MAX)
        };
        for status in [None, Some(429), Some(500), Some(503)] {
            assert_eq!(wait(Operation::GetPulls, 1, status, None), Some(250));
            assert_eq!(wait(Operation::GetPulls, 2, status, None), Some(500));
            assert_eq!(wait(Operation::GetPulls, MAX_ATTEMPTS, status, None), None);
            assert_eq!(wait(Operation::PatchPull, 1, status, None), None);
            assert_eq!(wait(Operation::CheckPull, 1, status, None), None);
        }
        for status in [200, 302, 400, 404] {
            assert_eq!(wait(Operation::GetPulls, 1, Some(status), None), None);
        }
        assert_eq!(wait(Operation::GetPulls, 1, Some(429), Some("2")), Some(2_000));
        assert_eq!(wait(Operation::GetPulls, 1, Some(429), Some("6")), None);
    }

    #[test]
    fn whatever_is_not_an_operation_is_refused() {
        let own = |rest: &str| format!("/teams/{TEAM}{rest}");
        for path in [
            String::new(),
            "/".to_owned(),
            own(""),
            own("/pulls/"),
            own("/pulls//"),
            own("/pulls/.."),
            own("/pulls/a/../b"),
            own("/pulls/a%2fb"),
            own("/pulls/%2e%2e"),
            own("/pulls/a;b"),
            own("/webhooks"),
            own("/widgets"),
            own("/policySearch"),
            own("/monitorings/a/reconnecttoken"),
            own("/monitorings/a/reconnectToken/b"),
            own("/monitorings/a%2frefresh"),
            own("/servicings/a/b"),
            own("/servicings/.."),
            own("/pulls/a/documents"),
            own("/pulls/a/answers/b/files/c"),
            format!("//teams/{TEAM}/pulls"),
            "/carriers".to_owned(),
            "/widget/pull/consentAndConnect".to_owned(),
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
        ] {
            assert_eq!(ask(method, &own(path), None), Err(Code::MethodNotAllowed), "{method} {path}");
        }
        assert_eq!(ask("GET", "/teams/other/pulls", None), Err(Code::TeamNotAllowed));
        assert_eq!(ask("GET", &own("/pulls"), Some(&"x".repeat(5000))), Err(Code::InputInvalid));
    }
}
