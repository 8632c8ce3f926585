//! What the agency's page asks: sessions, carriers and terms, consent, and the consumer's answers.

use canopy::{
    api::{Call, ServicingDetails, read_consent_token},
    config::Config,
    id::SessionId,
    metadata,
    problem::{Code, Problem},
    session::{Ask, Claims, Document, LIFETIME_SECONDS, TokenError},
    time::UnixMillis,
};
use serde_json::{Map, Value, json};
use worker::RateLimiter;

use crate::{
    carrier, copies,
    gateway::Trace,
    http::{Incoming, Reply, internal},
    platform,
    session::PROTOCOL,
};

/// Largest body that a page sends, in bytes.
const MAX_BODY_BYTES: usize = 32 * 1024;

/// Largest list of carriers or text of terms taken from Canopy, in bytes.
const MAX_CATALOGUE_BYTES: usize = 4 * 1024 * 1024;

/// Largest servicing action taken from Canopy, in bytes.
const MAX_SERVICING_BYTES: usize = 256 * 1024;

/// The hosted SDK. Source: contract, "The hosted SDK".
const SDK_URL: &str = "https://cdn.usecanopy.com/sdk/v1.0.0/connect.js";
/// Components. Source: contract, "Components".
const COMPONENTS_URL: &str = "https://components.usecanopy.com/v1/cc-components.js";

/// Answers what lies below `/connect/`.
pub async fn answer(
    incoming: &Incoming,
    config: &Config,
    rest: &str,
    trace: &mut Trace,
) -> Result<Reply, Problem> {
    trace.route = "/connect";
    if incoming.method == "OPTIONS" {
        allowed_origin(incoming, config)?;
        return Ok(Reply::empty(204));
    }
    let segments: Vec<&str> = rest.split('/').collect();
    match (incoming.method.as_str(), segments.as_slice()) {
        ("POST", ["sessions"]) => {
            trace.route = "/connect/sessions";
            open(incoming, config).await
        }
        ("GET", ["carriers"]) => {
            trace.route = "/connect/carriers";
            catalogue(incoming, config, "carriers", &Call::carriers(&config.public_alias)).await
        }
        ("GET", ["terms"]) => {
            trace.route = "/connect/terms";
            catalogue(incoming, config, "terms", &Call::terms()).await
        }
        ("GET", ["sessions", id]) => {
            trace.route = "/connect/sessions/{id}";
            let claims = authorize(incoming, config, id, bearer(incoming))?;
            document(incoming, config, &claims.session_id).await
        }
        ("GET", ["sessions", id, "live"]) => {
            trace.route = "/connect/sessions/{id}/live";
            live(incoming, config, id).await
        }
        ("GET", ["sessions", id, "servicing-actions", action]) => {
            trace.route = "/connect/sessions/{id}/servicing-actions/{servicing_action_id}";
            let claims = authorize(incoming, config, id, bearer(incoming))?;
            servicing_action(incoming, config, &claims.session_id, action).await
        }
        ("POST", ["sessions", id, "consent"]) => {
            trace.route = "/connect/sessions/{id}/consent";
            authorize(incoming, config, id, bearer(incoming))?;
            consent(incoming, config).await
        }
        ("POST", ["sessions", id, name]) => {
            trace.route = "/connect/sessions/{id}/{request}";
            let claims = authorize(incoming, config, id, bearer(incoming))?;
            ask(incoming, &claims.session_id, name, trace).await
        }
        (
            _,
            ["sessions" | "carriers" | "terms"]
            | ["sessions", _]
            | ["sessions", _, "live" | "consent"]
            | ["sessions", _, "servicing-actions", _],
        ) => Err(method_not_allowed()),
        (_, ["sessions", _, name]) if Ask::NAMES.contains(name) => Err(method_not_allowed()),
        _ => Err(Problem::new(Code::NotFound, "expected one of the routes of the API reference")),
    }
}

