//! Secrets that commands need: from the environment, or asked for; never an argument, which others on the machine can read.

use std::env;
use std::io::{IsTerminal, stdin};

use anyhow::{Context, Result, bail, ensure};

/// The secret in the variable `name`, else what is entered for `what`.
pub fn read(name: &str, what: &str) -> Result<String> {
    if let Some(secret) = env::var(name).ok().filter(|secret| !secret.is_empty()) {
        return Ok(secret);
    }
    if !stdin().is_terminal() {
        bail!("the {what} is missing: set {name}, or run this in a terminal to be asked for it");
    }
    let secret = rpassword::prompt_password(format!("The {what}: "));
    let secret = secret.with_context(|| format!("cannot read the {what}"))?.trim().to_owned();
    ensure!(!secret.is_empty(), "expected the {what}, found nothing: run this again, or set {name}");
    Ok(secret)
}
