//! `cargo xtask webhook register`.

use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::listed;
use super::reachable::{self, Standing};
use super::registry::{self, Registry, Team};
use crate::workspace;

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

pub fn run(team: &Team, url: &str, events: &[String]) -> Result<()> {
    let standing = reachable::check(url)?;
    let registry = Registry::of(team)?;
    if let Some(webhook) = registry.webhooks()?.iter().find(|webhook| listed::is_at(webhook, url)) {
        let id = listed::id(webhook);
        bail!(
            "{url} is registered already, as webhook {id}: `cargo xtask webhook remove --id {id}` first, or register another URL"
        );
    }
    let webhook = register(&registry, url, events)?;
    let id = webhook["webhook_id"].as_str().context("Canopy's answer names no webhook_id")?;
    let secret = webhook["signing_secret"].as_str().context("Canopy's answer has no signing_secret")?;
    println!("Registered {url} as webhook {id}.\n");
    println!("Its signing secret: {secret}\n");
    println!("Give it to the edge, which asks for it on");
    println!("  npx wrangler secret put CANOPY_WEBHOOK_SIGNING_SECRET --env production");
    match standing {
        Standing::AwaitsSecret => {
            println!("(--env sandbox for a sandbox key). Until then the edge answers 503.");
        }
        Standing::Configured => {
            println!(
                "(--env sandbox for a sandbox key). If the edge has another secret already that is still in use,"
            );
            println!("enter both, separated by a comma: OLD,NEW.");
        }
    }
    println!("Then see whether it is right: cargo xtask webhook test --url {url}");
    Ok(())
}

/// Registers all event types that Canopy takes, or exactly `events`.
fn register(registry: &Registry, url: &str, events: &[String]) -> Result<Value> {
    let all = EVENT_TYPES.map(String::from);
    let wanted: &[String] = if events.is_empty() { &all } else { events };
    let mut answer = registry.register(url, wanted)?;
    if answer.is(400, "INVALID_EVENT_TYPE") && events.is_empty() {
        let listed = listed_event_types()?;
        let (kept, left): (Vec<_>, Vec<_>) = all.iter().cloned().partition(|event| listed.contains(event));
        println!(
            "Canopy does not take subscriptions to all event types by name; left out: {}.",
            left.join(", ")
        );
        answer = registry.register(url, &kept)?;
    }
    registry::ok(answer)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_lists_a_part_of_the_event_types() {
        let listed = listed_event_types().unwrap();
        assert!(listed.iter().any(|event| event == "COMPLETE"));
        assert!(listed.iter().all(|event| EVENT_TYPES.contains(&event.as_str())));
    }
}