fn method_not_allowed() -> Problem {
    Problem::new(Code::MethodNotAllowed, "expected the method of the API reference")
}

/// The headers that let an allowed page read an answer.
pub fn cors_headers(incoming: &Incoming, route: &str) -> Vec<String> {
    if !route.starts_with("/connect") {
        return Vec::new();
    }
    let config = crate::config::required(&incoming.env);
    let origin = config.ok().and_then(|config| allowed_origin(incoming, &config).ok());
    let mut headers = vec![("vary", "origin".to_owned())];
    if let Some(origin) = origin {
        headers.push(("access-control-allow-origin", origin));
        headers.push(("access-control-expose-headers", "x-request-id, retry-after".to_owned()));
        if incoming.method == "OPTIONS" {
            headers.push(("access-control-allow-methods", "GET, POST".to_owned()));
            headers.push(("access-control-allow-headers", "authorization, content-type".to_owned()));
            headers.push(("access-control-max-age", "7200".to_owned()));
        }
    }
    headers.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect()
}

/// The page's origin, if it may use the edge: a configured one, or the edge's own.
fn allowed_origin(incoming: &Incoming, config: &Config) -> Result<String, Problem> {
    let refused = || {
        Problem::new(
            Code::OriginNotAllowed,
            "expected a page of an origin in EDGE_ALLOWED_ORIGINS, or of the edge's own",
        )
    };
    let origin = incoming.header("origin").ok_or_else(refused)?;
    let is_allowed = config.allowed_origins.contains(&origin) || origin == incoming.origin();
    if is_allowed { Ok(origin) } else { Err(refused()) }
}

fn bearer(incoming: &Incoming) -> Option<String> {
    let header = incoming.header("authorization")?;
    header.strip_prefix("Bearer ").map(str::to_owned)
}

/// The claims of the session's token, presented by a page of the origin it was made for.
fn authorize(
    incoming: &Incoming,
    config: &Config,
    id: &str,
    token: Option<String>,
) -> Result<Claims, Problem> {
    let invalid = |error: TokenError| {
        let code = match error {
            TokenError::Invalid => Code::Unauthorized,
            TokenError::Expired => Code::SessionExpired,
        };
        Problem::new(code, error.to_string())
    };
    let token = token.ok_or_else(|| invalid(TokenError::Invalid))?;
    let now = platform::now().seconds();
    let claims = Claims::verify(&token, id, &config.session_key, now).map_err(invalid)?;
    // A GET of the edge's own page carries no Origin; every other request of a page does.
    let is_from_page = match incoming.header("origin") {
        Some(origin) => origin == claims.origin,
        None => incoming.method == "GET",
    };
    if is_from_page {
        Ok(claims)
    } else {
        Err(Problem::new(Code::OriginNotAllowed, "expected the origin that the session was opened from"))
    }
}

async fn open(incoming: &Incoming, config: &Config) -> Result<Reply, Problem> {
    let origin = allowed_origin(incoming, config)?;
    let limiter = incoming.env.get_binding::<RateLimiter>("SESSION_LIMIT");
    let limiter = limiter
        .map_err(|_| Problem::new(Code::NotConfigured, "SESSION_LIMIT: expected a rate limit binding"))?;
    if limiter.limit(incoming.address()).await.is_ok_and(|outcome| !outcome.success) {
        return Err(Problem::new(
            Code::TooManyRequests,
            "too many sessions from this address: wait a minute",
        ));
    }
    let body = platform::from_js(&incoming.body(MAX_BODY_BYTES).await?);
    let metadata = page_metadata(&body)?;
    let now = platform::now();
    let session_id = SessionId::parse(&platform::new_id()).expect("a UUID is an identifier");
    let expires_at = now.seconds().0 + i64::from(LIFETIME_SECONDS);
    let claims = Claims { session_id, origin, expires_at };
    let opened = internal("opening the session");
    let stub = platform::session_stub(&incoming.env, claims.session_id.as_str()).map_err(&opened)?;
    let (json, metadata) = (json!(claims).to_string(), Value::Object(metadata).to_string());
    stub.open(&json, &metadata, now.0 as f64).await.map_err(&opened)?;
    let mut opened = addresses(config);
    opened.extend([
        ("session_id".to_owned(), json!(claims.session_id)),
        ("token".to_owned(), json!(claims.sign(&config.session_key).expose())),
        ("expires_at".to_owned(), json!(UnixMillis(expires_at * 1_000).rfc3339())),
    ]);
    Ok(Reply::json(201, &Value::Object(opened)))
}

