//! One step of the demo: one printed line.

use std::time::Instant;

use anyhow::Result;

use crate::progress::duration;

/// Where the durations begin, so that they stand below each other.
const COLUMN: usize = 92;

/// Runs `action`, which gives its value and what there is to say about it. A step that fails says what was
/// expected and what was seen.
pub fn step<T>(name: &str, action: impl FnOnce() -> Result<(T, String)>) -> Result<T> {
    let started = Instant::now();
    let outcome = action();
    let took = duration(started.elapsed());
    match outcome {
        Ok((value, detail)) => {
            let line = if detail.is_empty() { name.to_owned() } else { format!("{name} ({detail})") };
            println!("✓ {line:<COLUMN$} {took:>9}");
            Ok(value)
        }
        Err(error) => {
            println!("✗ {name:<COLUMN$} {took:>9}");
            Err(error.context(name.to_owned()))
        }
    }
}
