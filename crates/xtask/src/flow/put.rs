//! `cargo xtask flow put`.

use std::path::Path;

use anyhow::{Context, Result};

use super::definition::Definition;
use crate::answer::Answer;
use crate::edge::Edge;

pub fn run(file: &Path, name: Option<&str>, edge: &str) -> Result<()> {
    let definition = Definition::read(file)?;
    let group = definition.group(name)?;
    let edge = Edge::at(edge)?;
    let answer = edge.put(&format!("/api/v1/flows/{group}"), &definition.text)?;
    println!("{}", outcome(&group, &definition.taken(&edge, answer, "")?)?);
    Ok(())
}

fn outcome(group: &str, answer: &Answer) -> Result<String> {
    let version = answer.body["version"].as_u64().context("the edge's answer names no version")?;
    Ok(match answer.status {
        201 => format!("{group}: version {version}"),
        _ => format!("{group}: equals version {version}, the newest; nothing was written"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_version_is_a_new_one_or_the_newest() {
        let outcome = |status| outcome("crm", &Answer { status, body: json!({ "version": 3 }) }).unwrap();
        assert_eq!(outcome(201), "crm: version 3");
        assert_eq!(outcome(200), "crm: equals version 3, the newest; nothing was written");
        assert!(super::outcome("crm", &Answer { status: 200, body: json!({}) }).is_err());
    }
}
