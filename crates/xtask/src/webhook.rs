//! `cargo xtask webhook`: registers the edge with Canopy as a receiver of webhooks.

use std::env;
use std::fs;
use std::io::{IsTerminal, stdin};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use ureq::Agent;

use crate::address;
use crate::workspace;

const CALL_LIMIT: Duration = Duration::from_secs(60);

/// What the edge makes use of: every event type of the contract.
const EVENT_TYPES: [&str; 10] = [
    "AUTH_STATUS",
    "POLICY_AVAILABLE",
    "POLICIES_AVAILABLE",
    "COMPLETE",
    "ERROR",
    "MONITORING_RECONNECT",
    "MONITORING_EVENTS",
    "DATA_UPDATED",
    "SERVICING_WAITING_FOR_CONSUMER_CONFIRMATION",
    "VALIDATION_COMPLETE",
];

/// Register the edge's webhook with Canopy, or list what is registered.
///
/// The client secret is read from CANOPY_CLIENT_SECRET, or asked for; it is never an argument.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Register a URL, once, and show where its signing secret belongs.
    Register {
        /// The edge's webhook address, as https://edge.example.com/webhooks/canopy; http only on this machine.
        #[arg(long, value_parser = address::webhook)]
        url: String,
        /// Event types to subscribe to, separated by commas; without it all that the edge makes use of.
        #[arg(long, value_delimiter = ',')]
        events: Vec<String>,
        #[command(flatten)]
        team: Team,
    },
    /// List the registered webhooks, without their secrets.
    List {
        #[command(flatten)]
        team: Team,
    },
}

#[derive(Debug, clap::Args)]
struct Team {
    /// Where Canopy's API is.
    #[arg(long, env = "CANOPY_API_BASE_URL", default_value = "https://app.usecanopy.com/api/v1.0.0")]
    api_base_url: String,
    #[arg(long, env = "CANOPY_TEAM_ID")]
    team_id: String,
    #[arg(long, env = "CANOPY_CLIENT_ID")]
    client_id: String,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    match &arguments.command {
        Command::Register { url, events, team } => register(&Registry::of(team)?, url, events),
        Command::List { team } => list(&Registry::of(team)?),
    }
}

fn register(registry: &Registry, url: &str, events: &[String]) -> Result<()> {
    if let Some(webhook) = registered(&registry.webhooks()?, url) {
        let id = webhook["webhook_id"].as_str().unwrap_or("(without an id)");
        bail!("{url} is registered already, as webhook {id}: delete that one first, or register another URL");
    }
    let all = EVENT_TYPES.map(String::from);
    let wanted: &[String] = if events.is_empty() { &all } else { events };
    let mut answer = registry.register(url, wanted)?;
    if answer.is_refusal("INVALID_EVENT_TYPE") && events.is_empty() {
        let listed = listed_event_types()?;
        let (kept, left): (Vec<_>, Vec<_>) = all.iter().cloned().partition(|event| listed.contains(event));
        println!(
            "Canopy does not take subscriptions to all event types by name; left out: {}.",
            left.join(", ")
        );
        answer = registry.register(url, &kept)?;
    }
    let webhook = answer.ok()?;
    let id = webhook["webhook_id"].as_str().context("Canopy's answer names no webhook_id")?;
    let secret = webhook["signing_secret"].as_str().context("Canopy's answer has no signing_secret")?;
    println!("Registered {url} as webhook {id}.\n");
    println!("Its signing secret: {secret}\n");
    println!("Give it to the edge, which asks for it on");
    println!("  npx wrangler secret put CANOPY_WEBHOOK_SIGNING_SECRET --env production");
    println!(
        "(--env sandbox for a sandbox key). If the edge has another secret already that is still in use,"
    );
    println!("enter both, separated by a comma: OLD,NEW.");
    Ok(())
}

fn list(registry: &Registry) -> Result<()> {
    let webhooks = registry.webhooks()?;
    if webhooks.is_empty() {
        println!("No webhook is registered.");
    }
    for webhook in &webhooks {
        println!("{}", line(webhook));
    }
    Ok(())
}

/// One webhook for people to read; its signing secret stays out.
fn line(webhook: &Value) -> String {
    let text = |name: &str| webhook[name].as_str().unwrap_or("?");
    let events: Vec<&str> =
        webhook["event_types"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let kind = if webhook["is_sandbox"] == true { "sandbox" } else { "production" };
    let state = if webhook["is_active"] == true { "active" } else { "inactive" };
    let events = if events.is_empty() { "all events".to_owned() } else { events.join(", ") };
    format!("{}  {}  {kind}, {state}  {events}", text("webhook_id"), text("url"))
}

fn registered<'list>(webhooks: &'list [Value], url: &str) -> Option<&'list Value> {
    webhooks.iter().find(|webhook| webhook["url"] == url)
}

