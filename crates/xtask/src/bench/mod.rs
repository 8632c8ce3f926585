//! `cargo xtask bench`: the edge's ingest beside the same job in TypeScript, and beside a floor.

use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use anyhow::{Result, ensure};

use crate::workspace;
use contestant::Contestant;
use measure::Effort;
use row::{ROWS, Row};
use workerd::Workerd;

mod contestant;
mod cpu;
mod load;
mod measure;
mod row;
mod table;
mod webhook;
mod workerd;

/// Measure the edge's ingest side by side with a TypeScript peer and a floor.
///
/// All run on workerd alone, each in a process of its own with fresh storage, in alternating rounds of the same
/// number of requests; each figure is the median of the rounds. An answer with another status than
/// expected ends the benchmark. Nothing else should be running meanwhile: compare the ratios, not the figures.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Rounds of each row.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// About how long a round of the edge lasts.
    #[arg(long, value_name = "S", default_value_t = 2.0)]
    seconds: f64,
    /// Connections that send at the same time.
    #[arg(long, value_name = "C", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    connections: u16,
    /// Only this row, and no start-up; may be given several times.
    #[arg(long, value_name = "ROW", value_parser = ROWS.map(|row| row.name))]
    only: Vec<String>,
    /// Without the peer and the floor.
    #[arg(long)]
    edge_only: bool,
    /// Beside another bundle of the edge (a copy of build/bundle/edge) in place of the peer and the floor.
    #[arg(long, value_name = "DIRECTORY", conflicts_with = "edge_only")]
    against: Option<PathBuf>,
    /// Where the Workers keep their storage while they run. In memory (/dev/shm, some gigabytes) no disk that others
    /// use too blurs the figures.
    #[arg(long, value_name = "DIRECTORY", default_value_os_t = workspace::root().join("build/bench"))]
    storage: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    ensure!(arguments.seconds > 0.0, "--seconds must be more than 0");
    let effort = Effort {
        rounds: arguments.rounds.into(),
        seconds: arguments.seconds,
        connections: arguments.connections.into(),
    };
    let mut contestants = vec![Contestant::edge()?];
    if let Some(bundle) = &arguments.against {
        contestants.push(Contestant::edge_at(bundle)?);
    } else if !arguments.edge_only {
        contestants.extend([Contestant::peer()?, Contestant::floor()?]);
    }
    let directory = arguments.storage.join("canopy-edge-bench");
    let _lock = workspace::lock(&directory.with_extension("lock"))?;
    let outcome = measured(arguments, effort, &contestants, &directory);
    workspace::remove_directory(&directory)?;
    outcome
}

fn measured(
    arguments: &Arguments,
    effort: Effort,
    contestants: &[Contestant],
    directory: &Path,
) -> Result<()> {
    let kv = Workerd::start(&contestant::kv()?, directory.join("kv"))?;
    let chosen = |row: &&Row| arguments.only.is_empty() || arguments.only.iter().any(|name| name == row.name);
    let mut measured = Vec::new();
    for row in ROWS.iter().filter(chosen) {
        measured.push(measure::row(*row, contestants, effort, kv.port, directory)?);
    }
    println!("\n{}", table::table(contestants, &measured));
    if arguments.only.is_empty() {
        println!("{}", table::sizes(contestants, &measure::starts(contestants, kv.port, directory)?));
    }
    let client = measured.iter().map(|measured| measured.client_share).fold(0.0, f64::max);
    println!("{}", legend(effort, &arguments.storage, client));
    Ok(())
}

fn legend(effort: Effort, storage: &Path, client: f64) -> String {
    let processors = available_parallelism().map_or(1, usize::from);
    format!(
        "Medians of {} rounds of about {} s over {} connections, storage in {}. p50, p99: milliseconds.\n\
         CPU: milliseconds of the workerd process a request, with all work that follows it (copies to KV). Ratios: above\n\
         1 for req/s and below 1 for CPU the edge is ahead. Start-up: process start to first answer, less that of an\n\
         empty Worker. The load generator took at most {client:.2} of one processor, of {processors} in this machine.\n\
         The floor only stores the body: no signature, no state, no copies.",
        effort.rounds,
        effort.seconds,
        effort.connections,
        storage.display()
    )
}
