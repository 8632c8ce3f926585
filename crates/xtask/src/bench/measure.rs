//! Rounds: the same requests to each Worker in turn, so that what else the machine does falls on all of them alike.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::contestant::{self, Contestant};
use super::cpu;
use super::load;
use super::quantile::{median, quantile};
use super::row::{Magazine, Row};
use super::workerd::Workerd;
use crate::progress::Progress;

/// A copy waits for up to a second after the last one: the work that follows an event is its cost too.
const AFTERWARDS: Duration = Duration::from_millis(1_250);
const QUIET_FOR: Duration = Duration::from_millis(250);
const QUIET_MEANS: Duration = Duration::from_millis(10);
const QUIET_LIMIT: Duration = Duration::from_secs(20);
/// Requests that tell how many a round takes.
const CALIBRATION: u64 = 300;
/// Fewer say little about the slowest hundredth.
const LEAST_A_ROUND: u64 = 500;
const MOST_A_ROUND: u64 = 60_000;
const STARTS: usize = 9;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    pub rounds: usize,
    pub seconds: f64,
    pub connections: usize,
}

/// What one Worker did in one round or, of each figure by itself, the median of several.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    pub requests_per_second: f64,
    pub p50_millis: f64,
    pub p99_millis: f64,
    pub cpu_millis: f64,
}

/// A row's result.
#[derive(Debug)]
pub struct Measured {
    pub row: Row,
    /// In the order of the contestants; `None` for one that took no part.
    pub figures: Vec<Option<Figures>>,
    /// The greatest share of one processor that the load generator took.
    pub client_share: f64,
}

/// A Worker in the ring.
struct Running {
    workerd: Workerd,
    magazine: Magazine,
    rounds: Vec<Figures>,
}

/// Measures one row.
pub fn row(
    row: Row,
    contestants: &[Contestant],
    effort: Effort,
    stores: u16,
    directory: &Path,
) -> Result<Measured> {
    let progress = Progress::start(row.title);
    let mut ring = Vec::new();
    for contestant in contestants {
        let takes_part = contestant.verifies || row.is_about_storing();
        ring.push(if takes_part { Some(enter(row, contestant, effort, stores, directory)?) } else { None });
    }
    let first = ring[0].as_mut().context("the first contestant takes part in all rows")?;
    let count = calibrated(first, row, effort)?;
    let mut client_share = 0.0_f64;
    for round in 1..=effort.rounds {
        for (running, contestant) in ring.iter_mut().zip(contestants) {
            let Some(running) = running else { continue };
            progress.note(format!("round {round} of {}: {}", effort.rounds, contestant.name));
            let share = play(running, row, count, effort).with_context(|| {
                format!("{}: {}\n{}", contestant.name, row.title, running.workerd.log_end())
            })?;
            client_share = client_share.max(share);
        }
    }
    progress.done(&format!("{} rounds of {count} requests", effort.rounds));
    let figures = ring.iter().map(|running| running.as_ref().map(|running| medians(&running.rounds)));
    Ok(Measured { row, figures: figures.collect(), client_share })
}

fn enter(
    row: Row,
    contestant: &Contestant,
    effort: Effort,
    stores: u16,
    directory: &Path,
) -> Result<Running> {
    let directory = directory.join(contestant.name.replace(' ', "-"));
    let workerd = Workerd::start(&contestant.setup(stores), directory)?;
    let mut running = Running { workerd, magazine: Magazine::new(row), rounds: Vec::new() };
    unmeasured(&mut running, row, row.prefilled(), effort)
        .and_then(|()| unmeasured(&mut running, row, row.warm_up(), effort))
        .with_context(|| format!("{}: {}\n{}", contestant.name, row.title, running.workerd.log_end()))?;
    Ok(running)
}

fn unmeasured(running: &mut Running, row: Row, count: u64, effort: Effort) -> Result<()> {
    let shots = running.magazine.fill(count)?;
    let template = &running.magazine.template;
    load::fire(running.workerd.port, template, &shots, effort.connections, row.status).map(drop)
}

/// How many requests take the seconds that a round is to last, going by the first contestant.
fn calibrated(running: &mut Running, row: Row, effort: Effort) -> Result<u64> {
    let shots = running.magazine.fill(CALIBRATION)?;
    let template = &running.magazine.template;
    let volley = load::fire(running.workerd.port, template, &shots, effort.connections, row.status)?;
    let count = CALIBRATION as f64 / volley.elapsed.as_secs_f64() * effort.seconds;
    Ok((count as u64).clamp(LEAST_A_ROUND, MOST_A_ROUND))
}

/// One round of one Worker; gives the share of a processor that the load generator took.
fn play(running: &mut Running, row: Row, count: u64, effort: Effort) -> Result<f64> {
    unmeasured(running, row, row.warm_up(), effort)?;
    settle(&running.workerd)?;
    let shots = running.magazine.fill(count)?;
    let own = std::process::id();
    let (before, own_before) = (running.workerd.cpu()?, cpu::time_of(own)?);
    let template = &running.magazine.template;
    let volley = load::fire(running.workerd.port, template, &shots, effort.connections, row.status)?;
    let share = (cpu::time_of(own)? - own_before).as_secs_f64() / volley.elapsed.as_secs_f64();
    settle(&running.workerd)?;
    let cpu = running.workerd.cpu()? - before;
    running.rounds.push(Figures {
        requests_per_second: count as f64 / volley.elapsed.as_secs_f64(),
        p50_millis: millis(quantile(&volley.latencies, 0.50)),
        p99_millis: millis(quantile(&volley.latencies, 0.99)),
        cpu_millis: millis(cpu) / count as f64,
    });
    Ok(share)
}

/// Waits until the work that follows the events is done.
fn settle(workerd: &Workerd) -> Result<()> {
    sleep(AFTERWARDS);
    let limit = Instant::now() + QUIET_LIMIT;
    let mut before = workerd.cpu()?;
    while Instant::now() < limit {
        sleep(QUIET_FOR);
        let now = workerd.cpu()?;
        if now - before <= QUIET_MEANS {
            break;
        }
        before = now;
    }
    Ok(())
}

/// How long each contestant takes to start beyond what workerd with an empty Worker takes.
pub fn starts(contestants: &[Contestant], stores: u16, directory: &Path) -> Result<Vec<f64>> {
    let progress = Progress::start("start-up");
    let mut setups = vec![contestant::empty()?];
    setups.extend(contestants.iter().map(|contestant| contestant.setup(stores)));
    let mut times = vec![Vec::new(); setups.len()];
    for round in 1..=STARTS {
        progress.note(format!("round {round} of {STARTS}"));
        for (setup, times) in setups.iter().zip(&mut times) {
            let workerd = Workerd::start(setup, directory.join("start"))?;
            times.push(millis(workerd.started_in));
        }
    }
    progress.done("");
    let medians: Vec<f64> = times.into_iter().map(median).collect();
    Ok(medians[1..].iter().map(|time| time - medians[0]).collect())
}

fn medians(rounds: &[Figures]) -> Figures {
    let of = |figure: fn(&Figures) -> f64| median(rounds.iter().map(figure).collect());
    Figures {
        requests_per_second: of(|figures| figures.requests_per_second),
        p50_millis: of(|figures| figures.p50_millis),
        p99_millis: of(|figures| figures.p99_millis),
        cpu_millis: of(|figures| figures.cpu_millis),
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
