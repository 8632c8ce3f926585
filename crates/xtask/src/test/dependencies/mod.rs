//! Where everything comes from that is compiled or run here, and under which licence.

mod crates;
mod npm;
mod policy;

use anyhow::Result;

use crate::counts::Counts;
use policy::Policy;

/// Holds all crates to `deny.toml`, and the packages of `package-lock.json` to npm's registry: one
/// check each.
pub fn check() -> Result<Counts> {
    let policy = Policy::read()?;
    let mut crates = Vec::new();
    for manifest in crates::MANIFESTS {
        crates.extend(crates::faults(&policy, &crates::metadata(manifest)?));
    }
    let packages = npm::faults(&npm::lock()?);
    for fault in crates.iter().chain(&packages) {
        println!("{fault}");
    }
    Ok(Counts::of_check(crates.is_empty()) + Counts::of_check(packages.is_empty()))
}
