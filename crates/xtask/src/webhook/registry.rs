//! The webhooks of one team, as Canopy keeps them.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use ureq::{Agent, RequestBuilder};

use crate::answer::Answer;
use crate::secret;

const CALL_LIMIT: Duration = Duration::from_secs(60);

#[derive(Debug, clap::Args)]
pub struct Team {
    /// Where Canopy's API is.
    #[arg(long, env = "CANOPY_API_BASE_URL", default_value = "https://app.usecanopy.com/api/v1.0.0")]
    api_base_url: String,
    #[arg(long, env = "CANOPY_TEAM_ID")]
    team_id: String,
    #[arg(long, env = "CANOPY_CLIENT_ID")]
    client_id: String,
}

pub struct Registry {
    agent: Agent,
    url: String,
    client_id: String,
    client_secret: String,
}

impl Registry {
    pub fn of(team: &Team) -> Result<Self> {
        let agent =
            Agent::config_builder().http_status_as_error(false).timeout_global(Some(CALL_LIMIT)).build();
        Ok(Self {
            agent: agent.into(),
            url: format!("{}/teams/{}/webhooks", team.api_base_url.trim_end_matches('/'), team.team_id),
            client_id: team.client_id.clone(),
            client_secret: secret::read("CANOPY_CLIENT_SECRET", "Canopy client secret")?,
        })
    }

    pub fn webhooks(&self) -> Result<Vec<Value>> {
        let response = self.authorized(self.agent.get(&self.url)).call();
        let webhooks = ok(Answer::of(response).context("cannot list the webhooks")?)?;
        Ok(webhooks["webhooks"].as_array().context("Canopy's answer has no list of webhooks")?.clone())
    }

    pub fn register(&self, url: &str, events: &[String]) -> Result<Answer> {
        let body = json!({"hookUrl": url, "eventTypes": events}).to_string();
        let request = self.authorized(self.agent.post(&self.url));
        let response = request.header("content-type", "application/json").send(&body);
        // There is no idempotency key: a second try could register a second webhook.
        Answer::of(response)
            .context("whether the webhook was registered is not known: see `cargo xtask webhook list` before trying again")
    }

    pub fn remove(&self, id: &str) -> Result<()> {
        let response = self.authorized(self.agent.delete(format!("{}/{id}", self.url))).call();
        let answer = Answer::of(response)
            .context("whether the webhook was removed is not known: see `cargo xtask webhook list`")?;
        ok(answer).map(drop)
    }

    fn authorized<Body>(&self, request: RequestBuilder<Body>) -> RequestBuilder<Body> {
        let request = request.header("x-canopy-client-id", &self.client_id);
        request.header("x-canopy-client-secret", &self.client_secret)
    }
}

/// What Canopy gave, or its refusal as an error.
pub fn ok(answer: Answer) -> Result<Value> {
    if answer.status != 200 {
        bail!("Canopy answered {answer}");
    }
    Ok(answer.body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_named_as_canopy_names_it() {
        let refused = Answer { status: 400, body: json!({"error": "INVALID_URL"}) };
        assert_eq!(ok(refused).unwrap_err().to_string(), "Canopy answered 400 INVALID_URL");
    }
}
