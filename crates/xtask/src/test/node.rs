//! The test files that node's test runner runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::counts::Counts;
use crate::toolchain::npm;
use crate::workspace;

/// A directory of test files.
#[derive(Debug)]
pub struct Suite {
    /// From the root.
    pub directory: &'static str,
    /// How many files run at a time.
    pub concurrency: usize,
    /// How long one test may take.
    pub patience: Duration,
}

impl Suite {
    /// Runs the tests that `filter` chooses. `prepare` is only called where there are any.
    pub fn run(
        &self,
        filter: Option<&str>,
        prepare: impl FnOnce(&mut Command) -> Result<()>,
    ) -> Result<Counts> {
        let root = workspace::root();
        let files = test_files(&root.join(self.directory))?;
        let (files, pattern) = chosen(files, filter)?;
        if files.is_empty() {
            return Ok(Counts::default());
        }
        let report = root.join("build").join(self.directory.replace('/', "-")).with_extension("tap");
        if report.exists() {
            fs::remove_file(&report).with_context(|| format!("cannot remove {}", report.display()))?;
        }
        let mut node = npm::node("--test");
        node.args(["--test-reporter=spec", "--test-reporter-destination=stdout", "--test-reporter=tap"])
            .arg(format!("--test-reporter-destination={}", report.display()))
            .arg(format!("--test-concurrency={}", self.concurrency))
            // One that hangs has failed, and does not keep the others waiting.
            .args([&format!("--test-timeout={}", self.patience.as_millis()), "--test-force-exit"]);
        if let Some(pattern) = pattern {
            node.arg(format!("--test-name-pattern={pattern}"));
        }
        node.args(&files);
        prepare(&mut node)?;
        let status = node.stdin(Stdio::null()).status().context("cannot run node")?;
        let counted = fs::read_to_string(&report).ok().and_then(|report| Counts::of_tap(&report));
        Ok(Counts::of_filtered_runner(counted, status.success(), filter))
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
}
