//! `cargo xtask soak`: what takes too long for every test run.

use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::cargo;

/// Run the property tests with many more cases, in release: pulls, webhooks and times as nobody wrote them.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only tests with this in their name.
    filter: Option<String>,
    /// Cases of each.
    #[arg(long, default_value_t = 10_000)]
    cases: u32,
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
    Ok(())
}
