//! What the agency's page asks: sessions, carriers and terms, consent, and the consumer's answers.

use canopy::{
    api::{Call, ServicingDetails},
    config::Config,
    credentials,
    id::SessionId,
    problem::{Code, Problem},
    routes::{Endpoint, Found},
    session::{Claims, OfPage, Purpose, SessionView, Settings, TICKET_SECONDS, TokenError},
    time::UnixMillis,
};
use serde_json::{Value, json};

use super::{catalogue, funnel, invited, limits, origin, sessions, uploads};
use crate::{
    canopy_client,
    entry::access_log::Trace,
    http::{Incoming, Reply, internal},
    objects::calls::SessionClient,
    platform,
};

/// The WebSocket subprotocol that the edge speaks.
const PROTOCOL: &str = canopy::session::SUBPROTOCOL;

/// Largest body that a page sends, in bytes.
const MAX_BODY_BYTES: usize = 32 * 1024;

/// Largest servicing action taken from Canopy, in bytes.
const MAX_SERVICING_BYTES: usize = 256 * 1024;

/// Answers a route of the pages'.
pub async fn answer(
    incoming: &Incoming,
    config: &Config,
    endpoint: Endpoint,
    found: &Found<'_>,
    trace: &mut Trace,
) -> Result<Reply, Problem> {
    let id = found.segment("id");
    match endpoint {
        Endpoint::OpenSession => return open(incoming, config).await,
        Endpoint::ReportFunnel => return funnel::report(incoming, config).await,
        Endpoint::Carriers => return catalogue::carriers(incoming, config).await,
        Endpoint::Terms => return catalogue::terms(incoming, config).await,
        Endpoint::Live => return live(incoming, config, id).await,
        _ => {}
    }
    let token = incoming.header("authorization");
    let claims =
        authorize(incoming, config, id, token.as_deref().and_then(credentials::bearer), Purpose::Page)?;
    match endpoint {
        Endpoint::EndSession => end(incoming, &claims.session_id).await,
        Endpoint::Ticket => ticket(incoming, config, claims).await,
        Endpoint::ServicingAction => {
            servicing_action(incoming, config, &claims.session_id, found.segment("servicing_action_id")).await
        }
        Endpoint::Ask => {
            let name = found.path().rsplit('/').next().unwrap_or_default();
            ask(incoming, &claims.session_id, name, trace).await
        }
        Endpoint::UploadDocuments => told(&uploads::send(incoming, config, &claims.session_id).await?, trace),
        _ => document(incoming, config, &claims.session_id).await,
    }
}

/// The claims of the session's token, presented by a page of the origin it was made for.
fn authorize(
    incoming: &Incoming,
    config: &Config,
    id: &str,
    token: Option<&str>,
    purpose: Purpose,
) -> Result<Claims, Problem> {
    let invalid = |error: TokenError| {
        let code = match error {
            TokenError::Invalid => Code::Unauthorized,
            TokenError::Expired => Code::SessionExpired,
        };
        Problem::new(code, error.to_string())
    };
    let token = token.ok_or_else(|| invalid(TokenError::Invalid))?;
    let id = SessionId::parse(id).map_err(|_| invalid(TokenError::Invalid))?;
    let now = platform::now().seconds();
    let claims = Claims::verify(token, purpose, &id, &config.session_key, now).map_err(invalid)?;
    // A GET of the edge's own page carries no Origin; every other request of a page does.
    let is_from_page = match incoming.header("origin") {
        Some(origin) => origin == claims.origin,
        None => matches!(incoming.method.as_str(), "GET" | "HEAD"),
    };
    if is_from_page {
        Ok(claims)
    } else {
        Err(Problem::new(Code::OriginNotAllowed, "expected the origin that the session was opened from"))
    }
}

async fn open(incoming: &Incoming, config: &Config) -> Result<Reply, Problem> {
    let origin = origin::of_page(incoming, config)?;
    limits::check(incoming, limits::SESSIONS).await?;
    let settings = match Settings::of_page(&incoming.body(MAX_BODY_BYTES).await?.to_vec())? {
        OfPage::Said(settings) => settings,
        OfPage::Invited(token) => invited::settings(incoming, config, &token).await?,
    };
    sessions::open(incoming, config, origin, settings).await
}

