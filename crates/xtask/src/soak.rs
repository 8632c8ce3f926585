//! `cargo xtask soak`: what takes too long for every test run.

use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::{cargo, test};

/// Run the property tests with many more cases, in release: pulls, webhooks and times as nobody wrote them. Then, on the real
/// Worker, kill workerd again and again while what is scheduled comes, while events are delivered and while workflows run, and have
/// thousands of runs at once.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only tests with this in their name.
    filter: Option<String>,
    /// Cases of each.
    #[arg(long, default_value_t = 10_000)]
    cases: u32,
    /// Kills of workerd in each part on the real Worker; without a filter alone, and none of them with 0.
    #[arg(long, default_value_t = 20)]
    kills: u32,
}

/// What runs on the real Worker: test files with their numbers, as they take them in `EDGE_SOAK`.
fn parts(kills: u32) -> [(&'static str, Value); 4] {
    const LIMIT_MS: u32 = 1_800_000;
    [
        ("edge-schedule-crash", json!({ "PULLS": 20, "SCHEDULES": 1_000, "KILLS": kills })),
        (
            "edge-deliveries-crash",
            json!({ "PULLS": 200, "EVENTS": 10_000, "KILLS": kills, "LIMIT_MS": LIMIT_MS }),
        ),
        ("edge-runs-crash", json!({ "KILLS": kills, "OF_INSTANCES": kills })),
        (
            "edge-runs-many",
            json!({ "PULLS": 200, "RUNS": 5_000, "ROUNDS": 3, "QUIET_MS": 10_000, "LIMIT_MS": LIMIT_MS }),
        ),
    ]
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
    if arguments.filter.is_some() || arguments.kills == 0 {
        return Ok(());
    }
    let failed = test::with_numbers(&parts(arguments.kills))?;
    if !failed.is_empty() {
        bail!("{} did not pass: what was expected is above", failed.join(", "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::workspace;

    #[test]
    fn each_part_is_a_test_file_that_knows_its_numbers() {
        for (name, numbers) in parts(1) {
            let file = workspace::root().join("tests/http").join(name).with_extension("test.mjs");
            let text = fs::read_to_string(&file).unwrap();
            assert!(text.contains("process.env.EDGE_SOAK"), "{name}");
            for number in numbers.as_object().unwrap().keys() {
                assert!(text.contains(&format!("{number}: ")), "{name} has {number}");
            }
        }
    }
}
