//! Debian's package manager, for what the tests need and no package registry has.

use std::io::{BufRead, BufReader, pipe};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::progress::Progress;

/// How much of what apt-get says is shown while it works, in characters, and when it failed, in lines.
const NOTE_LENGTH: usize = 60;
const LAST_LINES: usize = 12;

/// Installs `packages`, which are `what`, where that needs no person: Debian or its like, as root or with a sudo that does not
/// ask. Elsewhere `advice` says what to do.
pub fn install(what: &str, packages: &[&str], advice: &str) -> Result<()> {
    if !Path::new("/etc/debian_version").is_file() {
        bail!("{advice}");
    }
    let Some(apt) = Apt::find() else {
        bail!(
            "{advice}; it is not installed for you because that takes root, or a sudo that asks for no password"
        );
    };
    let progress = Progress::start(format!("{what}: {} install", apt.name()));
    // Where it cannot bring the lists up to date the ones that are there may do.
    let updated = apt.run(&["update"], &progress)?;
    let install = [&["install", "--yes", "--no-install-recommends"], packages].concat();
    if let Err(said) = apt.run(&install, &progress)? {
        let update = updated.err().map(|said| format!("\n`apt-get update` said: {said}")).unwrap_or_default();
        bail!("{advice}; `apt-get install {}` failed: {said}{update}", packages.join(" "));
    }
    progress.done("");
    Ok(())
}

/// apt-get, as someone who may install.
enum Apt {
    AsRoot,
    BySudo,
}

impl Apt {
    fn find() -> Option<Self> {
        let said = |program: &str, arguments: &[&str]| {
            let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
            output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        };
        if said("id", &["-u"]).as_deref() == Some("0") {
            Some(Self::AsRoot)
        } else {
            said("sudo", &["-n", "true"]).map(|_| Self::BySudo)
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::AsRoot => "apt-get",
            Self::BySudo => "sudo apt-get",
        }
    }

    fn command(&self) -> Command {
        let mut command = match self {
            Self::AsRoot => Command::new("env"),
            Self::BySudo => {
                let mut sudo = Command::new("sudo");
                sudo.args(["-n", "env"]);
                sudo
            }
        };
        // Another apt-get, as of the unattended upgrades, is waited for.
        command.args(["DEBIAN_FRONTEND=noninteractive", "LC_ALL=C", "apt-get", "-q"]);
        command.args(["-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=300"]);
        command
    }

    /// The inner result is apt-get's: its last words where it failed.
    fn run(&self, arguments: &[&str], progress: &Progress) -> Result<std::result::Result<(), String>> {
        let (reader, writer) = pipe().context("cannot make a pipe")?;
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::null());
        command.stdout(writer.try_clone().context("cannot share a pipe")?).stderr(writer);
        let mut child = command.spawn().context("cannot run apt-get")?;
        // It holds the pipe's writing end, and reading would never end.
        drop(command);
        let mut lines = Vec::new();
        for line in BufReader::new(reader).split(b'\n') {
            let line = line.context("cannot read what apt-get says")?;
            let line = String::from_utf8_lossy(&line).trim().to_owned();
            progress.note(line.chars().take(NOTE_LENGTH).collect::<String>());
            lines.push(line);
        }
        if child.wait().context("cannot wait for apt-get")?.success() {
            return Ok(Ok(()));
        }
        Ok(Err(lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")))
    }
}