/// Canopy's own scripts; with a stand-in for its API, the stand-in's.
fn script_url(config: &Config, path: &str, published: &str) -> String {
    if config.api_base_url.starts_with("https://app.usecanopy.com/") {
        return published.to_owned();
    }
    let host = config.api_base_url.strip_suffix("/api/v1.0.0").unwrap_or(&config.api_base_url);
    format!("{host}{path}")
}

fn page_metadata(body: &[u8]) -> Result<Map<String, Value>, Problem> {
    let malformed = || Problem::new(Code::BodyMalformed, "expected {\"metadata\": {…}}, {} or nothing");
    if body.is_empty() {
        return Ok(Map::new());
    }
    let mut body: Value = serde_json::from_slice(body).map_err(|_| malformed())?;
    let members = body.as_object_mut().ok_or_else(malformed)?;
    let metadata = metadata::from_page(members.remove("metadata"));
    metadata.map_err(|error| Problem::new(Code::InputInvalid, error.to_string()))
}

async fn catalogue(incoming: &Incoming, config: &Config, name: &str, call: &Call) -> Result<Reply, Problem> {
    if incoming.header("origin").is_some() {
        allowed_origin(incoming, config)?;
    }
    if let Some(kept) = copies::catalogue(&incoming.env, name).await {
        return Ok(Reply::json_text(200, &kept));
    }
    let failed = |status: Option<u16>| {
        let status = status.map_or("no answer".to_owned(), |status| format!("status {status}"));
        Problem::new(Code::CanopyFailed, format!("Canopy did not give the {name} ({status}): try again"))
    };
    let answer =
        carrier::read(config, call, MAX_CATALOGUE_BYTES).await.map_err(|failure| failed(failure.status))?;
    let text = String::from_utf8(answer.body).ok().filter(|_| answer.status == 200);
    let text = text.filter(|text| serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok());
    let text = text.ok_or_else(|| failed(Some(answer.status)))?;
    copies::keep_catalogue(&incoming.env, name, &text).await;
    Ok(Reply::json_text(200, &text))
}

async fn consent(incoming: &Incoming, config: &Config) -> Result<Reply, Problem> {
    let body = platform::from_js(&incoming.body(MAX_BODY_BYTES).await?);
    let call = Call::consent(&body, &incoming.address())?;
    let answer = carrier::write(config, &call).await;
    let token = answer.and_then(|(status, body)| read_consent_token(status, &body));
    let token = token.map_err(|error| error.problem())?;
    Ok(Reply::json(200, &json!({ "consent_token": token })))
}

async fn document(incoming: &Incoming, config: &Config, session_id: &SessionId) -> Result<Reply, Problem> {
    let read = internal("reading the session");
    let stub = platform::session_stub(&incoming.env, session_id.as_str()).map_err(&read)?;
    let document = stub.document().await.map_err(&read)?.as_string();
    let document = document.and_then(|text| serde_json::from_str::<Map<String, Value>>(&text).ok());
    let mut document =
        document.ok_or_else(|| Problem::new(Code::NotFound, "expected a session that is still kept"))?;
    document.extend(addresses(config));
    Ok(Reply::json(200, &Value::Object(document)))
}

