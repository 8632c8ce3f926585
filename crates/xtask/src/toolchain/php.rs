//! PHP, for the test of what the documents show for WordPress.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::apt;

const NAME: &str = "php";

const ADVICE: &str =
    "a test runs what the documents show in PHP: install PHP 7.4 or newer for the command line";

/// Finds PHP, or installs it; the name that it is called by.
pub fn ensure_php() -> Result<&'static str> {
    if !is_installed() {
        apt::install("php", &["php-cli"], ADVICE)?;
    }
    is_installed().then_some(NAME).with_context(|| format!("what apt-get installed does not run; {ADVICE}"))
}

fn is_installed() -> bool {
    let mut php = Command::new(NAME);
    php.args(["-r", "exit((int) (PHP_VERSION_ID < 70400));"]);
    php.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    php.status().is_ok_and(|status| status.success())
}
