//! `cargo xtask sync`: has an edge compare what it knows with Canopy's list of pulls.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::address;
use crate::edge::Edge;
use crate::progress::{Progress, say};

const PATH: &str = "/api/v1/sync";
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long an edge may give no answer, or none of its own, while it is followed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Have an edge compare what it knows with Canopy's list, and fetch what no webhook told of.
///
/// May be interrupted and run again: the edge goes on, and the command follows a comparison that is under way. The token is
/// read from EDGE_API_TOKEN, or asked for; it is never an argument.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The edge, as https://edge.example.com; http only on this machine.
    #[arg(long, value_parser = address::page_origin)]
    edge: String,
    /// Compare the pulls begun at this time or later, as 2026-01-31T00:00:00Z; without it all there are.
    #[arg(long, value_name = "RFC 3339")]
    since: Option<String>,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let edge = Edge::at(&arguments.edge)?;
    let mut sync = begun(&edge, arguments.since.as_deref())?;
    let progress = Progress::start("pulls compared with Canopy's list");
    while sync["state"] == "running" {
        progress.note(so_far(&sync));
        sleep(LOOK_EVERY);
        sync = look(&edge).context("the edge goes on by itself: run this again to follow it")?;
    }
    let problem = sync["problem"].as_str();
    match sync["state"].as_str() {
        Some("done") => progress.done(&report(&sync)),
        Some("failed") => bail!(
            "the edge gave up after {}: {}; run this again when that is mended",
            report(&sync),
            problem.unwrap_or("it does not say why")
        ),
        _ => bail!("the edge says nothing of its comparison: is that an edge of this version?"),
    }
    if sync["failed"].as_u64().is_some_and(|failed| failed > 0) {
        println!("What failed could not be read or reached: run this again.");
    }
    Ok(())
}

/// A comparison that begins, or the one that is under way.
fn begun(edge: &Edge, since: Option<&str>) -> Result<Value> {
    let body = since.map_or(json!({}), |since| json!({ "since": since }));
    let answer = edge.post(PATH, Some(&body.to_string()));
    let answer = answer.context(
        "whether the comparison has begun is not known: run this again, which follows one that has",
    )?;
    if answer.status != 409 {
        return edge.expect(answer, 202);
    }
    let sync = edge.expect(edge.get(PATH)?, 200)?;
    say(&format!("Following the comparison that is under way already, {}.", whose(&sync)));
    Ok(sync)
}

/// How the comparison stands; asked again while the edge gives no answer of its own.
fn look(edge: &Edge) -> Result<Value> {
    let limit = Instant::now() + PATIENCE;
    loop {
        let answer = edge.get(PATH);
        let may_pass = answer.as_ref().map_or(true, |answer| answer.status == 429 || answer.status >= 500);
        if !may_pass || Instant::now() >= limit {
            return edge.expect(answer?, 200);
        }
        sleep(LOOK_EVERY);
    }
}

fn whose(sync: &Value) -> String {
    let text = |name: &str, other| sync[name].as_str().unwrap_or(other);
    let of = sync["since"].as_str().map_or("all pulls".to_owned(), |since| format!("pulls since {since}"));
    format!(
        "of {of}, begun by {} at {}",
        text("caller", "an unknown caller"),
        text("started_at", "an unknown time")
    )
}

fn so_far(sync: &Value) -> String {
    let total = sync["total"].as_u64().map_or(String::new(), |total| format!(" of {total}"));
    let problem = sync["problem"].as_str().map_or(String::new(), |problem| format!("; {problem}"));
    format!("{}{total}{problem}", sync["listed"])
}

fn report(sync: &Value) -> String {
    let [listed, adopted, fetched, current, failed] =
        ["listed", "adopted", "fetched", "current", "failed"].map(|name| &sync[name]);
    format!("{listed}: {adopted} adopted, {fetched} fetched, {current} current, {failed} failed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sync() -> Value {
        json!({
            "state": "running", "caller": "schedule", "since": null, "started_at": "2026-01-31T09:00:00.000Z",
            "finished_at": null, "listed": 20, "total": null, "adopted": 3, "fetched": 2, "current": 14, "failed": 1,
            "problem": null,
        })
    }

    #[test]
    fn a_comparison_reads_as_it_stands() {
        let mut sync = sync();
        assert_eq!(so_far(&sync), "20");
        assert_eq!(report(&sync), "20: 3 adopted, 2 fetched, 14 current, 1 failed");
        assert_eq!(whose(&sync), "of all pulls, begun by schedule at 2026-01-31T09:00:00.000Z");
        sync["since"] = json!("2026-01-28T09:00:00.000Z");
        sync["total"] = json!(50);
        sync["problem"] = json!("Canopy did not give its list (status 503)");
        assert_eq!(so_far(&sync), "20 of 50; Canopy did not give its list (status 503)");
        assert!(whose(&sync).starts_with("of pulls since 2026-01-28T09:00:00.000Z, "));
    }
}
