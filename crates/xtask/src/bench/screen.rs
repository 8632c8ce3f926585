//! The row `screen`: from a webhook to a changed screen, in a real browser and by its page's own clock.
//!
//! What is done in the browser stands in `tests/bench/screen.mjs`, which prints what it saw as JSON lines.

use std::fmt::Write;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::quantile::{median, quantile};
use crate::build::Worker;
use crate::bundle::{self, bundle};
use crate::progress::Progress;
use crate::toolchain::{self, npm};
use crate::workspace;

/// What `--only` calls it.
pub const NAME: &str = "screen";

const SCRIPT: &str = "tests/bench/screen.mjs";
const TITLE: &str = "webhook to changed screen";
const TITLE_WIDTH: usize = TITLE.len();
const FIGURES_WIDTH: usize = 20;
/// Webhooks that each sender's figures come from, at least.
const LEAST: u16 = 200;
const LEAST_A_ROUND: u16 = 50;
/// Webhooks at the start of a round that are not measured.
const WARM_UP: u16 = 10;
/// How much of what the script said is shown when it failed: what went wrong stands before what led to it.
const LOG_LINES: usize = 20;

/// Who sends the webhooks: what the script and what the table calls them.
const SENDERS: [(&str, &str); 2] =
    [("page", "sent by the page itself"), ("outside", "sent by another process")];

/// The row's result.
#[derive(Debug, Default)]
pub struct Measured {
    /// Version of the browser.
    browser: String,
    rounds: usize,
    /// In the order of the senders.
    samples: [Samples; SENDERS.len()],
}

/// Since just before the webhook was sent, in milliseconds.
#[derive(Debug, Default)]
struct Samples {
    /// The element's shadow tree has changed.
    drawn: Vec<f64>,
    /// The frame with it was made.
    framed: Vec<f64>,
}

/// The program of the browser. To be asked for before anything that takes long.
pub fn browser() -> Result<PathBuf> {
    toolchain::ensure_browser()
        .with_context(|| format!("the row `{NAME}` draws in a real browser (--only chooses other rows)"))
}

/// Measures it; the Workers keep their storage in `directory`.
pub fn measure(browser: &Path, rounds: u16, directory: &Path) -> Result<Measured> {
    for worker in Worker::ALL {
        bundle(worker)?;
    }
    let webhooks = webhooks_a_round(rounds);
    let progress = Progress::start(TITLE);
    fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))?;
    let log = directory.join("log");
    let argument = json!({ "rounds": rounds, "webhooks": webhooks, "warmUp": WARM_UP, "storage": directory });
    let mut child = npm::node(workspace::root().join(SCRIPT))
        .arg(argument.to_string())
        .env("CANOPY_EDGE_BUNDLES", bundle::directory())
        .env("CANOPY_EDGE_BROWSER", browser)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(File::create(&log).with_context(|| format!("cannot write {}", log.display()))?)
        .spawn()
        .context("cannot run node")?;
    let mut measured = Measured::default();
    for line in BufReader::new(child.stdout.take().expect("stdout is piped")).lines() {
        if let Some(note) = measured.take(&line.context("cannot read what the browser's script prints")?)? {
            progress.note(note);
        }
    }
    if !child.wait().context("cannot wait for node")?.success() {
        let said = fs::read_to_string(&log).unwrap_or_default();
        let lines: Vec<&str> = said.lines().take(LOG_LINES).collect();
        bail!("{SCRIPT} failed:\n{}", lines.join("\n"));
    }
    measured.check(usize::from(rounds) * usize::from(webhooks))?;
    progress.done(&format!("{rounds} rounds of {webhooks} webhooks from each sender"));
    Ok(measured)
}

fn webhooks_a_round(rounds: u16) -> u16 {
    LEAST.div_ceil(rounds).max(LEAST_A_ROUND)
}

impl Measured {
    /// Takes a line of the script's. Gives what it says for who waits.
    fn take(&mut self, line: &str) -> Result<Option<String>> {
        let unexpected = || format!("expected the browser's script to print samples, saw {line}");
        let line: Value = serde_json::from_str(line).with_context(unexpected)?;
        if let Some(version) = line["browser"].as_str() {
            version.clone_into(&mut self.browser);
        } else if let Some(sender) = line["sender"].as_str() {
            let place = SENDERS.iter().position(|(name, _)| *name == sender).with_context(unexpected)?;
            let samples = &mut self.samples[place];
            samples.drawn.extend(numbers(&line["drawn"]).with_context(unexpected)?);
            samples.framed.extend(numbers(&line["framed"]).with_context(unexpected)?);
            self.rounds += usize::from(place == 0);
        }
        Ok(line["note"].as_str().map(str::to_owned))
    }

