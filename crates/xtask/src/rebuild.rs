//! `cargo xtask rebuild`: has every pull of an edge write its line in the list anew.

use std::env;
use std::io::{IsTerminal, stdin};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use ureq::Agent;
use url::Url;

use crate::address;
use crate::progress::Progress;

const CALL_LIMIT: Duration = Duration::from_secs(120);

/// Rebuild an edge's list of pulls from the pulls themselves.
///
/// May be interrupted and run again. The token is read from EDGE_API_TOKEN, or asked for; it is never an argument.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The edge, as https://edge.example.com; http only on this machine.
    #[arg(long, value_parser = address::page_origin)]
    edge: String,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let token = token()?;
    let agent: Agent =
        Agent::config_builder().http_status_as_error(false).timeout_global(Some(CALL_LIMIT)).build().into();
    let progress = Progress::start("pulls told to write their lines");
    let (mut told, mut cursor) = (0, None);
    loop {
        let page = page(&agent, &arguments.edge, &token, cursor.as_deref())?;
        told += page["pulls"].as_u64().context("the edge's answer has no number of pulls")?;
        progress.note(told.to_string());
        match page["cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    progress.done(&format!("{told}; the last of them is in the list within seconds"));
    Ok(())
}

/// Has one page of pulls told. Safe to repeat.
fn page(agent: &Agent, edge: &str, token: &str, cursor: Option<&str>) -> Result<Value> {
    let mut url = Url::parse(edge).and_then(|edge| edge.join("/api/v1/rebuild"))?;
    if let Some(cursor) = cursor {
        url.query_pairs_mut().append_pair("cursor", cursor);
    }
    let request = agent.post(url.as_str()).header("authorization", format!("Bearer {token}"));
    let mut response = request.send_empty().with_context(|| format!("{edge} gave no answer"))?;
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string()?;
    let answer: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
    if status != 202 {
        let detail = answer["detail"].as_str().unwrap_or("is that an edge of this version?");
        bail!("{edge} answered {status}: {detail}");
    }
    Ok(answer)
}

fn token() -> Result<String> {
    const NAME: &str = "EDGE_API_TOKEN";
    if let Some(token) = env::var(NAME).ok().filter(|token| !token.is_empty()) {
        return Ok(token);
    }
    if !stdin().is_terminal() {
        bail!(
            "the token is missing: set {NAME} to one of EDGE_API_TOKENS, or run this in a terminal to be asked for it"
        );
    }
    let token = rpassword::prompt_password("Token of EDGE_API_TOKENS: ").context("cannot read the token")?;
    Ok(token.trim().to_owned())
}
