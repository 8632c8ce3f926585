//! Every request comes in here: routed, answered, and logged in one line.

use std::rc::Rc;

use canopy::{
    config::Config,
    credentials,
    problem::{Code, Problem},
    proxy::{self as contract, PREFIX},
    routes::{Audience, Endpoint, Found},
    time::UnixMillis,
};
use serde::Serialize;
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use web_sys::{Request, Response};
use worker::Env;

use crate::{
    api, config, connect,
    http::{Incoming, Reply, internal},
    platform, proxy,
};

/// What the log says of a request, beside its status. No consumer's data, no secret.
pub struct Trace {
    /// Given to the caller too, as `x-request-id`.
    pub request_id: String,
    /// HTTP method.
    pub method: String,
    /// When it came in.
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

/// Answers one request.
#[wasm_bindgen]
pub async fn handle(
    request: Request,
    method: String,
    url: String,
    env: Env,
    request_id: String,
    started: f64,
) -> Response {
    let mut trace = Trace::new(request_id, method.clone(), UnixMillis(started as i64), "");
    let incoming = Incoming { request, method, url, env };
    let result = route(&incoming, &mut trace).await;
    let cors = connect::cors_headers(&incoming);
    respond(&trace, result, cors)
}

/// Answers a request whose own answer was lost in a trap.
#[wasm_bindgen]
pub fn broken(request_id: String, started: f64, method: String, error: String) -> Response {
    let trace = Trace::new(request_id, method, UnixMillis(started as i64), "");
    respond(&trace, Err(internal("the request")(error.into())), Vec::new())
}

/// Writes the log's line and makes the platform's answer, with `headers` as names and values in turn.
pub fn respond(trace: &Trace, result: Result<Reply, Problem>, headers: Vec<String>) -> Response {
    let (reply, problem) = match result {
        Ok(reply) => (reply, None),
        Err(problem) => (Reply::from(&problem), Some(problem)),
    };
    log(trace, reply.status(), problem.as_ref());
    let is_head = trace.method == "HEAD";
    let response = match reply {
        Reply::Own { status, headers: mut own, body } => {
            own.extend(headers);
            platform::reply(status, &trace.request_id, own, body, is_head)
        }
        Reply::Relayed(response) => {
            let allowed = contract::ANSWER_HEADERS.map(str::to_owned).to_vec();
            let own = contract::OWN_HEADERS.iter().flat_map(|(name, value)| [name, value]);
            let headers = own.map(|text| (*text).to_owned()).chain(headers).collect();
            platform::relay(&response, allowed, &trace.request_id, headers, is_head)
        }
        Reply::Upgraded(response) => platform::upgraded(&response, &trace.request_id),
    };
    response.unwrap_or_else(|thrown| {
        let document = internal("answering")(thrown).json().to_string();
        let headers = ["content-type", "application/problem+json"].map(str::to_owned).to_vec();
        let plain = platform::reply(500, &trace.request_id, headers, document.into(), is_head);
        plain.expect("an answer of our own is one that the platform takes")
    })
}

async fn route(incoming: &Incoming, trace: &mut Trace) -> Result<Reply, Problem> {
    let path = incoming.path();
    if let Some(rest) = path.strip_prefix(PREFIX).filter(|rest| rest.is_empty() || rest.starts_with('/')) {
        trace.route = PREFIX;
        let config = config::required(&incoming.env)?;
        trace.caller = Some(authorize(incoming, &config)?);
        return proxy::answer(incoming, &config, rest, trace).await;
    }
    let found = Found::at(path)?;
    trace.route = found.path();
    if incoming.method == "OPTIONS" && found.audience() == Audience::Pages {
        return connect::preflight(incoming);
    }
    let endpoint = found.endpoint(&incoming.method)?;
    if endpoint == Endpoint::Health {
        return Ok(health(&incoming.env));
    }
    let config = config::required(&incoming.env)?;
    if found.audience() == Audience::BackOffice {
        trace.caller = Some(authorize(incoming, &config)?);
        return api::answer(incoming, endpoint, &found, trace).await;
    }
    connect::answer(incoming, &config, endpoint, &found, trace).await
}

/// The name of the back-office token.
fn authorize(incoming: &Incoming, config: &Rc<Config>) -> Result<String, Problem> {
    let (authorization, secret) =
        (incoming.header("authorization"), incoming.header("x-canopy-client-secret"));
    let mut tokens = credentials::api_tokens(authorization.as_deref(), secret.as_deref());
    let name = tokens.find_map(|token| config.token_name(&token).map(str::to_owned));
    name.ok_or_else(|| {
        let detail = "expected an API token: Authorization: Bearer <token>, Basic with the token as password, or x-canopy-client-secret";
        Problem::new(Code::Unauthorized, detail)
    })
}

fn health(env: &Env) -> Reply {
    match config::read(env) {
        Ok(_) => Reply::json(200, &json!({ "status": "ok" })),
        Err(errors) => {
            let errors: Vec<Value> = errors
                .iter()
                .map(|error| json!({ "variable": error.variable, "expected": error.expected }))
                .collect();
            Reply::json(503, &json!({ "status": "not configured", "errors": errors }))
        }
    }
}

/// One line a request. A problem of the operator's to solve is there with its detail.
fn log(trace: &Trace, status: u16, problem: Option<&Problem>) {
    let line = Line {
        request_id: &trace.request_id,
        method: &trace.method,
        route: trace.route,
        status,
        code: problem.map(|problem| problem.code.parts().1),
        detail: problem.filter(|_| status >= 500).map(|problem| problem.detail.as_str()),
        duration_ms: platform::now().0 - trace.started.0,
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
