//! The wasm target of the Rust toolchain. That Rust itself is new enough cargo has checked, by
//! `rust-version`, before this program was compiled.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cargo::cargo;
use crate::progress::Progress;
use crate::workspace;

pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Makes sure that the toolchain of this checkout can compile to wasm.
pub fn ensure_wasm_target() -> Result<()> {
    if installed()? {
        return Ok(());
    }
    let progress = Progress::start(format!("Rust target {WASM_TARGET}: rustup target add"));
    let rustup =
        Command::new("rustup").args(["target", "add", WASM_TARGET]).current_dir(workspace::root()).output();
    let output = rustup.with_context(|| {
        format!("the Rust target {WASM_TARGET} is not installed and there is no rustup to add it: install Rust from https://rustup.rs, or add the target's standard library with the package manager that Rust came from")
    })?;
    if !output.status.success() || !installed()? {
        bail!(
            "`rustup target add {WASM_TARGET}` failed; is static.rust-lang.org reachable? rustup said: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    progress.done("");
    Ok(())
}

/// Makes sure that `cargo <tool>` runs; a minimal Rust installation comes without clippy and rustfmt.
pub fn ensure_component(tool: &str, component: &str) -> Result<()> {
    let runs = || cargo().args([tool, "--version"]).output().is_ok_and(|output| output.status.success());
    if runs() {
        return Ok(());
    }
    let progress = Progress::start(format!("Rust component {component}: rustup component add"));
    let output = Command::new("rustup")
        .args(["component", "add", component])
        .current_dir(workspace::root())
        .output()
        .with_context(|| format!("`cargo {tool}` does not run and there is no rustup to add it: install Rust from https://rustup.rs"))?;
    if !runs() {
        bail!(
            "`rustup component add {component}` failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    progress.done("");
    Ok(())
}

/// Asks rustc rather than rustup: a distribution's Rust brings the target without rustup.
fn installed() -> Result<bool> {
    let output = Command::new("rustc")
        .args(["--print", "sysroot"])
        .current_dir(workspace::root())
        .output()
        .context("cannot run rustc")?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    Ok(sysroot.join("lib/rustlib").join(WASM_TARGET).join("lib").is_dir())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use toml::{Table, Value};

    use super::*;

    fn read(name: &str) -> Table {
        fs::read_to_string(workspace::root().join(name)).unwrap().parse().unwrap()
    }

    fn numbers(version: &Value) -> Vec<u32> {
        version.as_str().unwrap().split('.').map(|number| number.parse().unwrap()).collect()
    }

    #[test]
    fn the_pinned_toolchain_compiles_this_workspace_to_wasm() {
        let toolchain = &read("rust-toolchain.toml")["toolchain"];
        assert!(toolchain["targets"].as_array().unwrap().contains(&WASM_TARGET.into()));
        let oldest = &read("Cargo.toml")["workspace"]["package"]["rust-version"];
        assert!(numbers(&toolchain["channel"]) >= numbers(oldest));
    }
}
