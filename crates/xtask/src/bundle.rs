//! wrangler's bundle of a Worker: the very files it would deploy, to run them on workerd here.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::build::{self, Worker};
use crate::progress::Progress;
use crate::toolchain::npm;
use crate::workspace;

/// Where [`bundle`] puts them; `tests/harness.mjs` is told by `CANOPY_EDGE_BUNDLES`.
pub fn directory() -> PathBuf {
    workspace::root().join("build/bundle")
}

/// Builds `worker` and bundles it into `build/bundle/<worker>/`.
pub fn bundle(worker: Worker) -> Result<PathBuf> {
    build::worker(worker)?;
    let bundle = directory().join(worker.name());
    let _lock = workspace::lock(&bundle.with_extension("lock"))?;
    let progress = Progress::start(format!("{}: wrangler deploy --dry-run", worker.name()));
    let made = bundle.with_extension("work");
    workspace::remove_directory(&made)?;
    let output = npm::wrangler()
        .args(["deploy", "--dry-run", "--config"])
        .arg(worker.config())
        .arg("--outdir")
        .arg(&made)
        .output()
        .context("cannot run wrangler")?;
    let said = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!(
            "wrangler could not bundle the {}: {said}{}",
            worker.name(),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    workspace::replace_directory(&made, &bundle)?;
    progress.done(said.lines().find_map(|line| line.strip_prefix("Total Upload: ")).unwrap_or_default());
    Ok(bundle)
}
