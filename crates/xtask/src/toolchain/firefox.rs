//! The Firefox of the page tests: one that is there, else the firefox-esr of Debian's package manager.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::apt;
use super::browser::{on_path, runs};

/// May name its program.
const VARIABLE: &str = "CANOPY_EDGE_FIREFOX";
/// What it is called on the PATH.
const NAMES: [&str; 2] = ["firefox-esr", "firefox"];
/// Where macOS and Windows keep it, off the PATH.
const USUAL_PLACES: [&str; 2] =
    ["/Applications/Firefox.app/Contents/MacOS/firefox", r"C:\Program Files\Mozilla Firefox\firefox.exe"];

const ADVICE: &str = "a page test needs Firefox: install it, or set CANOPY_EDGE_FIREFOX to its program";

/// Finds Firefox, or installs it; the path of its program.
pub fn ensure_firefox() -> Result<PathBuf> {
    if let Some(program) = env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from) {
        if !runs(&program) {
            bail!("{VARIABLE} names {}, which does not run as a browser", program.display());
        }
        return Ok(program);
    }
    if let Some(program) = installed() {
        return Ok(program);
    }
    apt::install("firefox", &["firefox-esr"], ADVICE)?;
    installed().with_context(|| format!("what apt-get installed does not run; {ADVICE}"))
}

fn installed() -> Option<PathBuf> {
    let on_path = on_path(&NAMES, &env::var_os("PATH").unwrap_or_default());
    let usual = USUAL_PLACES.iter().map(PathBuf::from).filter(|program| Path::is_file(program));
    on_path.into_iter().chain(usual).find(|program| runs(program))
}
