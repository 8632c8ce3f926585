//! `cargo xtask flow dry-run`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use serde::Serialize;
use serde_json::{Value, json, value::RawValue};

use super::definition::Definition;
use super::report;
use crate::edge::Edge;

/// What is played, and what is answered.
#[derive(Debug, clap::Args)]
pub struct Play {
    /// The recorded pull.
    #[arg(long, value_name = "ID")]
    pull: String,
    /// The flow; without it all that the pull's entries start.
    #[arg(long, value_name = "NAME")]
    flow: Option<String>,
    /// The entry that starts it, by its position in the pull's log.
    #[arg(long)]
    position: Option<u64>,
    /// What an instance would be configured with.
    #[arg(long, value_name = "FILE|JSON", value_parser = json_or_file)]
    config: Option<Value>,
    /// What others answer, by the step's path: {"mail": {"status": 500}, "ok": {"approved": false}}.
    #[arg(long, value_name = "FILE|JSON", value_parser = json_or_file)]
    answers: Option<Value>,
    /// Print the edge's answer as JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(file: &Path, name: Option<&str>, edge: &str, play: &Play) -> Result<()> {
    let definition = Definition::read(file)?;
    let group = definition.group(name)?;
    let body = play
        .body(&definition.text)
        .map_err(|error| anyhow!(definition.wrong("", &format!("expected JSON: {error}"))))?;
    let edge = Edge::at(edge)?;
    let answer = edge.post(&format!("/api/v1/flows/{group}/dry-run"), Some(&body))?;
    let played = definition.taken(&edge, answer, "/definition")?.body;
    if play.json {
        println!("{played:#}");
    } else {
        report::lines(&played).iter().for_each(|line| println!("{line}"));
    }
    Ok(())
}

/// What is posted. The members of a definition keep their order.
#[derive(Serialize)]
struct Body<'b> {
    definition: &'b RawValue,
    pull_id: &'b str,
    #[serde(skip_serializing_if = "Option::is_none")]
    flow: Option<&'b str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u64>,
    config: Value,
    answers: Value,
}

impl Play {
    pub fn body(&self, definition: &str) -> serde_json::Result<String> {
        let given = |value: &Option<Value>| value.clone().unwrap_or_else(|| json!({}));
        serde_json::to_string(&Body {
            definition: serde_json::from_str(definition)?,
            pull_id: &self.pull,
            flow: self.flow.as_deref(),
            position: self.position,
            config: given(&self.config),
            answers: given(&self.answers),
        })
    }
}

/// JSON as it is written on the command line, or that of a file.
fn json_or_file(text: &str) -> Result<Value> {
    let read = if text.starts_with('{') {
        text.to_owned()
    } else {
        fs::read_to_string(text).with_context(|| format!("cannot read {text}"))?
    };
    serde_json::from_str(&read).map_err(|error| anyhow!("expected JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_is_sent_as_it_stands() {
        let play = Play {
            pull: "1".to_owned(),
            flow: None,
            position: None,
            config: None,
            answers: None,
            json: false,
        };
        let body = play.body("{\"z\":1,\n \"a\":2}").unwrap();
        assert_eq!(
            body,
            "{\"definition\":{\"z\":1,\n \"a\":2},\"pull_id\":\"1\",\"config\":{},\"answers\":{}}"
        );
        assert!(play.body("{").is_err());
    }
}
