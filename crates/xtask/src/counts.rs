//! How many tests passed and failed, read from what the test runners print.

use std::iter::Sum;
use std::ops::Add;

/// What one runner, or all of them, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
}

impl Counts {
    /// A check that either holds or does not, such as formatting.
    pub fn of_check(holds: bool) -> Self {
        Self { passed: holds.into(), failed: (!holds).into() }
    }

    /// The sum of the `test result:` lines of `cargo test`; none where there is no such line.
    pub fn of_cargo(output: &str) -> Option<Self> {
        sum(output.lines().filter_map(|line| {
            let (_, counts) = line.trim_start().strip_prefix("test result: ")?.split_once(". ")?;
            let count = |name: &str| {
                counts.split("; ").find_map(|part| part.trim().strip_suffix(name)?.trim().parse().ok())
            };
            Some(Self { passed: count("passed")?, failed: count("failed")? })
        }))
    }

    /// The closing counts of a TAP report of `node --test`; none where it was cut off before them.
    pub fn of_tap(report: &str) -> Option<Self> {
        let count = |name: &str| {
            report
                .lines()
                .rev()
                .find_map(|line| line.strip_prefix("# ")?.strip_prefix(name)?.trim().parse::<u64>().ok())
        };
        Some(Self { passed: count("pass ")?, failed: count("fail ")? + count("cancelled ")? })
    }

    /// The verdict on a runner: one that ended badly, or ran nothing, has failed whatever it counted.
    pub fn of_runner(counted: Option<Self>, ended_well: bool) -> Self {
        match counted {
            Some(counts) if counts.failed > 0 || (ended_well && counts.passed > 0) => counts,
            Some(counts) => counts + Self { passed: 0, failed: 1 },
            None => Self { passed: 0, failed: 1 },
        }
    }

    /// The same where a `filter` may have left the runner with nothing to do; without one that is a failure.
    pub fn of_filtered_runner(counted: Option<Self>, ended_well: bool, filter: Option<&str>) -> Self {
        match counted {
            Some(counts) if filter.is_some() && ended_well && counts == Self::default() => counts,
            counted => Self::of_runner(counted, ended_well),
        }
    }
}

fn sum(mut counts: impl Iterator<Item = Counts>) -> Option<Counts> {
    let first = counts.next()?;
    Some(first + counts.sum())
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { passed: self.passed + other.passed, failed: self.failed + other.failed }
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64) -> Counts {
        Counts { passed, failed }
    }

    #[test]
    fn every_test_binary_of_cargo_is_counted() {
        let output = "running 2 tests\ntest a ... ok\n\n\
            test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n\
            test result: FAILED. 40 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.20s\n";
        assert_eq!(Counts::of_cargo(output), Some(counts(42, 3)));
    }

    #[test]
    fn a_test_that_prints_the_words_is_not_counted() {
        assert_eq!(Counts::of_cargo("the test result: ok. 2 passed; 0 failed; \n"), None);
        assert_eq!(Counts::of_cargo("error: could not compile `canopy`\n"), None);
    }

    #[test]
    fn the_closing_counts_of_a_tap_report_are_read_and_cancelled_tests_have_failed() {
        let report = "TAP version 13\nok 1 - a\n# pass 7\n1..1\n# tests 12\n# suites 0\n# pass 9\n# fail 2\n# cancelled 1\n# skipped 0\n";
        assert_eq!(Counts::of_tap(report), Some(counts(9, 3)));
    }

    #[test]
    fn a_tap_report_that_was_cut_off_has_no_counts() {
        assert_eq!(Counts::of_tap("TAP version 13\nok 1 - a\n# pass 7\n"), None);
        assert_eq!(Counts::of_tap(""), None);
    }

    #[test]
    fn a_runner_that_crashes_or_runs_nothing_has_failed() {
        assert_eq!(Counts::of_runner(None, true), counts(0, 1));
        assert_eq!(Counts::of_runner(Some(counts(0, 0)), true), counts(0, 1));
        assert_eq!(Counts::of_runner(Some(counts(5, 0)), false), counts(5, 1));
    }

    #[test]
    fn only_a_filter_excuses_a_runner_without_tests() {
        let nothing = Some(Counts::default());
        assert_eq!(Counts::of_filtered_runner(nothing, true, Some("x")), counts(0, 0));
        assert_eq!(Counts::of_filtered_runner(nothing, true, None), counts(0, 1));
        assert_eq!(Counts::of_filtered_runner(nothing, false, Some("x")), counts(0, 1));
        assert_eq!(Counts::of_filtered_runner(None, true, Some("x")), counts(0, 1));
    }

    #[test]
    fn a_runner_that_ends_is_taken_at_its_word() {
        assert_eq!(Counts::of_runner(Some(counts(5, 0)), true), counts(5, 0));
        assert_eq!(Counts::of_runner(Some(counts(5, 2)), false), counts(5, 2));
    }
}
