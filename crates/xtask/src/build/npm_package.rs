//! The page as an npm package in a directory that `npm pack` can pack.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// What is the package's own and not the page's: its manifest, without a version, and its readme.
pub const OWN: &str = "crates/connect/npm";

/// What stands in the manifest until it is filled in.
const NO_VERSION: &str = r#""version": "0.0.0""#;

/// Where its parts come from.
#[derive(Debug)]
pub struct Sources<'paths> {
    /// [`OWN`], as a path.
    pub own: &'paths Path,
    /// What the edge serves: the modules and the wasm.
    pub page: &'paths Path,
    /// Scripts with their declarations: every `*.d.ts` is taken.
    pub scripts: &'paths Path,
}

/// Writes the package into the new directory `package`.
pub fn write(package: &Path, sources: &Sources, version: &str) -> Result<()> {
    fs::create_dir_all(package).with_context(|| format!("cannot create {}", package.display()))?;
    copy(sources.page, package, |_| true)?;
    copy(sources.own, package, |name| name != "package.json")?;
    copy(sources.scripts, package, |name| name.ends_with(".d.ts"))?;
    let template = sources.own.join("package.json");
    let text =
        fs::read_to_string(&template).with_context(|| format!("cannot read {}", template.display()))?;
    let manifest = manifest(&text, version)
        .with_context(|| format!("{} does not have {NO_VERSION} once", template.display()))?;
    let path = package.join("package.json");
    fs::write(&path, manifest).with_context(|| format!("cannot write {}", path.display()))
}

/// The manifest of this `version`, out of its template. As text: the order of its conditions has a meaning.
fn manifest(template: &str, version: &str) -> Option<String> {
    let (before, after) = template.split_once(NO_VERSION)?;
    (!after.contains(NO_VERSION)).then(|| format!("{before}\"version\": \"{version}\"{after}"))
}

/// Copies the files of `from` whose names are `wanted` into `to`.
fn copy(from: &Path, to: &Path, wanted: impl Fn(&str) -> bool) -> Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let file = entry?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if file.is_file() && wanted(&name) {
            fs::copy(&file, to.join(&*name)).with_context(|| format!("cannot copy {}", file.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;
    use serde_json::Value;

    #[test]
    fn the_manifest_gets_the_version_and_keeps_the_rest() {
        let template = fs::read_to_string(workspace::root().join(OWN).join("package.json")).unwrap();
        let manifest = manifest(&template, "1.2.3").unwrap();
        assert_eq!(manifest.replace("1.2.3", "0.0.0"), template);
        let manifest: Value = serde_json::from_str(&manifest).unwrap();
        assert_eq!(manifest["version"], "1.2.3");
    }

    #[test]
    fn a_template_without_one_place_for_the_version_is_none() {
        assert_eq!(manifest(r#"{"version": "0.1.0"}"#, "1.2.3"), None);
        assert_eq!(manifest(&format!("{{{NO_VERSION}, {NO_VERSION}}}"), "1.2.3"), None);
    }
}
