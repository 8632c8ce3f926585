//! Where everything comes from that is compiled or run here, and under which licence.

mod crates;
mod npm;
mod policy;

use anyhow::Result;

use crate::counts::Counts;
use policy::Policy;

/// Holds the crates of `Cargo.lock` to `deny.toml`, and the packages of `package-lock.json` to npm's registry: one
/// check each.
pub fn check() -> Result<Counts> {
    let crates = crates::faults(&Policy::read()?, &crates::metadata()?);
    let packages = npm::faults(&npm::lock()?);
    for fault in crates.iter().chain(&packages) {
        println!("{fault}");
    }
    Ok(Counts::of_check(crates.is_empty()) + Counts::of_check(packages.is_empty()))
}
