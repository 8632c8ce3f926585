//! The `wasm-bindgen` command. Its version must be the one of the library in `Cargo.lock`, to the digit.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::progress::Progress;
use crate::workspace;

#[derive(Debug)]
pub struct WasmBindgen {
    pub version: String,
    pub program: PathBuf,
}

impl WasmBindgen {
    /// Finds the command in the cache or on the PATH, or compiles it into the cache.
    pub fn ensure() -> Result<Self> {
        let path = workspace::root().join("Cargo.lock");
        let cargo_lock =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let version = locked_version(&cargo_lock, "wasm-bindgen")
            .context("Cargo.lock names no wasm-bindgen")?
            .to_owned();
        let home = cache_entry(&workspace::cache()?, &version);
        let program = home.join("bin").join(format!("wasm-bindgen{}", std::env::consts::EXE_SUFFIX));
        if program.is_file() {
            return Ok(Self { version, program });
        }
        if on_path(&version) {
            return Ok(Self { version, program: "wasm-bindgen".into() });
        }
        let _lock = workspace::lock(&beside(&home, "lock"))?;
        if !program.is_file() {
            install(&version, &home)?;
        }
        Ok(Self { version, program })
    }
}

fn cache_entry(cache: &Path, version: &str) -> PathBuf {
    cache.join(format!("wasm-bindgen-{version}"))
}

/// The file or directory beside `home` for one version; `with_extension` would take `130` of `0.2.130` for one.
fn beside(home: &Path, suffix: &str) -> PathBuf {
    let mut name = home.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

fn on_path(version: &str) -> bool {
    let output = Command::new("wasm-bindgen").arg("--version").output();
    output.is_ok_and(|output| {
        String::from_utf8_lossy(&output.stdout).trim() == format!("wasm-bindgen {version}")
    })
}

/// Compiles into a directory of its own and renames it, so that an interrupted installation is never taken for a whole one.
fn install(version: &str, home: &Path) -> Result<()> {
    let unfinished = beside(home, "unfinished");
    workspace::remove_directory(&unfinished)?;
    let progress = Progress::start(format!("wasm-bindgen {version}: compiling it into {}", home.display()));
    // The published lock file first; a registry mirror may lag behind it, so then without.
    let mut refusal = String::new();
    for locked in [true, false] {
        match cargo_install(version, &unfinished, locked, &progress)? {
            Ok(()) => {
                fs::rename(&unfinished, home)
                    .with_context(|| format!("cannot move the built tool to {}", home.display()))?;
                progress.done("");
                return Ok(());
            }
            Err(said) => refusal = said,
        }
    }
    bail!(
        "`cargo install wasm-bindgen-cli --version {version}` failed; is crates.io reachable, and a C compiler installed? cargo said: {refusal}"
    )
}

/// The inner result is cargo's: its last words where it failed.
fn cargo_install(
    version: &str,
    root: &Path,
    locked: bool,
    progress: &Progress,
) -> Result<std::result::Result<(), String>> {
    let mut command = workspace::cargo();
    command
        .args(["install", "wasm-bindgen-cli", "--bin", "wasm-bindgen", "--version", version, "--root"])
        .arg(root);
    if locked {
        command.arg("--locked");
    }
    let mut cargo = command
        .env("CARGO_TERM_PROGRESS_WHEN", "always")
        .env("CARGO_TERM_PROGRESS_WIDTH", "80")
        .env("CARGO_TERM_COLOR", "never")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot run cargo install")?;
    let mut said = Vec::new();
    let mut stderr = cargo.stderr.take().expect("stderr is piped");
    let mut buffer = [0; 4096];
    loop {
        let read = stderr.read(&mut buffer).context("cannot read what cargo says")?;
        if read == 0 {
            break;
        }
        said.extend_from_slice(&buffer[..read]);
        if let Some(position) = String::from_utf8_lossy(&said[said.len().saturating_sub(400)..])
            .rsplit(['\r', '\n'])
            .find_map(bar_position)
        {
            progress.note(format!("{position} crates"));
        }
    }
    if cargo.wait().context("cannot wait for cargo install")?.success() {
        return Ok(Ok(()));
    }
    let said = String::from_utf8_lossy(&said);
    let errors: Vec<&str> = said.lines().filter(|line| !line.contains("Building [")).collect();
    Ok(Err(errors[errors.len().saturating_sub(12)..].join("\n")))
}

/// `12/97` out of cargo's progress bar `Building [==>    ] 12/97: walrus`.
fn bar_position(line: &str) -> Option<&str> {
    let (_, after) = line.split_once("Building [")?.1.split_once(']')?;
    let position = after.trim_start().split([':', ' ']).next()?;
    let (done, total) = position.split_once('/')?;
    (done.parse::<u32>().is_ok() && total.parse::<u32>().is_ok()).then_some(position)
}

/// The version of `package` in the text of a `Cargo.lock`; none where it is missing or there several times.
fn locked_version<'lock>(cargo_lock: &'lock str, package: &str) -> Option<&'lock str> {
    let mut versions = cargo_lock.split("[[package]]").filter_map(|entry| {
        let field = |name: &str| {
            entry.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = \"")?.strip_suffix('"'))
        };
        (field("name")? == package).then(|| field("version")).flatten()
    });
    let version = versions.next()?;
    versions.next().is_none().then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "version = 4\n\n[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.2.131\"\n\n\
        [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"registry\"\ndependencies = [\n \"wasm-bindgen-macro\",\n]\n\n\
        [[package]]\nname = \"hmac\"\nversion = \"0.12.1\"\n\n[[package]]\nname = \"hmac\"\nversion = \"0.13.0\"\n";

    #[test]
    fn the_version_is_that_of_the_package_itself() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(LOCK, "wasm"), None);
    }

    #[test]
    fn a_package_that_is_locked_twice_has_no_one_version() {
        assert_eq!(locked_version(LOCK, "hmac"), None);
    }

    #[test]
    fn this_checkout_locks_wasm_bindgen() {
        let lock = fs::read_to_string(workspace::root().join("Cargo.lock")).unwrap();
        assert!(locked_version(&lock, "wasm-bindgen").is_some());
    }

    #[test]
    fn another_version_is_another_place_in_the_cache() {
        let cache = Path::new("/cache");
        let [one, other] = ["0.2.130", "0.2.131"].map(|version| cache_entry(cache, version));
        assert_ne!(one, other);
        assert_ne!(beside(&one, "lock"), beside(&other, "lock"));
    }

    #[test]
    fn cargos_bar_says_how_far_it_is() {
        assert_eq!(bar_position("    Building [=====>      ] 12/97: walrus, syn"), Some("12/97"));
        assert_eq!(bar_position("   Compiling walrus v0.25.0"), None);
        assert_eq!(bar_position("    Building [=====>"), None);
    }
}