/// What opens the live socket in the token's place, within seconds: the header that carries it is one that logs keep.
/// A page is not told why its socket does not open, so that the session is gone is said here.
async fn ticket(incoming: &Incoming, config: &Config, claims: Claims) -> Result<Reply, Problem> {
    kept(incoming, &claims.session_id).await?;
    let last = platform::now().seconds().0 + i64::from(TICKET_SECONDS);
    let claims = Claims { expires_at: claims.expires_at.min(last), ..claims };
    let ticket = claims.sign(Purpose::Socket, &config.session_key);
    let expires_at = UnixMillis(claims.expires_at * 1_000).rfc3339();
    Ok(Reply::json(200, &json!({ "ticket": ticket.expose(), "expires_at": expires_at })))
}

/// The session's object, if it holds one.
async fn kept(incoming: &Incoming, session_id: &SessionId) -> Result<SessionClient, Problem> {
    let client = SessionClient::of(&incoming.env, session_id).map_err(internal("reading the session"))?;
    view(&client).await?;
    Ok(client)
}

/// The session's view, as JSON.
async fn view(client: &SessionClient) -> Result<String, Problem> {
    let view = client.view().await.map_err(internal("reading the session"))?;
    view.ok_or_else(|| Problem::new(Code::NotFound, "expected a session that is still kept"))
}

async fn end(incoming: &Incoming, session_id: &SessionId) -> Result<Reply, Problem> {
    let ended = internal("ending the session");
    SessionClient::of(&incoming.env, session_id).map_err(&ended)?.end().await.map_err(&ended)?;
    Ok(Reply::empty(204))
}

async fn document(incoming: &Incoming, config: &Config, session_id: &SessionId) -> Result<Reply, Problem> {
    let client = SessionClient::of(&incoming.env, session_id).map_err(internal("reading the session"))?;
    let view = view(&client).await?;
    // Two objects become one without either being taken apart.
    let addresses = Value::Object(sessions::addresses(config)).to_string();
    let joined = addresses.trim_end_matches('}').to_owned() + "," + view.trim_start_matches('{');
    Ok(Reply::json_text(200, joined))
}

/// What a servicing action of the session's pull would change: read from Canopy each time, kept nowhere.
async fn servicing_action(
    incoming: &Incoming,
    config: &Config,
    session_id: &SessionId,
    action: &str,
) -> Result<Reply, Problem> {
    let client = SessionClient::of(&incoming.env, session_id).map_err(internal("reading the session"))?;
    let view = client.view().await.map_err(internal("reading the session"))?;
    let view = view.and_then(|text| serde_json::from_str::<SessionView>(&text).ok());
    let action = view.as_ref().and_then(|view| view.asked_to_confirm(action));
    let action = action.ok_or_else(|| {
        Problem::new(Code::NotFound, "expected a servicing action that this session was asked to confirm")
    })?;
    limits::check(incoming, limits::CALLS).await?;
    let call = Call::servicing(&config.team_id, action);
    let answer = canopy_client::read(config, &call, MAX_SERVICING_BYTES).await;
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
    limits::check(incoming, limits::CALLS).await?;
    let body = incoming.body(MAX_BODY_BYTES).await?;
    let asked = internal("asking for the consumer");
    let client = SessionClient::of(&incoming.env, session_id).map_err(&asked)?;
    let Some(answer) = client.ask(name, &body, &incoming.address()).await.map_err(&asked)? else {
        return Err(Problem::new(Code::NotFound, "expected one of the requests of the API reference"));
    };
    told(&answer, trace)
}

/// What a session's object gave, as its page is told.
fn told(answer: &str, trace: &mut Trace) -> Result<Reply, Problem> {
    let mut answer: Value = serde_json::from_str(answer)
        .map_err(|_| Problem::new(Code::Internal, "asking for the consumer failed: try again"))?;
    if let Some(document) = answer.get_mut("document").map(Value::take) {
        trace.pull_id = document["pull_id"].as_str().map(str::to_owned);
        return Ok(Reply::json(200, &document));
    }
    if answer.get("consent_token").is_some() {
        return Ok(Reply::json(200, &answer));
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
    let offered = offered.find(|protocol| *protocol != PROTOCOL).filter(|_| is_ours);
    // Pages that were made before there were tickets offer the session's token.
    let claims = authorize(incoming, config, id, offered, Purpose::Socket)
        .or_else(|_| authorize(incoming, config, id, offered, Purpose::Page))?;
    let client = kept(incoming, &claims.session_id).await?;
    client.live(&incoming.request).await.map(Reply::Upgraded).map_err(internal("opening the socket"))
}
