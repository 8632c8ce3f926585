//! `cargo xtask rebuild`: has every pull of an edge write its line in the list anew.

use anyhow::{Context, Result};
use serde_json::Value;
use url::form_urlencoded::Serializer;

use crate::address;
use crate::edge::Edge;
use crate::progress::Progress;

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
    let edge = Edge::at(&arguments.edge)?;
    let progress = Progress::start("pulls told to write their lines");
    let (mut told, mut cursor) = (0, None);
    loop {
        let page = page(&edge, cursor.as_deref())?;
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
fn page(edge: &Edge, cursor: Option<&str>) -> Result<Value> {
    let cursor = cursor.map(|cursor| ("cursor", cursor));
    let query = Serializer::new(String::new()).extend_pairs(cursor).finish();
    edge.expect(edge.post(&format!("/api/v1/rebuild?{query}"), None)?, 202)
}
