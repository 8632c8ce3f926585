//! Every request comes in here: routed, answered, and logged in one line.

use std::rc::Rc;

use canopy::{
    config::Config,
    problem::{Code, Problem},
    proxy::PREFIX,
};
use serde_json::{Map, Value, json};
use wasm_bindgen::prelude::*;
use web_sys::{Request, Response};
use worker::Env;

use crate::{
    api, config, connect,
    http::{Incoming, Reply},
    platform, proxy, webhook,
};

/// What the log says of a request, beside its route and status. No consumer's data, no secret.
#[derive(Default)]
pub struct Trace {
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

/// Answers one request.
#[wasm_bindgen]
pub async fn handle(request: Request, method: String, url: String, env: Env) -> Response {
    let started = platform::now();
    let request_id = platform::new_id();
    let incoming = Incoming { request, method, url, env };
    let mut trace = Trace::default();
    let (reply, code) = match route(&incoming, &mut trace).await {
        Ok(reply) => (reply, None),
        Err(problem) => {
            let code = problem.code.parts().1;
            (Reply::from(problem), Some(code))
        }
    };
    let cors = connect::cors_headers(&incoming, trace.route);
    let status = reply.status();
    let response = match reply {
        Reply::Own { status, mut headers, body } => {
            headers.extend(cors);
            platform::reply(status, &request_id, headers, body)
        }
        Reply::Relayed(response) => {
            let hidden = canopy::proxy::HIDDEN_ANSWER_HEADERS.map(str::to_owned).to_vec();
            platform::relay(&response, hidden, &request_id, cors)
        }
        Reply::Upgraded(response) => platform::upgraded(&response, &request_id),
    };
    log(&incoming, &trace, &request_id, status, code, started);
    response
}

async fn route(incoming: &Incoming, trace: &mut Trace) -> Result<Reply, Problem> {
    let path = incoming.path();
    if path == "/healthz" {
        trace.route = "/healthz";
        return Ok(health(&incoming.env));
    }
    let config = config::required(&incoming.env)?;
    if path == "/webhooks/canopy" {
        trace.route = "/webhooks/canopy";
        return webhook::receive(incoming, &config, trace).await;
    }
    if let Some(rest) = path.strip_prefix("/connect/") {
        return connect::answer(incoming, &config, rest, trace).await;
    }
    if let Some(rest) = path.strip_prefix("/api/v1/") {
        trace.route = "/api/v1";
        trace.caller = Some(authorize(incoming, &config)?);
        return api::answer(incoming, rest, trace).await;
    }
    if let Some(rest) = path.strip_prefix(PREFIX) {
        trace.route = "/canopy/api/v1.0.0";
        trace.caller = Some(authorize(incoming, &config)?);
        return proxy::answer(incoming, &config, rest, trace).await;
    }
    Err(Problem::new(Code::NotFound, "expected one of the routes of the API reference"))
}

/// The name of the back-office token: Bearer, or Basic with the token as password.
fn authorize(incoming: &Incoming, config: &Rc<Config>) -> Result<String, Problem> {
    let header = incoming.header("authorization");
    let token = header.as_deref().and_then(canopy::config::bearer_or_password);
    let name = token.as_deref().and_then(|token| config.token_name(token));
    name.map(str::to_owned).ok_or_else(|| {
        let detail = "expected Authorization: Bearer <API token>, or Basic with the token as password";
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

fn log(
    incoming: &Incoming,
    trace: &Trace,
    request_id: &str,
    status: u16,
    code: Option<&str>,
    started: canopy::time::UnixMillis,
) {
    let mut line = Map::new();
    let mut add = |name: &str, value: Value| {
        if !value.is_null() {
            line.insert(name.to_owned(), value);
        }
    };
    add("request_id", request_id.into());
    add("method", incoming.method.as_str().into());
    add("route", trace.route.into());
    add("status", status.into());
    add("code", code.into());
    add("duration_ms", (platform::now().0 - started.0).into());
    add("pull_id", trace.pull_id.as_deref().into());
    add("event_type", trace.event_type.as_deref().into());
    add("outcome", trace.outcome.as_deref().into());
    add("caller", trace.caller.as_deref().into());
    let line = Value::Object(line).to_string();
    if status >= 500 { worker::console_error!("{line}") } else { worker::console_log!("{line}") }
}
