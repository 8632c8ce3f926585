//! The back office of an edge, as commands ask it.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use ureq::Agent;

use crate::answer::Answer;
use crate::secret;

const CALL_LIMIT: Duration = Duration::from_secs(120);

pub struct Edge {
    agent: Agent,
    origin: String,
    token: String,
}

impl Edge {
    /// The edge at `origin`, asked with the token of EDGE_API_TOKEN, or one that is entered.
    pub fn at(origin: &str) -> Result<Self> {
        let agent =
            Agent::config_builder().http_status_as_error(false).timeout_global(Some(CALL_LIMIT)).build();
        let token = secret::read("EDGE_API_TOKEN", "edge's token (one of EDGE_API_TOKENS)")?;
        Ok(Self { agent: agent.into(), origin: origin.to_owned(), token })
    }

    pub fn get(&self, path: &str) -> Result<Answer> {
        let request = self.agent.get(self.url(path)).header("authorization", self.authorization());
        Answer::of(request.call()).with_context(|| self.silent())
    }

    /// Puts JSON.
    pub fn put(&self, path: &str, json: &str) -> Result<Answer> {
        let request = self.agent.put(self.url(path)).header("authorization", self.authorization());
        let response = request.header("content-type", "application/json").send(json);
        Answer::of(response).with_context(|| self.silent())
    }

    /// Posts JSON, or nothing.
    pub fn post(&self, path: &str, json: Option<&str>) -> Result<Answer> {
        let request = self.agent.post(self.url(path)).header("authorization", self.authorization());
        let response = match json {
            Some(json) => request.header("content-type", "application/json").send(json),
            None => request.send_empty(),
        };
        Answer::of(response).with_context(|| self.silent())
    }

    /// What an answer with `status` holds.
    pub fn expect(&self, answer: Answer, status: u16) -> Result<Value> {
        if answer.status != status {
            let detail = answer.body["detail"].as_str().unwrap_or("is that an edge of this version?");
            bail!("{} answered {}: {detail}", self.origin, answer.status);
        }
        Ok(answer.body)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    fn authorization(&self) -> String {
        format!("Bearer {}", self.token)
    }

    fn silent(&self) -> String {
        format!("{} gave no answer", self.origin)
    }
}
