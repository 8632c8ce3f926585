//! Where the checkout is, and how what lies in it is put there whole.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// The root of the checkout that `cargo xtask` was called in.
pub fn root() -> PathBuf {
    // Read at run time first: two checkouts may share one target directory, and then one binary.
    let manifest = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&manifest).ancestors().nth(2).expect("xtask lies two directories below the root").to_path_buf()
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
}
