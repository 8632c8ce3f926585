//! The side-by-side table, as text of at most 120 columns.

use std::fmt::Write;

use super::contestant::Contestant;
use super::measure::{Figures, Measured};
use crate::progress::size;

const TITLE_WIDTH: usize = 22;
const FIGURES_WIDTH: usize = 26;

/// The table of all rows. The last two columns compare the first contestant with the second.
pub fn table(contestants: &[Contestant], measured: &[Measured]) -> String {
    let mut text = String::new();
    let compares = contestants.len() > 1;
    let _ = write!(text, "{:TITLE_WIDTH$}", "");
    for contestant in contestants {
        let _ = write!(text, " │ {:<FIGURES_WIDTH$}", contestant.name);
    }
    if compares {
        let _ = write!(text, " │ {}/{}", contestants[0].name, contestants[1].name);
    }
    let _ = write!(text, "\n{:TITLE_WIDTH$}", "");
    for _ in contestants {
        let _ = write!(text, " │ {:>5} {:>6} {:>6} {:>6}", "req/s", "p50", "p99", "CPU");
    }
    text.push_str(if compares { " │ req/s  CPU\n" } else { "\n" });
    for Measured { row, figures, .. } in measured {
        let _ = write!(text, "{:TITLE_WIDTH$}", row.title);
        for figures in figures {
            let _ = write!(text, " │ {:FIGURES_WIDTH$}", figures.map(cells).unwrap_or_default());
        }
        if let [Some(one), Some(other), ..] = figures[..] {
            let speed = one.requests_per_second / other.requests_per_second;
            let _ = write!(text, " │ {speed:5.2} {:4.2}", one.cpu_millis / other.cpu_millis);
        }
        text.push('\n');
    }
    text
}

fn cells(figures: Figures) -> String {
    format!(
        "{:>5.0} {:>6.1} {:>6.1} {:>6.3}",
        figures.requests_per_second, figures.p50_millis, figures.p99_millis, figures.cpu_millis
    )
}

/// Size and start-up of each contestant.
pub fn sizes(contestants: &[Contestant], starts: &[f64]) -> String {
    let mut text = format!("{:TITLE_WIDTH$} │ gzipped   start-up\n", "");
    for (contestant, start) in contestants.iter().zip(starts) {
        let gzipped = size(contestant.gzipped);
        let _ = writeln!(text, "{:TITLE_WIDTH$} │ {gzipped:>8}  {start:>6.1} ms", contestant.name);
    }
    text
}
