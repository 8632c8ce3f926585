//! The access log: one line a request.

use canopy::{problem::Problem, time::UnixMillis};
use serde::Serialize;

use crate::platform::clock;

/// What the log says of a request, beside its status. No consumer's data, no secret.
pub struct Trace {
    /// Given to the caller too, as `x-request-id`.
    pub request_id: String,
    /// HTTP method.
    pub method: String,
    /// When it came in, by the machine's clock.
    pub started: UnixMillis,
    /// The route's name: a path with its identifiers left out.
    pub route: &'static str,
    /// The pull it is about.
    pub pull_id: Option<String>,
    /// The webhook's type.
    pub event_type: Option<String>,
    /// What became of the webhook.
    pub outcome: Option<String>,
    /// The name of the back-office token.
    pub caller: Option<String>,
}

impl Trace {
    /// A request that has just come in.
    pub fn new(request_id: String, method: String, started: UnixMillis, route: &'static str) -> Self {
        Self {
            request_id,
            method,
            started,
            route,
            pull_id: None,
            event_type: None,
            outcome: None,
            caller: None,
        }
    }
}

/// One line a request. A problem of the operator's to solve is there with its detail.
pub fn log(trace: &Trace, status: u16, problem: Option<&Problem>) {
    let line = Line {
        request_id: &trace.request_id,
        method: &trace.method,
        route: trace.route,
        status,
        code: problem.map(|problem| problem.code.parts().1),
        detail: problem.filter(|_| status >= 500).map(|problem| problem.detail.as_str()),
        duration_ms: clock::machine().0 - trace.started.0,
        pull_id: trace.pull_id.as_deref(),
        event_type: trace.event_type.as_deref(),
        outcome: trace.outcome.as_deref(),
        caller: trace.caller.as_deref(),
    };
    let line = serde_json::to_string(&line).expect("a line is plain data");
    if status >= 500 { worker::console_error!("{line}") } else { worker::console_log!("{line}") }
}

#[derive(Serialize)]
struct Line<'a> {
    request_id: &'a str,
    method: &'a str,
    route: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    duration_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pull_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<&'a str>,
}
