//! Every request but a webhook comes in here, and is routed.

use canopy::{
    contract::Repeat,
    problem::Problem,
    proxy::{PREFIX, Target, unanswered},
    routes::{Audience, Endpoint, Found},
    time::UnixMillis,
};
use serde_json::{Value, json};
use url::Url;
use wasm_bindgen::prelude::*;
use web_sys::{Request, Response};
use worker::Env;

use super::{access_log::Trace, answer::respond};
use crate::{
    config, custody,
    http::{Incoming, Reply, internal},
    platform::{Context, Thrown},
    routes::{approvals, authority, back_office, invited, limits, origin, page, proxy},
};

/// Answers one request.
#[wasm_bindgen]
pub async fn handle(
    request: Request,
    method: String,
    url: String,
    env: Env,
    context: Context,
    request_id: String,
    started: f64,
) -> Response {
    let mut trace = Trace::new(request_id, method.clone(), UnixMillis(started as i64), "");
    let incoming = Incoming { request, method, url, env, context };
    let result = match route(&incoming, &mut trace).await {
        Err(problem) if problem.status() == 401 => Err(limits::refused(&incoming, problem).await),
        result => result,
    };
    let cors = origin::cors_headers(&incoming);
    respond(&trace, result, cors)
}

/// Answers a request whose own answer was lost in a trap. What may have been asked of Canopy by it is not to be asked again
/// blindly.
#[wasm_bindgen]
pub fn broken(request_id: String, started: f64, method: String, url: String, error: String) -> Response {
    let problem = internal("the request")(Thrown::from(JsValue::from(error)));
    let path = Url::parse(&url).map(|url| url.path().to_owned()).unwrap_or_default();
    let target = path.strip_prefix(PREFIX).and_then(|rest| Target::of(&method, rest).ok());
    let operation = target.map(|target| target.operation).filter(|it| it.row().repeat == Repeat::Once);
    let problem = operation.map_or(problem, |operation| unanswered(operation, None));
    let trace = Trace::new(request_id, method, UnixMillis(started as i64), "");
    respond(&trace, Err(problem), Vec::new())
}

async fn route(incoming: &Incoming, trace: &mut Trace) -> Result<Reply, Problem> {
    let path = incoming.path();
    if let Some(rest) = path.strip_prefix(PREFIX).filter(|rest| rest.is_empty() || rest.starts_with('/')) {
        trace.route = PREFIX;
        let config = config::required(&incoming.env)?;
        return proxy::answer(incoming, &config, rest, trace).await;
    }
    let found = Found::at(path)?;
    trace.route = found.path();
    if incoming.method == "OPTIONS" && found.is_for_pages() {
        return origin::preflight(incoming);
    }
    let endpoint = found.endpoint(&incoming.method)?;
    if endpoint == Endpoint::Health {
        return Ok(health(&incoming.env).await);
    }
    let config = config::required(&incoming.env)?;
    if matches!(endpoint, Endpoint::Approval | Endpoint::Decide) {
        return approvals::answer(incoming, &config, endpoint, found.segment("token")).await;
    }
    if matches!(endpoint, Endpoint::InvitationPage | Endpoint::OpenInvitation) {
        return invited::answer(incoming, &config, endpoint, found.segment("token")).await;
    }
    if let Audience::BackOffice(scope) = found.audience(&incoming.method) {
        let caller = authority::token(incoming, &config, scope)?;
        trace.caller = Some(caller.name.clone());
        return back_office::answer(incoming, &config, caller, endpoint, &found, trace).await;
    }
    page::answer(incoming, &config, endpoint, &found, trace).await
}

async fn health(env: &Env) -> Reply {
    match config::read(env) {
        Ok(config) => {
            let mut health = json!({ "status": "ok" });
            let warnings = custody::warnings(env, &config).await;
            if !warnings.is_empty() {
                health["warnings"] = json!(warnings);
            }
            Reply::json(200, &health)
        }
        Err(errors) => {
            let errors: Vec<Value> = errors
                .iter()
                .map(|error| json!({ "variable": error.variable, "expected": error.expected }))
                .collect();
            Reply::json(503, &json!({ "status": "not configured", "errors": errors }))
        }
    }
}
