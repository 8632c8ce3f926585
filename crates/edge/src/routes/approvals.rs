//! The links by which persons say yes or no: a GET shows what is asked, and decides nothing.

use canopy::{
    config::Config,
    problem::{Code, Problem},
    routes::Endpoint,
    security::approval,
    time::UnixMillis,
};
use flow::{
    approval_page::{Asked, Standing},
    moment,
    query::RunId,
    run::Ask,
};
use http::{HeaderName, HeaderValue, header};
use serde_json::Value;

use crate::{
    http::{Body, Incoming, Reply, header_value, internal},
    objects::calls::{RunChange, RunChanged, RunClient},
    platform,
};

/// Largest body taken, in bytes.
const MAX_BODY_BYTES: usize = 4 * 1024;

/// Who decides by a link, as the journal has it.
const CALLER: &str = "link";

/// How a time is written.
const PATTERN: &str = "%A, %B %-d, %Y at %-I:%M %p %Z";

fn unknown() -> Problem {
    Problem::new(Code::NotFound, "expected the link of an approval, whole, as it was sent")
}

/// `/approvals/{token}`
pub async fn answer(
    incoming: &Incoming,
    config: &Config,
    endpoint: Endpoint,
    token: &str,
) -> Result<Reply, Problem> {
    let (ask, signature) = Ask::read(token).ok_or_else(unknown)?;
    if !approval::is_signed(&config.session_key, &ask.subject(), signature) {
        return Err(unknown());
    }
    let id = RunId::parse(&ask.run_id).ok_or_else(unknown)?;
    let failed = internal("reaching the run");
    let client = RunClient::of(&incoming.env, &id).map_err(&failed)?;
    let mut is_taken = None;
    if endpoint == Endpoint::Decide {
        let approved = decision(incoming).await?;
        let run = read(&client).await?;
        let path = run["steps"][ask.place]["path"].as_str().ok_or_else(unknown)?.to_owned();
        let change = RunChange::Decide { path, approved };
        let changed = client.change(&change, CALLER).await.map_err(&failed)?;
        is_taken = Some((matches!(changed, RunChanged::Taken), approved));
    }
    let asked = Asked::of(&read(&client).await?, ask.place, platform::now()).ok_or_else(unknown)?;
    // The same answer once more is no other.
    let stands = |approved| if approved { Standing::Approved } else { Standing::Refused };
    let is_other = is_taken.is_some_and(|(taken, approved)| !taken && asked.standing != stands(approved));
    let status = if is_other { 409 } else { 200 };
    Ok(shown(incoming, config, status, &asked))
}

async fn read(client: &RunClient) -> Result<Value, Problem> {
    let run = client.view().await.map_err(internal("reaching the run"))?.ok_or_else(unknown)?;
    serde_json::from_str(&run).map_err(|_| unknown())
}

/// What a form or a program says.
async fn decision(incoming: &Incoming) -> Result<bool, Problem> {
    let body = incoming.body(MAX_BODY_BYTES).await?.to_vec();
    let is_form =
        incoming.header("content-type").is_some_and(|it| it.starts_with("application/x-www-form-urlencoded"));
    let said = if is_form {
        let mut pairs = url::form_urlencoded::parse(&body);
        pairs.find(|(name, _)| name == "decision").and_then(|(_, value)| match &*value {
            "approve" => Some(true),
            "refuse" => Some(false),
            _ => None,
        })
    } else {
        serde_json::from_slice::<Value>(&body).ok().and_then(|body| body["approved"].as_bool())
    };
    let expected = "expected {\"approved\": true} or false, or a form with decision=approve or refuse";
    said.ok_or_else(|| Problem::new(Code::BodyMalformed, expected))
}

/// As a page, or as JSON where that is asked for.
fn shown(incoming: &Incoming, config: &Config, status: u16, asked: &Asked) -> Reply {
    let is_program = incoming.header("accept").is_some_and(|accept| accept.starts_with("application/json"));
    let reply = if is_program {
        Reply::json(status, &asked.json())
    } else {
        let nonce = hex::encode(platform::random::<16>());
        let until = asked.until.and_then(|until| words(until, config));
        let page = asked.page(&config.brand, until.as_deref(), &nonce);
        let policy = format!(
            "default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        let reply =
            Reply::with_type(status, HeaderValue::from_static("text/html;charset=utf-8"), Body::Text(page));
        header_value(&policy)
            .into_iter()
            .fold(reply, |reply, policy| reply.with_header(header::CONTENT_SECURITY_POLICY, policy))
    };
    reply
        .with_header(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"))
        .with_header(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"))
}

fn words(until: UnixMillis, config: &Config) -> Option<String> {
    moment::format(&until.rfc3339(), config.plan.zone.name(), PATTERN).ok()
}
