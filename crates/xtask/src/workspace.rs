//! Where things are: the checkout, cargo's output, the user's cache. And how cargo is called from inside cargo.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// The root of the checkout that `cargo xtask` was called in.
pub fn root() -> PathBuf {
    // Read at run time first: two checkouts may share one target directory, and then one binary.
    let manifest = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&manifest).ancestors().nth(2).expect("xtask lies two directories below the root").to_path_buf()
}

/// The user's cache for built tools: `CANOPY_EDGE_CACHE`, or `canopy-edge` in the system's cache directory.
pub fn cache() -> Result<PathBuf> {
    let chosen = env::var_os("CANOPY_EDGE_CACHE").filter(|value| !value.is_empty()).map(PathBuf::from);
    let directory = match chosen {
        Some(directory) => directory,
        None => dirs::cache_dir()
            .context("no cache directory is known for this user; set CANOPY_EDGE_CACHE to one")?
            .join("canopy-edge"),
    };
    fs::create_dir_all(&directory).with_context(|| {
        format!(
            "cannot create the tool cache {}; set CANOPY_EDGE_CACHE to another place",
            directory.display()
        )
    })?;
    Ok(directory)
}

/// `cargo` in the root.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    forget_outer_cargo(&mut command);
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

/// Cargo's target directory of this checkout, wherever the user's configuration puts it.
pub fn target_directory() -> Result<PathBuf> {
    let output = cargo()
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()
        .context("cannot run cargo")?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).with_context(|| {
        format!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim())
    })?;
    let directory =
        metadata["target_directory"].as_str().context("cargo metadata names no target_directory")?;
    Ok(directory.into())
}

/// Waits until no other process holds the lock at `path`, and holds it until the returned file is dropped.
pub fn lock(path: &Path) -> Result<File> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))?;
    }
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .with_context(|| format!("cannot open the lock {}", path.display()))?;
    file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(file)
}

/// Puts `bytes` at `path` so that a reader sees the old file or the new one, never a part.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let name = path.file_name().and_then(OsStr::to_str).expect("a file has a name");
    let beside = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let written = File::create(&beside)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| fs::rename(&beside, path));
    written.with_context(|| format!("cannot write {}", path.display()))
}

/// Removes the directory at `path` with all in it; none there is fine.
pub fn remove_directory(path: &Path) -> Result<()> {
    if path.exists() {
        fs::remove_dir_all(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

/// Puts the finished directory `made` in the place of `old`, so that no part of either is ever taken for the whole.
/// The old one goes by way of `made`'s neighbourhood: nothing else may appear beside `old`, which may be served.
pub fn replace_directory(made: &Path, old: &Path) -> Result<()> {
    let aside = made.with_extension("old");
    remove_directory(&aside)?;
    if old.exists() {
        fs::rename(old, &aside).with_context(|| format!("cannot move {} aside", old.display()))?;
    }
    fs::rename(made, old).with_context(|| format!("cannot move {} to {}", made.display(), old.display()))?;
    remove_directory(&aside)
}

/// SHA-256 over `parts`, each with its length before it, in hex.
pub fn digest(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hex::encode(hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_holds_the_workspace() {
        assert!(root().join("contract/openapi.json").is_file());
    }

    #[test]
    fn a_digest_tells_apart_what_only_concatenates_alike() {
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
        assert_eq!(digest(&[b"ab", b"c"]), digest(&[b"ab", b"c"]));
    }

    #[test]
    fn inner_cargo_forgets_the_package_of_the_outer_but_keeps_the_users_settings() {
        assert!(is_set_by_cargo_run("CARGO_PKG_NAME"));
        assert!(is_set_by_cargo_run("CARGO_MANIFEST_DIR"));
        assert!(!is_set_by_cargo_run("CARGO_HOME"));
        assert!(!is_set_by_cargo_run("CARGO_TARGET_DIR"));
    }
}
