//! Rows that a script measures and prints itself: on Miniflare's stores, or what the page runs.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::build::Worker;
use crate::bundle::{self, bundle};
use crate::progress::Progress;
use crate::toolchain::{self, npm};
use crate::workspace;

/// One of them.
pub struct Script {
    /// What `--only` calls it.
    pub name: &'static str,
    file: &'static str,
    what: &'static str,
}

/// All of them. What is counted, and the list prices, stand in the scripts.
pub const SCRIPTS: [Script; 4] = [
    Script { name: "cost", file: "tests/bench/cost.mjs", what: "what whole pulls cost on Cloudflare's bill" },
    Script { name: "list", file: "tests/bench/list.mjs", what: "pages of a list of 100 and of 10,000 pulls" },
    Script { name: "arrival", file: "tests/bench/arrival.mjs", what: "the element on a slow line" },
    Script { name: "search", file: "tests/bench/search.mjs", what: "a key of the search of companies" },
];

impl Script {
    /// Prints its table for the edge, and beside it for the bundle `against`.
    pub fn measure(&self, rounds: u16, against: Option<&Path>) -> Result<()> {
        for worker in Worker::ALL {
            bundle(worker)?;
        }
        let progress = Progress::start(self.what);
        let output = npm::node(workspace::root().join(self.file))
            .arg(rounds.to_string())
            .arg(bundle::directory().join("edge"))
            .args(against)
            .env("CANOPY_EDGE_BUNDLES", bundle::directory())
            .env("CANOPY_EDGE_BROWSER", toolchain::ensure_browser()?)
            .output()
            .context("cannot run node")?;
        let failed = || format!("{} failed:\n{}", self.file, String::from_utf8_lossy(&output.stderr));
        ensure!(output.status.success(), failed());
        progress.done(&format!("{rounds} rounds"));
        println!("\n{}", String::from_utf8_lossy(&output.stdout));
        Ok(())
    }
}