/// The event types that Canopy's published document lists for a registration.
fn listed_event_types() -> Result<Vec<String>> {
    const PLACE: &str = "/paths/~1teams~1{teamId}~1webhooks/post/requestBody/content/application~1json/schema/properties/eventTypes/items/enum";
    let path = workspace::root().join("contract/openapi.json");
    let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let contract: Value =
        serde_json::from_slice(&text).with_context(|| format!("{} is not JSON", path.display()))?;
    let listed = contract.pointer(PLACE).and_then(Value::as_array);
    let listed = listed.with_context(|| format!("{} lists no event types", path.display()))?;
    Ok(listed.iter().filter_map(Value::as_str).map(String::from).collect())
}

/// The webhooks of one team, as Canopy keeps them.
struct Registry {
    agent: Agent,
    url: String,
    client_id: String,
    client_secret: String,
}

impl Registry {
    fn of(team: &Team) -> Result<Self> {
        let agent =
            Agent::config_builder().http_status_as_error(false).timeout_global(Some(CALL_LIMIT)).build();
        Ok(Self {
            agent: agent.into(),
            url: format!("{}/teams/{}/webhooks", team.api_base_url.trim_end_matches('/'), team.team_id),
            client_id: team.client_id.clone(),
            client_secret: client_secret()?,
        })
    }

    fn webhooks(&self) -> Result<Vec<Value>> {
        let request = self.agent.get(&self.url).header("x-canopy-client-id", &self.client_id);
        let response = request.header("x-canopy-client-secret", &self.client_secret).call();
        let webhooks = Answer::of(response).context("cannot list the webhooks")?.ok()?;
        Ok(webhooks["webhooks"].as_array().context("Canopy's answer has no list of webhooks")?.clone())
    }

    fn register(&self, url: &str, events: &[String]) -> Result<Answer> {
        let request = self.agent.post(&self.url).header("x-canopy-client-id", &self.client_id);
        let request = request.header("x-canopy-client-secret", &self.client_secret);
        let body = json!({"hookUrl": url, "eventTypes": events}).to_string();
        let response = request.header("content-type", "application/json").send(&body);
        // There is no idempotency key: a second try could register a second webhook.
        Answer::of(response)
            .context("whether the webhook was registered is not known: see `cargo xtask webhook list` before trying again")
    }
}

struct Answer {
    status: u16,
    body: Value,
}

impl Answer {
    fn of(response: std::result::Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Self> {
        let mut response = response?;
        let status = response.status().as_u16();
        let text = response.body_mut().read_to_string()?;
        Ok(Self { status, body: serde_json::from_str(&text).unwrap_or(Value::Null) })
    }

    fn is_refusal(&self, code: &str) -> bool {
        self.status == 400 && self.body["error"] == code
    }

    fn ok(self) -> Result<Value> {
        if self.status != 200 {
            let code = self.body["error"].as_str().unwrap_or("no error code");
            bail!("Canopy answered {} {code}", self.status);
        }
        Ok(self.body)
    }
}

fn client_secret() -> Result<String> {
    const NAME: &str = "CANOPY_CLIENT_SECRET";
    if let Some(secret) = env::var(NAME).ok().filter(|secret| !secret.is_empty()) {
        return Ok(secret);
    }
    if !stdin().is_terminal() {
        bail!("the client secret is missing: set {NAME}, or run this in a terminal to be asked for it");
    }
    let secret =
        rpassword::prompt_password("Canopy client secret: ").context("cannot read the client secret")?;
    Ok(secret.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_lists_a_part_of_the_event_types() {
        let listed = listed_event_types().unwrap();
        assert!(listed.iter().any(|event| event == "COMPLETE"));
        assert!(listed.iter().all(|event| EVENT_TYPES.contains(&event.as_str())));
    }

    #[test]
    fn a_listed_webhook_never_shows_its_secret() {
        let webhook = json!({
            "webhook_id": "w1", "signing_secret": "cBiN66y0", "url": "https://example.com/hook",
            "is_sandbox": true, "is_active": true, "event_types": ["COMPLETE"],
        });
        assert_eq!(line(&webhook), "w1  https://example.com/hook  sandbox, active  COMPLETE");
    }

    #[test]
    fn a_url_is_registered_when_one_webhook_has_exactly_it() {
        let webhooks = [json!({"webhook_id": "w1", "url": "https://example.com/hook"})];
        assert!(registered(&webhooks, "https://example.com/hook").is_some());
        assert!(registered(&webhooks, "https://example.com/hook2").is_none());
    }

    #[test]
    fn only_canopys_own_word_is_a_refusal_of_event_types() {
        let refused = Answer { status: 400, body: json!({"error": "INVALID_EVENT_TYPE"}) };
        assert!(refused.is_refusal("INVALID_EVENT_TYPE"));
        let refused = Answer { status: 400, body: json!({"error": "INVALID_URL"}) };
        assert!(!refused.is_refusal("INVALID_EVENT_TYPE"));
        assert_eq!(refused.ok().unwrap_err().to_string(), "Canopy answered 400 INVALID_URL");
    }
}
