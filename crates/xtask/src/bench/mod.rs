//! `cargo xtask bench`: the edge's ingest beside the same job in TypeScript, and beside a floor; and
//! how soon a webhook changes a screen.

use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use anyhow::{Result, ensure};
use clap::builder::PossibleValuesParser;

use crate::workspace;
use contestant::Contestant;
use measure::Effort;
use row::{ROWS, Row};
use script::SCRIPTS;
use workerd::Workerd;

mod contestant;
mod cpu;
mod load;
mod measure;
mod profile;
mod quantile;
mod row;
mod screen;
mod script;
mod table;
mod webhook;
mod workerd;

/// Measure the edge's ingest side by side with a TypeScript peer and a floor, and how soon a webhook changes a screen.
///
/// All run on workerd alone, each in a process of its own with fresh storage, in alternating rounds of the same
/// number of requests; each figure is the median of the rounds. An answer with another status than
/// expected ends the benchmark. Nothing else should be running meanwhile: compare the ratios, not the figures.
///
/// The row `list` is the edge's alone: pages of a list of 100 and of 10,000 pulls. So is the row `cost`, and beside --against
/// another's: what Cloudflare would bill for whole pulls, one a
/// round.
///
/// The rows `search` and `arrival` are the page's: a key of the search of insurance companies, and how soon the element is
/// there on a slow line.
///
/// The row `screen` is the edge's alone: a real browser shows the element, and the page's own clock tells how long a
/// webhook takes to change what it shows.
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
    /// Only this row, or the start-up; may be given several times.
    #[arg(long, value_name = "ROW", value_parser = PossibleValuesParser::new(names()))]
    only: Vec<String>,
    /// Without the peer and the floor.
    #[arg(long)]
    edge_only: bool,
    /// Sample in which functions the time goes, each row and Worker for --seconds, in place of measuring it.
    #[arg(long)]
    profile: bool,
    /// Beside another bundle of the edge (a copy of build/bundle/edge) in place of the peer and the floor.
    #[arg(long, value_name = "DIRECTORY", conflicts_with = "edge_only")]
    against: Option<PathBuf>,
    /// Where the Workers keep their storage while they run. In memory (/dev/shm, some gigabytes) no disk that others
    /// use too blurs the figures.
    #[arg(long, value_name = "DIRECTORY", default_value_os_t = workspace::root().join("build/bench"))]
    storage: PathBuf,
}

impl Arguments {
    fn is_chosen(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == name)
    }
}

/// What `--only` calls the start-up.
const START: &str = "start";

pub fn run(arguments: &Arguments) -> Result<()> {
    ensure!(arguments.seconds > 0.0, "--seconds must be more than 0");
    let effort = Effort {
        rounds: arguments.rounds.into(),
        seconds: arguments.seconds,
        connections: arguments.connections.into(),
    };
    let is_chosen = |name| arguments.is_chosen(name);
    let rows: Vec<Row> = ROWS.into_iter().filter(|row| is_chosen(row.name)).collect();
    let browser = is_chosen(screen::NAME).then(screen::browser).transpose()?;
    let directory = arguments.storage.join("canopy-edge-bench");
    let _lock = workspace::lock(&directory.with_extension("lock"))?;
    let outcome = ingest(arguments, effort, &rows, &directory).and_then(|()| {
        let Some(browser) = browser else { return Ok(()) };
        let measured = screen::measure(&browser, arguments.rounds, &directory.join("screen"))?;
        println!("\n{}", measured.table());
        Ok(())
    });
    let outcome = outcome.and_then(|()| {
        let mut chosen = SCRIPTS.iter().filter(|script| is_chosen(script.name));
        chosen.try_for_each(|script| script.measure(arguments.rounds, arguments.against.as_deref()))
    });
    workspace::remove_directory(&directory)?;
    outcome
}

/// What `--only` may be given.
fn names() -> impl Iterator<Item = &'static str> {
    ROWS.map(|row| row.name)
        .into_iter()
        .chain([START, screen::NAME])
        .chain(SCRIPTS.iter().map(|script| script.name))
}

fn contestants(arguments: &Arguments) -> Result<Vec<Contestant>> {
    let mut contestants = vec![Contestant::edge()?];
    if let Some(bundle) = &arguments.against {
        contestants.push(Contestant::edge_at(bundle)?);
    } else if !arguments.edge_only {
        contestants.extend([Contestant::peer()?, Contestant::floor()?]);
    }
    Ok(contestants)
}

fn ingest(arguments: &Arguments, effort: Effort, rows: &[Row], directory: &Path) -> Result<()> {
    let has_starts = arguments.is_chosen(START) && !arguments.profile;
    if rows.is_empty() && !has_starts {
        return Ok(());
    }
    let contestants = &contestants(arguments)?;
    let stores = Workerd::start(&contestant::stores()?, directory.join("stores"))?;
    if arguments.profile {
        for (row, contestant) in rows.iter().flat_map(|row| contestants.iter().map(move |one| (row, one))) {
            let (seconds, connections) = (effort.seconds, effort.connections);
            profile::row(*row, contestant, seconds, connections, stores.port, directory)?;
        }
        return Ok(());
    }
    let mut measured = Vec::new();
    for row in rows {
        measured.push(measure::row(*row, contestants, effort, stores.port, directory)?);
    }
    if !rows.is_empty() {
        println!("\n{}", table::table(contestants, &measured));
    }
    if has_starts {
        println!("{}", table::sizes(contestants, &measure::starts(contestants, stores.port, directory)?));
    }
    let client = measured.iter().map(|measured| measured.client_share).fold(0.0, f64::max);
    println!("{}", legend(effort, &arguments.storage, client));
    Ok(())
}

fn legend(effort: Effort, storage: &Path, client: f64) -> String {
    let processors = available_parallelism().map_or(1, usize::from);
    format!(
        "Medians of {} rounds of about {} s over {} connections, storage in {}. p50, p99: milliseconds.\n\
         CPU: milliseconds of the workerd process a request, with all work that follows it (copies to KV and D1). Ratios: above\n\
         1 for req/s and below 1 for CPU the edge is ahead. Start-up: process start to first answer, less that of an\n\
         empty Worker. The load generator took at most {client:.2} of one processor, of {processors} in this machine.\n\
         The floor only stores the body: no signature, no state, no copies.",
        effort.rounds,
        effort.seconds,
        effort.connections,
        storage.display()
    )
}
