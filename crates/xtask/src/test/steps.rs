//! The steps of a test run: what each counted, and the sum.

use std::time::Instant;

use anyhow::Result;

use crate::counts::Counts;
use crate::progress::duration;

/// The steps so far: name, counts and the line to show for it.
#[derive(Debug, Default)]
pub struct Steps {
    taken: Vec<(Counts, String)>,
}

impl Steps {
    /// Runs one step; a step that cannot be carried out has failed, and the next one follows all the same.
    pub fn take(&mut self, name: &str, step: impl FnOnce() -> Result<Counts>) -> bool {
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

    /// Prints the sum, and ends the process where something failed. A `filter` that chose nothing, so that only
    /// the `builds` passed, has failed.
    pub fn conclude(self, filter: Option<&str>, builds: u64) -> Result<()> {
        println!("\n── all");
        for (_, line) in &self.taken {
            println!("{line}");
        }
        let mut total: Counts = self.taken.iter().map(|(counts, _)| *counts).sum();
        if let Some(filter) = filter.filter(|_| total == Counts { passed: builds, failed: 0 }) {
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
