//! `cargo xtask test`: every check there is, one count at the end.

mod dependencies;
mod node;
mod steps;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::build::{self, Worker};
use crate::bundle::{self, bundle};
use crate::cargo;
use crate::counts::Counts;
use crate::toolchain::{self, WASM_TARGET};
use node::Suite;
use steps::Steps;

/// Run all checks: dependencies, formatting, clippy, unit tests, builds, tests on the real Workers and in a browser.
///
/// The last line is `N passed, N failed`, and the exit code 1 when anything failed. Formatting, each
/// clippy run, each build and the size of the page count as one test, and so do the crates' licences
/// and sources, and those of the npm packages.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only tests with this in their name, or all of a test file of this name; no dependencies, no formatting, no
    /// clippy, no size.
    filter: Option<String>,
}

/// Builds run whatever the filter: the page and each Worker.
const BUILDS: u64 = 1 + Worker::ALL.len() as u64;

/// How long one test may take: some times the longest.
const PATIENCE: Duration = Duration::from_secs(240);
/// Each file runs Workers of its own; more of them at a time than processors only measures patience.
const ON_WORKERS: Suite = Suite { directory: "tests/http", concurrency: 2, patience: PATIENCE };
/// Two files of them at a time take half as long, and miss what stands on a page for a moment.
const IN_BROWSER: Suite = Suite { directory: "tests/pages", concurrency: 1, patience: PATIENCE };
/// What takes too long for every test run.
const SOAKED: Suite =
    Suite { directory: "tests/http", concurrency: 1, patience: Duration::from_secs(60 * 60) };

/// Test files on the real Workers, each with numbers of its own in `EDGE_SOAK`; gives the names of those that did not pass.
pub fn with_numbers<'p>(files: &[(&'p str, Value)]) -> Result<Vec<&'p str>> {
    build::page()?;
    Worker::ALL.into_iter().try_for_each(|worker| bundle(worker).map(drop))?;
    let mut failed = Vec::new();
    for (file, numbers) in files {
        let counts = SOAKED.run(Some(*file), |node| {
            node.env("CANOPY_EDGE_BUNDLES", bundle::directory()).env("EDGE_SOAK", numbers.to_string());
            Ok(())
        })?;
        if counts.failed > 0 || counts.passed == 0 {
            failed.push(*file);
        }
    }
    Ok(failed)
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let filter = arguments.filter.as_deref();
    let mut steps = Steps::default();
    if filter.is_none() {
        steps.take("licences and sources", dependencies::check);
        steps
            .take("formatting", || check("rustfmt", "fmt", &["--all", "--check", "--", "--files-with-diff"]));
    }
    let ahead = begin_building(filter);
    if filter.is_none() {
        steps.take("clippy, native", || clippy(&["--workspace"]));
        steps.take("clippy, wasm", || {
            toolchain::ensure_wasm_target()?;
            let crates = [
                "-p", "canopy", "-p", "connect", "-p", "edge", "-p", "finder", "-p", "flow", "-p", "intake",
                "-p", "sandbox",
            ];
            clippy(&[&["--target", WASM_TARGET], &crates[..]].concat())
        });
    }
    steps.take("unit tests", || unit_tests(filter));
    // What did not build is built again below, where it counts, and says why.
    let _ = ahead.join();
    let mut page_weight = None;
    let mut built = steps.take("build, page", || {
        page_weight = Some(build::page()?);
        Ok(Counts::of_check(true))
    });
    if let (Some(weight), None) = (page_weight, filter) {
        steps.take("page size", || {
            println!("{weight}");
            Ok(Counts::of_check(weight.is_within_limits()))
        });
    }
    for worker in Worker::ALL {
        built &= steps
            .take(&format!("build, {}", worker.name()), || bundle(worker).map(|_| Counts::of_check(true)));
    }
    let suite = |suite: &Suite, prepare: &dyn Fn(&mut Command) -> Result<()>| {
        if !built {
            bail!("they did not run: the page or a Worker does not build");
        }
        suite.run(filter, |node| {
            node.env("CANOPY_EDGE_BUNDLES", bundle::directory());
            prepare(node)
        })
    };
    steps.take("tests on the real Workers", || {
        suite(&ON_WORKERS, &|node| {
            node.env("CANOPY_EDGE_PYTHON", toolchain::ensure_python()?);
            Ok(())
        })
    });
    steps.take("tests in the browser", || {
        suite(&IN_BROWSER, &|node| {
            node.env("CANOPY_EDGE_BROWSER", toolchain::ensure_browser()?);
            // Where one of these is lacking the tests that need it fail, and no others.
            for (variable, ensured) in [
                ("CANOPY_EDGE_FIREFOX", toolchain::ensure_firefox()),
                ("CANOPY_EDGE_PHP", toolchain::ensure_php().map(Into::into)),
            ] {
                match ensured {
                    Ok(program) => drop(node.env(variable, program)),
                    Err(error) => println!("{error:#}"),
                }
            }
            Ok(())
        })
    });
    steps.conclude(filter, BUILDS)
}

/// Begins to build all that there is to build, beside the checks: the last part of it, one whole program after the
/// other, leaves a processor free. The tools that both need are installed before.
fn begin_building(filter: Option<&str>) -> JoinHandle<Result<()>> {
    let tools = toolchain::ensure_wasm_target().and_then(|()| match filter {
        None => toolchain::ensure_component("clippy", "clippy"),
        Some(_) => Ok(()),
    });
    thread::spawn(move || tools.and_then(|()| bundle::all().map(drop)))
}

/// A cargo command that is one check.
fn check(component: &str, tool: &str, arguments: &[&str]) -> Result<Counts> {
    toolchain::ensure_component(tool, component)?;
    let status =
        cargo::cargo().arg(tool).args(arguments).stdin(Stdio::null()).status().context("cannot run cargo")?;
    Ok(Counts::of_check(status.success()))
}

fn clippy(packages: &[&str]) -> Result<Counts> {
    let arguments = [&["--locked"], packages, &["--all-targets", "--", "-D", "warnings"]].concat();
    check("clippy", "clippy", &arguments)
}

fn unit_tests(filter: Option<&str>) -> Result<Counts> {
    let mut cargo = cargo::locked("test");
    cargo
        .arg("--no-fail-fast")
        .args(["bindgen", "canopy", "flow", "intake", "sandbox", "xtask"].map(|name| format!("-p={name}")));
    cargo.args(filter);
    let (output, ended_well) = shown_and_kept(cargo)?;
    Ok(Counts::of_filtered_runner(Counts::of_cargo(&output), ended_well, filter))
}

/// Runs `command`, passing each line of its stdout on as it comes; the whole of it, and whether it ended well.
fn shown_and_kept(mut command: Command) -> Result<(String, bool)> {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("cannot run cargo")?;
    let mut kept = String::new();
    for line in BufReader::new(child.stdout.take().expect("stdout is piped")).split(b'\n') {
        let line = line.context("cannot read what cargo prints")?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        kept.push_str(&line);
        kept.push('\n');
    }
    Ok((kept, child.wait().context("cannot wait for cargo")?.success()))
}
