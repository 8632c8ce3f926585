//! Registrations of webhook receivers.

use serde_json::{Value, json};
use url::Url;

use super::request::{Outcome, Refusal, Request, ok};
use crate::{contract, ids, rows::Hook, world::World};

/// Sent although the published lists omit them (contract, "Where the published document contradicts itself").
const UNLISTED_EVENT_TYPES: [&str; 1] = ["MONITORING_EVENTS"];

impl World {
    pub(super) fn list_webhooks(&self, request: &Request<'_>) -> Outcome {
        let webhooks: Vec<Value> = self
            .hooks
            .values()
            .filter(|hook| hook.team_id == request.team_id)
            .map(|hook| {
                json!({
                    "webhook_id": hook.webhook_id,
                    "signing_secret": hook.signing_secret,
                    "url": hook.url,
                    "is_sandbox": true,
                    "is_active": hook.is_active,
                    "event_types": hook.event_types,
                })
            })
            .collect();
        ok(&json!({ "webhooks": webhooks }))
    }

    pub(super) fn register_webhook(&mut self, request: &Request<'_>) -> Outcome {
        let body = request.object(Refusal("INVALID_URL"))?;
        let url = body["hookUrl"]
            .as_str()
            .filter(|url| Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https")));
        let hook = Hook {
            team_id: request.team_id.clone(),
            webhook_id: ids::random_uuid(),
            url: url.ok_or(Refusal("INVALID_URL"))?.to_owned(),
            signing_secret: ids::signing_secret(),
            is_active: true,
            is_configured: false,
            event_types: event_types(&body)?.unwrap_or_default(),
        };
        let answer = json!({"webhook_id": hook.webhook_id, "signing_secret": hook.signing_secret});
        self.hooks.insert(hook.webhook_id.clone(), hook);
        ok(&answer)
    }

    pub(super) fn patch_webhook(&mut self, request: &Request<'_>) -> Outcome {
        let id = request.id("webhookId", Refusal("INVALID_WEBHOOK_ID"))?;
        let body = request.object(Refusal("INVALID_IS_ACTIVE"))?;
        let is_active = match body.get("isActive") {
            None => None,
            Some(given) => Some(given.as_bool().ok_or(Refusal("INVALID_IS_ACTIVE"))?),
        };
        let event_types = event_types(&body)?;
        self.hook_of(request, id).ok_or(Refusal("NOT_FOUND"))?;
        let hook = self.hooks.get_mut(id).ok_or(Refusal("NOT_FOUND"))?;
        hook.is_active = is_active.unwrap_or(hook.is_active);
        hook.event_types = event_types.unwrap_or_else(|| hook.event_types.clone());
        ok(&json!({"success": true}))
    }

    pub(super) fn delete_webhook(&mut self, request: &Request<'_>) -> Outcome {
        let id = request.id("webhookId", Refusal("INVALID_WEBHOOK_ID"))?;
        self.hook_of(request, id).ok_or(Refusal("INVALID_WEBHOOK_ID"))?;
        self.hooks.remove(id);
        ok(&json!({"success": true}))
    }

    fn hook_of(&self, request: &Request<'_>, webhook_id: &str) -> Option<&Hook> {
        self.hooks.get(webhook_id).filter(|hook| hook.team_id == request.team_id)
    }
}

/// The wanted event types; `None` when the request says nothing about them.
fn event_types(body: &Value) -> Result<Option<Vec<String>>, Refusal> {
    let Some(given) = body.get("eventTypes") else { return Ok(None) };
    let listed = contract::listed_values("WebhookBody", "event_type");
    let known = |name: &&str| listed.contains(name) || UNLISTED_EVENT_TYPES.contains(name);
    let names = given.as_array().ok_or(Refusal("INVALID_EVENT_TYPE"))?;
    names
        .iter()
        .map(|name| name.as_str().filter(known).map(str::to_owned).ok_or(Refusal("INVALID_EVENT_TYPE")))
        .collect::<Result<_, _>>()
        .map(Some)
}
