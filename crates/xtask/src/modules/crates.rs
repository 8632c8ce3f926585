//! The crates of this repository, and the JavaScript beside them.

use std::fs;
use std::path::{Path, PathBuf};

use super::graph::{Import, cycles};
use super::{javascript, names, rust};
use crate::workspace;

/// Fails with every cycle of the crate.
fn check(name: &str) {
    let text = |path: &Path| fs::read_to_string(workspace::root().join(path)).ok();
    let source = Path::new("crates").join(name).join("src");
    let roots = ["lib.rs", "main.rs"].map(|root| source.join(root));
    let root = roots.iter().find(|root| text(root).is_some()).expect("a crate has a root");
    let modules = rust::modules(root, &text).expect("the crate can be read");
    assert!(modules.len() > 3, "{name} has modules");
    check_imports(&names::imports(&modules));
}

fn check_imports(imports: &[Import]) {
    assert!(!imports.is_empty(), "nothing imports anything");
    let cycles: String = cycles(imports).iter().map(ToString::to_string).collect();
    assert!(cycles.is_empty(), "modules import each other:\n{cycles}");
}

/// The scripts below `crates`, from the root; what was built or installed there is left out.
fn scripts(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(workspace::root().join(directory)).expect("a directory can be read").flatten() {
        let path = directory.join(entry.file_name());
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() && !name.starts_with('.') && name != "node_modules" && name != "build" {
            found.extend(scripts(&path));
        } else if name.ends_with(".js") || name.ends_with(".mjs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn canopy_has_no_cycle_of_modules() {
    check("canopy");
}

#[test]
fn connect_has_no_cycle_of_modules() {
    check("connect");
}

#[test]
fn edge_has_no_cycle_of_modules() {
    check("edge");
}

#[test]
fn flow_has_no_cycle_of_modules() {
    check("flow");
}

#[test]
fn sandbox_has_no_cycle_of_modules() {
    check("sandbox");
}

#[test]
fn xtask_has_no_cycle_of_modules() {
    check("xtask");
}

#[test]
fn the_scripts_have_no_cycle_of_modules() {
    let imports = scripts(Path::new("crates")).into_iter().flat_map(|script| {
        let text = fs::read_to_string(workspace::root().join(&script)).expect("a script is text");
        javascript::imports(&script, &text)
    });
    check_imports(&imports.collect::<Vec<_>>());
}
