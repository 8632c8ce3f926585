//! `cargo xtask soak`: what takes too long for every test run.

use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::{cargo, test};

/// Run the property tests with many more cases, in release: pulls, webhooks and times as nobody wrote them. Then kill workerd
/// again and again while what is scheduled comes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only tests with this in their name.
    filter: Option<String>,
    /// Cases of each.
    #[arg(long, default_value_t = 10_000)]
    cases: u32,
    /// Kills of workerd while 1,000 schedules over 20 pulls run through a year; without a filter alone.
    #[arg(long, default_value_t = 20)]
    kills: u32,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let status = cargo::locked("test")
        .args(["--release", "--no-fail-fast"])
        .args(["-p=intake", "-p=canopy", "-p=sandbox"])
        .args(&arguments.filter)
        .env("PROPTEST_CASES", arguments.cases.to_string())
        .stdin(Stdio::null())
        .status()
        .context("cannot run cargo")?;
    if !status.success() {
        bail!("a test failed: the seed of its case is kept beside it, and tried first from now on");
    }
    if arguments.filter.is_none() && arguments.kills > 0 && !test::schedules_over_kills(arguments.kills)? {
        bail!("what was scheduled did not survive: the end of the Worker's log is above");
    }
    Ok(())
}