/// What a page needs to know of Canopy, at its first request and after a reload.
fn addresses(config: &Config) -> Map<String, Value> {
    let addresses = [
        ("public_alias", config.public_alias.clone()),
        ("sdk_url", script_url(config, "/sdk/v1.0.0/connect.js", SDK_URL)),
        ("components_url", script_url(config, "/v1/cc-components.js", COMPONENTS_URL)),
    ];
    addresses.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect()
}

/// What a servicing action of the session's pull would change: read from Canopy each time, kept nowhere.
async fn servicing_action(
    incoming: &Incoming,
    config: &Config,
    session_id: &SessionId,
    action: &str,
) -> Result<Reply, Problem> {
    let read = internal("reading the session");
    let stub = platform::session_stub(&incoming.env, session_id.as_str()).map_err(&read)?;
    let document = stub.document().await.map_err(&read)?.as_string();
    let document = document.and_then(|text| serde_json::from_str::<Document>(&text).ok());
    let action = document.as_ref().and_then(|document| document.asked_to_confirm(action));
    let action = action.ok_or_else(|| {
        Problem::new(Code::NotFound, "expected a servicing action that this session was asked to confirm")
    })?;
    let call = Call::servicing(&config.team_id, action);
    let answer = carrier::read(config, &call, MAX_SERVICING_BYTES).await;
    let details = answer.ok().filter(|answer| answer.status == 200);
    let details = details.and_then(|answer| ServicingDetails::read(&answer.body, action));
    let details = details.ok_or_else(|| {
        Problem::new(Code::CanopyFailed, "Canopy did not give the servicing action: try again")
    })?;
    Ok(Reply::json(200, &json!(details)))
}

async fn ask(
    incoming: &Incoming,
    session_id: &SessionId,
    name: &str,
    trace: &mut Trace,
) -> Result<Reply, Problem> {
    let body = incoming.body(MAX_BODY_BYTES).await?;
    let asked = internal("asking for the consumer");
    let stub = platform::session_stub(&incoming.env, session_id.as_str()).map_err(&asked)?;
    let answer = stub.ask(name, &body, &incoming.address()).await.map_err(&asked)?;
    let Some(answer) = answer.as_string() else {
        return Err(Problem::new(Code::NotFound, "expected one of the requests of the API reference"));
    };
    let mut answer: Value = serde_json::from_str(&answer).map_err(|_| asked(wasm_bindgen::JsValue::NULL))?;
    if let Some(document) = answer.get_mut("document").map(Value::take) {
        trace.pull_id = document["pull_id"].as_str().map(str::to_owned);
        return Ok(Reply::json(200, &document));
    }
    Err(Problem::read(&answer["problem"]))
}

async fn live(incoming: &Incoming, config: &Config, id: &str) -> Result<Reply, Problem> {
    let is_upgrade = incoming.header("upgrade").is_some_and(|value| value.eq_ignore_ascii_case("websocket"));
    if !is_upgrade {
        return Err(Problem::new(Code::UpgradeRequired, "expected a WebSocket"));
    }
    let offered = incoming.header("sec-websocket-protocol").unwrap_or_default();
    let mut offered = offered.split(',').map(str::trim);
    let is_ours = offered.clone().any(|protocol| protocol == PROTOCOL);
    let token = offered.find(|protocol| *protocol != PROTOCOL).filter(|_| is_ours).map(str::to_owned);
    let claims = authorize(incoming, config, id, token)?;
    let opened = internal("opening the socket");
    let stub = platform::session_stub(&incoming.env, claims.session_id.as_str()).map_err(&opened)?;
    if stub.document().await.map_err(&opened)?.is_undefined() {
        return Err(Problem::new(Code::NotFound, "expected a session that is still kept"));
    }
    let response = stub.fetch(&incoming.request).await.map_err(&opened)?;
    Ok(Reply::Upgraded(wasm_bindgen::JsCast::unchecked_into(response)))
}
