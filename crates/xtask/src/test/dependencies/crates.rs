//! The crates of `Cargo.lock`, and of what the documents show in Rust, for every platform.

use anyhow::{Context, Result};
use serde_json::Value;

use super::policy::Policy;
use crate::cargo;

/// From the root: ours, and that of the receiver that `docs/downstream.md` shows.
pub const MANIFESTS: [&str; 2] = ["Cargo.toml", "tests/receivers/Cargo.toml"];

/// What cargo knows of the crates of a manifest.
pub fn metadata(manifest: &str) -> Result<Value> {
    let mut cargo = cargo::locked("metadata");
    cargo.args(["--format-version", "1", "--manifest-path", manifest]);
    let output = cargo.output().context("cannot run cargo")?;
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim()))
}

/// One line for each rule that a crate breaks.
pub fn faults(policy: &Policy, metadata: &Value) -> Vec<String> {
    let Some(packages) = metadata["packages"].as_array().filter(|packages| !packages.is_empty()) else {
        return vec!["cargo metadata lists no packages".to_owned()];
    };
    packages
        .iter()
        .flat_map(|package| [licence_fault(policy, package), source_fault(policy, package)])
        .flatten()
        .collect()
}

fn licence_fault(policy: &Policy, package: &Value) -> Option<String> {
    let fault = match package["license"].as_str().map(|licence| (licence, policy.allows_licence(licence))) {
        Some((_, Ok(true))) => return None,
        Some((licence, Ok(false))) => format!("the licence {licence}, which deny.toml does not allow"),
        Some((licence, Err(error))) => format!("the licence {licence:?}, which cannot be read: {error:#}"),
        None => "no licence in its Cargo.toml".to_owned(),
    };
    let advice = "use another crate, or read the licence and add it to licenses.allow of deny.toml";
    Some(format!("{} has {fault}: {advice}", name(package)))
}

fn source_fault(policy: &Policy, package: &Value) -> Option<String> {
    // A crate of this workspace has none.
    let source = package["source"].as_str()?;
    if source.strip_prefix("registry+").is_some_and(|registry| policy.allows_registry(registry)) {
        return None;
    }
    let advice = "take a release of it from crates.io, or use another crate";
    Some(format!("{} comes from {source}, which deny.toml does not allow: {advice}", name(package)))
}

fn name(package: &Value) -> String {
    let text = |key: &str| package[key].as_str().unwrap_or("?").to_owned();
    format!("the crate {} {}", text("name"), text("version"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

    fn faults_of(licence: Value, source: Value) -> Vec<String> {
        let package = json!({"name": "some", "version": "1.2.3", "license": licence, "source": source});
        faults(&Policy::read().unwrap(), &json!({"packages": [package]}))
    }

    #[test]
    fn a_crate_from_crates_io_or_of_the_workspace_under_an_allowed_licence_has_no_fault() {
        assert!(faults_of(json!("MIT OR GPL-3.0-only"), json!(CRATES_IO)).is_empty());
        assert!(faults_of(json!("Apache-2.0"), json!(null)).is_empty());
    }

    #[test]
    fn a_crate_under_another_licence_is_named_with_what_to_do() {
        for licence in
            [json!("GPL-3.0-only"), json!("MIT AND GPL-3.0-only"), json!("as you like"), json!(null)]
        {
            let faults = faults_of(licence.clone(), json!(CRATES_IO));
            let [fault] = &faults[..] else { panic!("{licence}: {faults:?}") };
            assert!(
                fault.starts_with("the crate some 1.2.3 has ") && fault.contains("licenses.allow"),
                "{fault}"
            );
        }
    }

    #[test]
    fn a_crate_from_elsewhere_is_named_with_what_to_do() {
        for source in ["git+https://github.com/some/some#0123", "registry+https://crates.example/index"] {
            let faults = faults_of(json!("MIT"), json!(source));
            let [fault] = &faults[..] else { panic!("{source}: {faults:?}") };
            assert!(fault.contains("the crate some 1.2.3 comes from ") && fault.contains(source), "{fault}");
        }
    }

    #[test]
    fn a_list_without_crates_has_failed() {
        assert_eq!(faults(&Policy::read().unwrap(), &json!({"packages": []})).len(), 1);
        assert_eq!(faults(&Policy::read().unwrap(), &json!({})).len(), 1);
    }
}
