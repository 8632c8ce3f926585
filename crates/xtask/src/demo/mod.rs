//! `cargo xtask demo`: the edge and the sandbox on this machine, and one pull through both.

mod back_office;
mod client;
mod forgery;
mod journey;
mod live;
mod local;
mod step;

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::address;
use crate::build::Worker;
use crate::bundle;
use crate::workspace;
use client::Service;
use local::{LocalWorker, Ports, Setup};
use step::step;

/// Start the edge and the sandbox here, take one pull through both, and stay up to be tried out.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Stop after the pull; the exit code is 0 only when every step was seen.
    #[arg(long)]
    once: bool,
    /// The port of the edge on 127.0.0.1.
    #[arg(long, value_name = "PORT", default_value_t = 8787)]
    edge_port: u16,
    /// The port of the sandbox on 127.0.0.1.
    #[arg(long, value_name = "PORT", default_value_t = 8788)]
    sandbox_port: u16,
    /// Start with empty storage, forgetting the pulls of earlier demos.
    #[arg(long)]
    fresh: bool,
    /// The origin of a page of yours that may use the edge, as http://localhost:5173; may be given several times.
    #[arg(long, value_name = "ORIGIN", value_parser = address::page_origin)]
    allow_origin: Vec<String>,
}

/// How often a Worker that stays up is looked after.
const WATCH_EVERY: Duration = Duration::from_millis(500);

pub fn run(arguments: &Arguments) -> Result<()> {
    let ports = Ports { edge: arguments.edge_port, sandbox: arguments.sandbox_port };
    ports.check()?;
    let (interrupt, interrupted) = channel();
    // From the first Worker on an interruption must not skip stopping them.
    ctrlc::set_handler(move || {
        // Nobody listens any more: the demo is ending anyway.
        let _ = interrupt.send(());
    })
    .context("cannot listen for Ctrl-C")?;

    let setup = Setup { ports, more_origins: arguments.allow_origin.clone() };
    let [edge_bundle, sandbox_bundle] = bundle::all()?;
    let storage = workspace::root().join(".wrangler/demo");
    if arguments.fresh {
        workspace::remove_directory(&storage)?;
    }

    println!();
    let edge = Service::new(ports.edge);
    let sandbox = Service::new(ports.sandbox);
    let mut sandbox_worker = step("sandbox started", || {
        let worker = LocalWorker::start(Worker::Sandbox, &sandbox_bundle, &setup, &storage)?;
        Ok((worker, sandbox.url("/sandbox")))
    })?;
    let mut edge_worker = step("edge started", || {
        let worker = LocalWorker::start(Worker::Edge, &edge_bundle, &setup, &storage)?;
        Ok((worker, edge.url("/")))
    })?;

    let pull_id =
        journey::one_pull(&edge, &sandbox, &mut || interrupted.try_recv().is_ok()).inspect_err(|_| {
            println!("\nThe logs: {} and {}", edge_worker.log().display(), sandbox_worker.log().display());
        })?;
    println!("\nEvery step was seen.");
    if arguments.once {
        return Ok(());
    }

    invite(&edge, &sandbox, &pull_id, &edge_worker, &sandbox_worker)?;
    loop {
        match interrupted.recv_timeout(WATCH_EVERY) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                edge_worker.check()?;
                sandbox_worker.check()?;
            }
        }
    }
    println!("\nStopped.");
    Ok(())
}

/// What one can do with the two while they stay up.
fn invite(
    edge: &Service,
    sandbox: &Service,
    pull_id: &str,
    edge_worker: &LocalWorker,
    sandbox_worker: &LocalWorker,
) -> Result<()> {
    println!("\nBoth stay up until Ctrl-C.\n");
    for page in pages()? {
        println!("  page     {}", edge.url(&format!("/{page}")));
    }
    println!("  sandbox  {}", sandbox.url("/sandbox"));
    println!("  logs     {}", edge_worker.log().display());
    println!("           {}", sandbox_worker.log().display());
    println!("\nRead the pull back:\n");
    let pull = edge.url(&format!("/api/v1/pulls/{pull_id}"));
    for path in ["", "/intake", "/intake?form=text", "/events", "/snapshots/latest"] {
        println!("  curl -s -H 'authorization: Bearer {}' {pull}{path}", local::API_TOKEN);
    }
    println!("\nMove the time of both at {}, or with:\n", sandbox.url("/sandbox"));
    println!("  curl -s {} -d '{{\"to\":\"next_due\"}}'", sandbox.url("/sandbox/clock"));
    Ok(())
}

/// The example pages, as paths on the edge.
fn pages() -> Result<Vec<String>> {
    let directory = workspace::root().join("www");
    let entries =
        std::fs::read_dir(&directory).with_context(|| format!("cannot read {}", directory.display()))?;
    let mut pages = Vec::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name == "index.html" {
            pages.push(String::new());
        } else if let Some(page) = name.strip_suffix(".html") {
            pages.push(page.to_owned());
        }
    }
    pages.sort();
    Ok(pages)
}
