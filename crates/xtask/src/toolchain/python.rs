//! Python, for the tests of what the documents show in it.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::apt;

const NAMES: [&str; 2] = ["python3", "python"];

const ADVICE: &str =
    "tests run what the documents show in Python: install Python 3.9 or newer with its module venv";

/// Finds Python 3 that can make an environment of its own with pip, or installs it; the name that it is called by.
pub fn ensure_python() -> Result<&'static str> {
    if let Some(name) = installed() {
        return Ok(name);
    }
    apt::install("python", &["python3", "python3-venv"], ADVICE)?;
    installed().with_context(|| format!("what apt-get installed does not run; {ADVICE}"))
}

fn installed() -> Option<&'static str> {
    let says = "import ensurepip, sqlite3, sys, venv; sys.exit(sys.version_info < (3, 9))";
    let runs = |name: &&str| {
        let mut python = Command::new(name);
        python.args(["-c", says]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        python.status().is_ok_and(|status| status.success())
    };
    NAMES.into_iter().find(runs)
}
