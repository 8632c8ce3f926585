//! wrangler's bundle of a Worker: the very files it would deploy, to run them on workerd here.

use std::path::{Path, PathBuf};
use std::thread;

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
    bundle_built(worker.name(), &worker.config())
}

/// Builds and bundles every Worker, several things at a time; in the order of [`Worker::ALL`].
pub fn all() -> Result<[PathBuf; 2]> {
    build::all()?;
    thread::scope(|scope| {
        let bundles =
            Worker::ALL.map(|worker| scope.spawn(move || bundle_built(worker.name(), &worker.config())));
        let [edge, sandbox] = bundles.map(|bundle| bundle.join().expect("bundling does not panic"));
        Ok([edge?, sandbox?])
    })
}

/// Bundles what the wrangler configuration `config` names into `build/bundle/<name>/`; it must have been built.
pub fn bundle_built(name: &str, config: &Path) -> Result<PathBuf> {
    let bundle = directory().join(name);
    let _lock = workspace::lock(&bundle.with_extension("lock"))?;
    let progress = Progress::start(format!("{name}: wrangler deploy --dry-run"));
    let made = bundle.with_extension("work");
    workspace::remove_directory(&made)?;
    let output = npm::wrangler()
        .args(["deploy", "--dry-run", "--config"])
        .arg(config)
        .arg("--outdir")
        .arg(&made)
        .output()
        .context("cannot run wrangler")?;
    let said = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!("wrangler could not bundle the {name}: {said}{}", String::from_utf8_lossy(&output.stderr));
    }
    workspace::replace_directory(&made, &bundle)?;
    progress.done(said.lines().find_map(|line| line.strip_prefix("Total Upload: ")).unwrap_or_default());
    Ok(bundle)
}
