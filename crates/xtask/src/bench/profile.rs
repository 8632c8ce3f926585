//! `--profile`: where the edge spends its time under a row, sampled by workerd's inspector.

use std::path::Path;
use std::thread;

use anyhow::{Context, Result, ensure};

use super::contestant::Contestant;
use super::load;
use super::row::{Magazine, Row};
use super::workerd::{self, Workerd};
use crate::toolchain::npm;
use crate::workspace;

/// Requests sent at a time, until the samples are taken.
const VOLLEY: u64 = 500;

/// Prints the functions that took most of `seconds` under a row.
pub fn row(
    row: Row,
    contestant: &Contestant,
    seconds: f64,
    connections: usize,
    stores: u16,
    directory: &Path,
) -> Result<()> {
    let inspector = workerd::free_port()?;
    let workerd = Workerd::start_with(&contestant.setup(stores), directory.join("profile"), Some(inspector))?;
    let mut magazine = Magazine::new(row);
    let mut fire = |count: u64| -> Result<()> {
        let shots = magazine.fill(count)?;
        load::fire(workerd.port, &magazine.template, &shots, connections, row.status).map(drop)
    };
    fire(row.prefilled())?;
    fire(row.warm_up().max(VOLLEY))?;
    let script = workspace::root().join("tests/bench/profile.mjs");
    let mut sampling = npm::node(script);
    sampling.arg(inspector.to_string()).arg(seconds.to_string());
    let sampling = thread::spawn(move || sampling.output());
    while !sampling.is_finished() {
        fire(VOLLEY)?;
    }
    let output =
        sampling.join().ok().context("the sampling broke off")?.context("cannot run the sampling")?;
    ensure!(output.status.success(), "the sampling failed:\n{}", String::from_utf8_lossy(&output.stderr));
    println!("\n{}, {}:\n{}", contestant.name, row.title, String::from_utf8_lossy(&output.stdout));
    Ok(())
}