    /// Whether there is one sample a webhook.
    fn check(&self, webhooks: usize) -> Result<()> {
        for ((name, _), samples) in SENDERS.iter().zip(&self.samples) {
            for count in [samples.drawn.len(), samples.framed.len()] {
                ensure!(count == webhooks, "expected {webhooks} samples of the sender {name}, saw {count}");
            }
        }
        Ok(())
    }

    /// The row as a table of its own, with what it says.
    pub fn table(&self) -> String {
        let mut text = String::new();
        let _ = writeln!(text, "{TITLE} │ {:FIGURES_WIDTH$} │ on the screen", "drawn");
        let columns = format!("{:>6} {:>6} {:>6}", "median", "p95", "max");
        let _ = writeln!(text, "{:TITLE_WIDTH$} │ {columns} │ {columns}", "");
        for ((_, title), Samples { drawn, framed }) in SENDERS.iter().zip(&self.samples) {
            let _ = writeln!(text, "{title:TITLE_WIDTH$} │ {} │ {}", cells(drawn), cells(framed));
        }
        let _ = write!(
            text,
            "\nMilliseconds by the page's own clock, of {} webhooks from each sender in {} rounds, each in a tab with a pull of\n\
             its own: Chromium {}, the element in components mode, edge and sandbox on workerd. Drawn: the\n\
             element's shadow tree shows another step. On the screen: the frame with it is made. The clock starts before the\n\
             request leaves the page, also where another process sends the webhook. Promised is a median under 100 ms.",
            self.samples[0].drawn.len(),
            self.rounds,
            self.browser
        );
        text
    }
}

fn numbers(list: &Value) -> Option<Vec<f64>> {
    list.as_array()?.iter().map(Value::as_f64).collect()
}

fn cells(samples: &[f64]) -> String {
    let mut ascending = samples.to_vec();
    ascending.sort_unstable_by(f64::total_cmp);
    let (p95, max) = (quantile(&ascending, 0.95), quantile(&ascending, 1.0));
    format!("{:>6.1} {p95:>6.1} {max:>6.1}", median(ascending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_hundred_webhooks_are_measured_however_few_the_rounds() {
        for rounds in 1..20 {
            let webhooks = webhooks_a_round(rounds);
            assert!(rounds * webhooks >= LEAST && webhooks >= LEAST_A_ROUND, "{rounds} rounds of {webhooks}");
        }
    }

    #[test]
    fn rounds_add_up_to_one_line_a_sender() {
        let mut measured = Measured::default();
        let note = measured.take(r#"{"note":"round 1 of 2: page"}"#).unwrap();
        assert_eq!(note.as_deref(), Some("round 1 of 2: page"));
        for line in [
            r#"{"browser":"156.0"}"#,
            r#"{"sender":"page","drawn":[1,2.5],"framed":[2,4]}"#,
            r#"{"sender":"outside","drawn":[5,6],"framed":[7,8]}"#,
            r#"{"sender":"page","drawn":[30,4],"framed":[40,6]}"#,
            r#"{"sender":"outside","drawn":[5,6],"framed":[7,8]}"#,
        ] {
            assert_eq!(measured.take(line).unwrap(), None);
        }
        measured.check(4).unwrap();
        let table = measured.table();
        assert!(
            table.contains("sent by the page itself   │    3.2   30.0   30.0 │    5.0   40.0   40.0\n"),
            "{table}"
        );
        assert!(table.contains("of 4 webhooks from each sender in 2 rounds"), "{table}");
        assert!(table.lines().all(|line| line.chars().count() <= 120), "{table}");
    }

    #[test]
    fn a_sample_that_is_missing_or_no_number_is_an_error() {
        let mut measured = Measured::default();
        measured.take(r#"{"sender":"page","drawn":[1],"framed":[2]}"#).unwrap();
        let error = measured.check(1).unwrap_err().to_string();
        assert_eq!(error, "expected 1 samples of the sender outside, saw 0");
        for line in [
            r#"{"sender":"page","drawn":[null],"framed":[2]}"#,
            r#"{"sender":"nobody"}"#,
            "Error: no browser",
        ] {
            assert!(measured.take(line).unwrap_err().to_string().contains("saw"), "{line}");
        }
    }
}
