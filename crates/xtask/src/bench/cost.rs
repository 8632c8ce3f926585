//! The row `cost`: what whole pulls cost on Cloudflare's bill.
//!
//! What is counted, and the list prices, stand in `tests/bench/cost.mjs`.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::build::Worker;
use crate::bundle::{self, bundle};
use crate::progress::Progress;
use crate::toolchain::npm;
use crate::workspace;

/// What `--only` calls it.
pub const NAME: &str = "cost";

const SCRIPT: &str = "tests/bench/cost.mjs";

/// Prints the table for the edge, and beside it for the bundle `against`; each of `pulls` takes some seconds.
pub fn measure(pulls: u16, against: Option<&Path>) -> Result<()> {
    for worker in Worker::ALL {
        bundle(worker)?;
    }
    let progress = Progress::start("cost of a pull");
    let output = npm::node(workspace::root().join(SCRIPT))
        .arg(pulls.to_string())
        .arg(bundle::directory().join("edge"))
        .args(against)
        .env("CANOPY_EDGE_BUNDLES", bundle::directory())
        .output()
        .context("cannot run node")?;
    ensure!(output.status.success(), "{SCRIPT} failed:\n{}", String::from_utf8_lossy(&output.stderr));
    progress.done(&format!("{pulls} pulls"));
    println!("\n{}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}
