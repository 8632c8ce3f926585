//! Processor time of a process, user and system together.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

/// The processor time that the process `pid` has used.
pub fn time_of(pid: u32) -> Result<Duration> {
    if cfg!(target_os = "linux") {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))
            .with_context(|| format!("process {pid} is gone"))?;
        let ticks = ticks(&stat).context("/proc/<pid>/stat has another form than expected")?;
        return Ok(Duration::from_secs_f64(ticks as f64 / ticks_per_second()?));
    }
    let output = Command::new("ps")
        .args(["-o", "time=", "-p", &pid.to_string()])
        .output()
        .context("cannot run ps, which tells the processor time")?;
    seconds(String::from_utf8_lossy(&output.stdout).trim())
        .map(Duration::from_secs_f64)
        .with_context(|| format!("process {pid} is gone"))
}

fn ticks_per_second() -> Result<f64> {
    let output = Command::new("getconf").arg("CLK_TCK").output().context("cannot run getconf")?;
    String::from_utf8_lossy(&output.stdout).trim().parse().context("getconf CLK_TCK gave no number")
}

/// utime and stime: the 14th and 15th field. The 2nd, in parentheses, may hold spaces.
fn ticks(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

/// `[[days-]hours:]minutes:seconds[.hundredths]`
fn seconds(time: &str) -> Option<f64> {
    let (days, clock) = time.split_once('-').unwrap_or(("0", time));
    let clock = clock.split(':').try_fold(0.0, |sum, part| Some(sum * 60.0 + part.parse::<f64>().ok()?))?;
    Some(days.parse::<f64>().ok()? * 86_400.0 + clock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_counted_behind_the_name() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 1 0 100 0 0";
        assert_eq!(ticks(stat), Some(300));
    }

    #[test]
    fn the_time_of_ps_is_read_in_each_of_its_forms() {
        assert_eq!(seconds("0:01.25"), Some(1.25));
        assert_eq!(seconds("01:00:01"), Some(3601.0));
        assert_eq!(seconds("1-00:00:01"), Some(86_401.0));
        assert_eq!(seconds(""), None);
    }

    #[test]
    fn this_process_has_used_some_time_or_none_yet() {
        assert!(time_of(std::process::id()).unwrap() < Duration::from_secs(3600));
    }
}
