//! What a person sees while something takes long: what it is, how far it is, how long it has taken.

use std::io::{IsTerminal, Write, stderr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(200);
/// Without a terminal a line that rewrites itself is noise, but silence looks like a hang.
const LINE_EVERY: Duration = Duration::from_secs(15);
/// To the start of the terminal's line, with nothing on it.
const CLEAR: &str = "\r\x1b[2K";

/// The steps that run, as they were started. A terminal has one line for them: it shows the first.
static RUNNING: Mutex<Vec<Instant>> = Mutex::new(Vec::new());

/// One long step; several may run at a time. While it runs its line is kept up to date; [`Progress::done`] leaves a
/// `✓` line behind, dropping it (as `?` does) a `✗` line.
#[derive(Debug)]
pub struct Progress {
    label: String,
    started: Instant,
    note: Arc<Mutex<String>>,
    stop: Arc<AtomicBool>,
    ticker: Option<JoinHandle<()>>,
}

impl Progress {
    pub fn start(label: impl Into<String>) -> Self {
        let label = label.into();
        let started = Instant::now();
        running().push(started);
        let note = Arc::new(Mutex::new(String::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let ticker = {
            let (label, note, stop) = (label.clone(), note.clone(), stop.clone());
            thread::spawn(move || tick(&label, started, &note, &stop))
        };
        Self { label, started, note, stop, ticker: Some(ticker) }
    }

    /// How far it is, in a few words: shown beside the label.
    pub fn note(&self, text: impl Into<String>) {
        *self.note.lock().expect("nothing panics while it writes a note") = text.into();
    }

    pub fn done(mut self, result: &str) {
        self.finish();
        say(&format!("✓ {}{}  {}", self.label, spaced(result), duration(self.started.elapsed())));
    }

    fn finish(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(ticker) = self.ticker.take() {
            ticker.thread().unpark();
            // A ticker that panicked has nothing left to say.
            let _ = ticker.join();
            let mut running = running();
            if let Some(position) = running.iter().position(|started| *started == self.started) {
                running.remove(position);
            }
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.ticker.is_some() {
            self.finish();
            say(&format!("✗ {}  {}", self.label, duration(self.started.elapsed())));
        }
    }
}

/// Prints a line for good, above the line that shows what runs.
pub fn say(line: &str) {
    let clear = if stderr().is_terminal() { CLEAR } else { "" };
    let _ = write!(stderr(), "{clear}");
    println!("{line}");
}

fn running() -> MutexGuard<'static, Vec<Instant>> {
    RUNNING.lock().expect("nothing panics while it holds the list")
}

fn tick(label: &str, started: Instant, note: &Mutex<String>, stop: &AtomicBool) {
    let terminal = stderr().is_terminal();
    let mut next_line = LINE_EVERY;
    while !stop.load(Ordering::Relaxed) {
        thread::park_timeout(TICK);
        let elapsed = started.elapsed();
        let note = note.lock().map(|note| note.clone()).unwrap_or_default();
        let line = format!("  {label} …{}  {}", spaced(&note), duration(elapsed));
        if terminal {
            let running = running();
            if running.first() == Some(&started) {
                let _ = write!(stderr(), "{CLEAR}{line}{}", beside(running.len() - 1));
            }
        } else if elapsed >= next_line {
            eprintln!("{line}");
            next_line += LINE_EVERY;
        }
    }
    if terminal {
        let _ = write!(stderr(), "{CLEAR}");
    }
}

fn beside(others: usize) -> String {
    if others == 0 { String::new() } else { format!("  (and {others} more)") }
}

fn spaced(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("  {text}") }
}

/// `840 ms`, `12.3 s`, `2 min 05 s`.
pub fn duration(time: Duration) -> String {
    match time.as_millis() {
        millis @ 0..1_000 => format!("{millis} ms"),
        millis @ 1_000..60_000 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        millis => format!("{} min {:02} s", millis / 60_000, millis % 60_000 / 1_000),
    }
}

/// `197.4 KB`, in units of 1,000 bytes as Cloudflare's limits are.
pub fn size(bytes: usize) -> String {
    if bytes < 1_000_000 {
        format!("{}.{} KB", bytes / 1_000, bytes % 1_000 / 100)
    } else {
        format!("{}.{:02} MB", bytes / 1_000_000, bytes % 1_000_000 / 10_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_a_person_says_them() {
        assert_eq!(duration(Duration::from_millis(840)), "840 ms");
        assert_eq!(duration(Duration::from_millis(12_349)), "12.3 s");
        assert_eq!(duration(Duration::from_secs(125)), "2 min 05 s");
    }

    #[test]
    fn sizes_read_as_a_person_says_them() {
        assert_eq!(size(197_449), "197.4 KB");
        assert_eq!(size(1_204_000), "1.20 MB");
    }
}
