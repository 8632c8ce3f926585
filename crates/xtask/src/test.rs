//! `cargo xtask test`: every check there is, one count at the end.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::build::Worker;
use crate::bundle::{self, bundle};
use crate::counts::Counts;
use crate::progress::duration;
use crate::toolchain::{self, WASM_TARGET, npm};
use crate::workspace;

/// Run all checks: formatting, clippy, unit tests, builds, tests on the real Workers.
///
/// The last line is `N passed, N failed`, and the exit code 1 when anything failed. Formatting, each
/// clippy run and each build count as one test.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only tests with this in their name, or all of a test file of this name; no formatting, no clippy.
    filter: Option<String>,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let filter = arguments.filter.as_deref();
    let mut steps = Steps::default();
    if filter.is_none() {
        steps
            .take("formatting", || check("rustfmt", "fmt", &["--all", "--check", "--", "--files-with-diff"]));
        steps.take("clippy, native", || clippy(&["--workspace"]));
        steps.take("clippy, wasm", || {
            toolchain::ensure_wasm_target()?;
            clippy(&["--target", WASM_TARGET, "-p", "canopy", "-p", "edge", "-p", "sandbox"])
        });
    }
    steps.take("unit tests", || unit_tests(filter));
    let mut bundled = true;
    for worker in Worker::ALL {
        bundled &= steps
            .take(&format!("build, {}", worker.name()), || bundle(worker).map(|_| Counts::of_check(true)));
    }
    steps.take("tests on the real Workers", || {
        if !bundled {
            bail!("they did not run: a Worker does not build");
        }
        worker_tests(filter)
    });
    steps.conclude(filter)
}

/// The steps so far: name, counts and the line to show for it.
#[derive(Default)]
struct Steps {
    taken: Vec<(Counts, String)>,
}

impl Steps {
    /// Runs one step; a step that cannot be carried out has failed, and the next one follows all the same.
    fn take(&mut self, name: &str, step: impl FnOnce() -> Result<Counts>) -> bool {
        println!("\n── {name}");
        let started = Instant::now();
        let counts = step().unwrap_or_else(|error| {
            println!("{error:#}");
            Counts::of_check(false)
        });
        let mark = if counts.failed == 0 { '✓' } else { '✗' };
        let line = format!(
            "{mark} {name}: {} passed, {} failed  {}",
            counts.passed,
            counts.failed,
            duration(started.elapsed())
        );
        println!("{line}");
        self.taken.push((counts, line));
        counts.failed == 0
    }

    fn conclude(self, filter: Option<&str>) -> Result<()> {
        println!("\n── all");
        for (_, line) in &self.taken {
            println!("{line}");
        }
        let mut total: Counts = self.taken.iter().map(|(counts, _)| *counts).sum();
        if let Some(filter) =
            filter.filter(|_| total == Counts { passed: Worker::ALL.len() as u64, failed: 0 })
        {
            println!("no test has {filter:?} in its name");
            total.failed += 1;
        }
        println!("{} passed, {} failed", total.passed, total.failed);
        if total.failed > 0 {
            // The counts are the last line: no `error:` after them.
            std::process::exit(1);
        }
        Ok(())
    }
}

/// A cargo command that is one check.
fn check(component: &str, tool: &str, arguments: &[&str]) -> Result<Counts> {
    toolchain::ensure_component(tool, component)?;
    let status = workspace::cargo()
        .arg(tool)
        .args(arguments)
        .stdin(Stdio::null())
        .status()
        .context("cannot run cargo")?;
    Ok(Counts::of_check(status.success()))
}

fn clippy(packages: &[&str]) -> Result<Counts> {
    let mut arguments = packages.to_vec();
    arguments.extend(["--all-targets", "--", "-D", "warnings"]);
    check("clippy", "clippy", &arguments)
}

fn unit_tests(filter: Option<&str>) -> Result<Counts> {
    let mut cargo = workspace::cargo();
    cargo.args(["test", "--no-fail-fast", "-p", "canopy", "-p", "sandbox", "-p", "xtask"]).args(filter);
    let (output, ended_well) = shown_and_kept(cargo)?;
    Ok(verdict(Counts::of_cargo(&output), ended_well, filter))
}

