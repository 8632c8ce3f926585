//! Cargo, called from inside cargo. What it compiles is what `Cargo.lock` says, always.

use std::env;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::progress::Progress;
use crate::workspace;

/// `cargo` in the root.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace::root());
    forget_outer_cargo(&mut command);
    command
}

/// `cargo <subcommand> --locked` in the root.
pub fn locked(subcommand: &str) -> Command {
    let mut command = cargo();
    command.args([subcommand, "--locked"]);
    command
}

/// Takes from `command` what the outer `cargo run` set for this process: build scripts that watch those
/// variables would otherwise run again at every turn between outer and inner cargo.
pub fn forget_outer_cargo(command: &mut Command) {
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(is_set_by_cargo_run) {
            command.env_remove(name);
        }
    }
}

fn is_set_by_cargo_run(name: &str) -> bool {
    name.starts_with("CARGO_PKG_")
        || name.starts_with("CARGO_MANIFEST_")
        || name.starts_with("CARGO_BIN_")
        || name == "CARGO_CRATE_NAME"
}

/// The files that a `cargo build` made or found up to date.
#[derive(Debug)]
pub struct Artifacts(Vec<PathBuf>);

impl Artifacts {
    /// The path of the file that is called so.
    pub fn file(&self, name: &str) -> Result<&Path> {
        let found = self.0.iter().find(|path| path.file_name().is_some_and(|found| found == name));
        Ok(found.with_context(|| format!("cargo says of no {name} that it made it"))?)
    }
}

/// `cargo build` with `arguments`, showing how far it is. Several may run at a time, so none writes to the terminal
/// itself; its warnings are passed on when it ends.
pub fn build(label: &str, arguments: &[&str]) -> Result<Artifacts> {
    let progress = Progress::start(format!("{label}: cargo build"));
    let mut child = locked("build")
        .args(["--message-format", "json-render-diagnostics"])
        .args(arguments)
        .env("CARGO_TERM_PROGRESS_WHEN", "always")
        .env("CARGO_TERM_PROGRESS_WIDTH", "80")
        .env("CARGO_TERM_COLOR", "never")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot run cargo")?;
    let (stdout, stderr) =
        (child.stdout.take().expect("stdout is piped"), child.stderr.take().expect("stderr is piped"));
    let (files, said) = thread::scope(|scope| {
        let said = scope.spawn(|| follow(stderr, &progress));
        let mut files = Vec::new();
        for line in BufReader::new(stdout).lines() {
            files.extend(artifacts(&line.context("cannot read what cargo prints")?));
        }
        let said = said.join().expect("reading what cargo says does not panic")?;
        Ok::<_, anyhow::Error>((files, said))
    })?;
    if !child.wait().context("cannot wait for cargo")?.success() {
        drop(progress);
        bail!("{label} does not compile:\n{said}");
    }
    progress.done("");
    if !said.is_empty() {
        eprintln!("{said}");
    }
    Ok(Artifacts(files))
}

/// The files of one message of cargo's.
fn artifacts(message: &str) -> Vec<PathBuf> {
    let message: Value = serde_json::from_str(message).unwrap_or_default();
    if message["reason"] != "compiler-artifact" {
        return Vec::new();
    }
    let files = message["filenames"].as_array().into_iter().flatten();
    files.filter_map(|file| file.as_str().map(PathBuf::from)).collect()
}

/// Notes how far cargo is until it has said all; its errors and warnings.
fn follow(mut stderr: ChildStderr, progress: &Progress) -> Result<String> {
    let mut said = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stderr.read(&mut buffer).context("cannot read what cargo says")?;
        if read == 0 {
            break;
        }
        said.extend_from_slice(&buffer[..read]);
        let end = String::from_utf8_lossy(&said[said.len().saturating_sub(400)..]).into_owned();
        if let Some(note) = end.rsplit(['\r', '\n']).find_map(note) {
            progress.note(note);
        }
    }
    Ok(without_status(&String::from_utf8_lossy(&said)))
}

fn note(line: &str) -> Option<String> {
    if line.trim_start().starts_with("Blocking") {
        return Some("waiting for another cargo".to_owned());
    }
    bar_position(line).map(|position| format!("{position} crates"))
}

/// `12/97` out of cargo's progress bar `Building [==>    ] 12/97: walrus`.
fn bar_position(line: &str) -> Option<&str> {
    let (_, after) = line.split_once("Building [")?.1.split_once(']')?;
    let position = after.trim_start().split([':', ' ']).next()?;
    let (done, total) = position.split_once('/')?;
    (done.parse::<u32>().is_ok() && total.parse::<u32>().is_ok()).then_some(position)
}

/// What cargo says besides what it is doing.
fn without_status(said: &str) -> String {
    const STATUS: [&str; 7] =
        ["Blocking", "Building", "Compiling", "Downloaded", "Downloading", "Finished", "Updating"];
    // A status stands in from the left; cargo begins what a reader is to act on at the margin.
    let is_status = |line: &str| {
        let first = line.split_whitespace().next();
        line.starts_with(' ') && first.is_some_and(|first| STATUS.contains(&first))
    };
    let lines = said.split(['\r', '\n']).filter(|line| !is_status(line));
    lines.collect::<Vec<_>>().join("\n").trim_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_cargo_forgets_the_package_of_the_outer_but_keeps_the_users_settings() {
        assert!(is_set_by_cargo_run("CARGO_PKG_NAME"));
        assert!(is_set_by_cargo_run("CARGO_MANIFEST_DIR"));
        assert!(!is_set_by_cargo_run("CARGO_HOME"));
        assert!(!is_set_by_cargo_run("CARGO_TARGET_DIR"));
    }

    #[test]
    fn cargos_bar_says_how_far_it_is() {
        assert_eq!(bar_position("    Building [=====>      ] 12/97: walrus, syn"), Some("12/97"));
        assert_eq!(bar_position("   Compiling walrus v0.25.0"), None);
        assert_eq!(bar_position("    Building [=====>"), None);
    }

    #[test]
    fn of_what_cargo_says_the_warnings_are_passed_on() {
        let said = "   Compiling edge v0.1.0\n    Building [==> ] 1/2: edge\r\
            warning: unused variable: `x`\n --> src/lib.rs:1:5\n  |\n1 | let x;\n\n    Finished `release` profile\n";
        assert_eq!(
            without_status(said),
            "warning: unused variable: `x`\n --> src/lib.rs:1:5\n  |\n1 | let x;"
        );
        assert_eq!(without_status("   Compiling edge v0.1.0\n    Finished `release` profile\n"), "");
    }

    #[test]
    fn a_file_is_found_by_its_name_among_what_cargo_made() {
        let message = r#"{"reason":"compiler-artifact","filenames":["/target/release/edge.wasm"]}"#;
        let made = Artifacts(artifacts(message));
        assert_eq!(made.file("edge.wasm").unwrap(), Path::new("/target/release/edge.wasm"));
        assert!(made.file("sandbox.wasm").is_err());
        assert!(artifacts(r#"{"reason":"build-finished","success":true}"#).is_empty());
        assert!(artifacts("no message").is_empty());
    }
}