fn worker_tests(filter: Option<&str>) -> Result<Counts> {
    let root = workspace::root();
    let files = test_files(&root.join("tests/http"))?;
    let (files, pattern) = chosen(files, filter)?;
    if files.is_empty() {
        return Ok(Counts::default());
    }
    let report = root.join("build/tests.tap");
    if report.exists() {
        fs::remove_file(&report).with_context(|| format!("cannot remove {}", report.display()))?;
    }
    let mut node = npm::node("--test");
    node.args(["--test-reporter=spec", "--test-reporter-destination=stdout", "--test-reporter=tap"])
        .arg(format!("--test-reporter-destination={}", report.display()))
        // Each file runs Workers of its own; more of them at a time than processors only measures patience.
        .arg("--test-concurrency=2");
    if let Some(pattern) = pattern {
        node.arg(format!("--test-name-pattern={pattern}"));
    }
    node.args(&files);
    let status = node
        .env("CANOPY_EDGE_BUNDLES", bundle::directory())
        .stdin(Stdio::null())
        .status()
        .context("cannot run node")?;
    let counted = fs::read_to_string(&report).ok().and_then(|report| Counts::of_tap(&report));
    Ok(verdict(counted, status.success(), filter))
}

/// A filter may leave a runner with nothing to do; without one that is a failure.
fn verdict(counted: Option<Counts>, ended_well: bool, filter: Option<&str>) -> Counts {
    match counted {
        Some(counts) if filter.is_some() && ended_well && counts == Counts::default() => counts,
        counted => Counts::of_runner(counted, ended_well),
    }
}

fn test_files(directory: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    files.sort();
    if files.is_empty() {
        bail!("no *.test.mjs in {}", directory.display());
    }
    Ok(files)
}

/// The files to run, and the pattern of test names within them: the file that `filter` names, else those that
/// it occurs in. node counts a file in which no name fits as a passed test, so the others are kept from it.
fn chosen(files: Vec<PathBuf>, filter: Option<&str>) -> Result<(Vec<PathBuf>, Option<String>)> {
    let Some(filter) = filter else { return Ok((files, None)) };
    let named: Vec<PathBuf> = files.iter().filter(|file| is_named(file, filter)).cloned().collect();
    if !named.is_empty() {
        return Ok((named, None));
    }
    let mut holding = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        if text.contains(filter) {
            holding.push(file);
        }
    }
    Ok((holding, Some(literal_pattern(filter))))
}

fn is_named(file: &Path, filter: &str) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name == filter || name.strip_suffix(".test.mjs") == Some(filter)
}

/// node takes the pattern for a regular expression.
fn literal_pattern(filter: &str) -> String {
    filter.chars().fold(String::new(), |mut pattern, character| {
        if character.is_ascii_punctuation() {
            pattern.push('\\');
        }
        pattern.push(character);
        pattern
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_names_a_test_file_with_or_without_its_ending() {
        let file = Path::new("tests/http/webhooks.test.mjs");
        assert!(is_named(file, "webhooks"));
        assert!(is_named(file, "webhooks.test.mjs"));
        assert!(!is_named(file, "web"));
    }

    #[test]
    fn a_filter_chooses_the_file_it_names_before_those_it_occurs_in() {
        let files = test_files(&workspace::root().join("tests/http")).unwrap();
        let (named, pattern) = chosen(files.clone(), Some("webhook-registration")).unwrap();
        assert_eq!((named.len(), pattern), (1, None));
        let (holding, pattern) = chosen(files.clone(), Some("a wrong key is named")).unwrap();
        assert_eq!((holding.len(), pattern.as_deref()), (1, Some("a wrong key is named")));
        assert!(chosen(files, Some("in no test \u{1} at all")).unwrap().0.is_empty());
    }

    #[test]
    fn a_filter_is_no_regular_expression() {
        assert_eq!(literal_pattern("a (b)"), r"a \(b\)");
    }

    #[test]
    fn only_a_filter_excuses_a_runner_without_tests() {
        assert_eq!(verdict(Some(Counts::default()), true, Some("x")).failed, 0);
        assert_eq!(verdict(Some(Counts::default()), true, None).failed, 1);
        assert_eq!(verdict(None, true, Some("x")).failed, 1);
    }
}
