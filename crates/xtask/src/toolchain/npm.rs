//! The pinned JavaScript tools of `package.json`, and the pinned Node.js that runs them.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::cargo;
use crate::progress::Progress;
use crate::workspace;

/// The oldest Node.js whose npm installs the pinned packages; they run on the Node.js that is one of them.
const OLDEST_NODE: u32 = 20;
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// Makes `node_modules` what `package-lock.json` says.
pub fn ensure_packages() -> Result<()> {
    let root = workspace::root();
    if is_installed(&root)? {
        return Ok(());
    }
    let _lock = workspace::lock(&root.join("build/.npm.lock"))?;
    if is_installed(&root)? {
        return Ok(());
    }
    check_node()?;
    let progress = Progress::start("JavaScript tools of package-lock.json: npm ci");
    let output = Command::new(NPM)
        .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(&root)
        .stdin(Stdio::null())
        .output()
        .context(
            "cannot run npm, which comes with Node.js: install Node.js 20 or newer from https://nodejs.org",
        )?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`npm ci` failed; is the npm registry reachable? npm said: {}", said.trim());
    }
    if !is_installed(&root)? {
        bail!(
            "`npm ci` ended well, but node_modules is not what package-lock.json says: remove node_modules and try again"
        );
    }
    progress.done("");
    Ok(())
}

/// The pinned Node.js running `script`, a path in `node_modules`.
pub fn node(script: impl AsRef<OsStr>) -> Command {
    let root = workspace::root();
    let mut command = Command::new(node_program(&root));
    command.arg(script).current_dir(root);
    // wrangler's build command is cargo again.
    cargo::forget_outer_cargo(&mut command);
    command
}

/// wrangler, on the pinned Node.js: never asking, reporting home, looking for updates or colouring.
pub fn wrangler() -> Command {
    let mut command = node("node_modules/wrangler/bin/wrangler.js");
    command
        .env("CI", "true")
        .env("NO_COLOR", "1")
        .env("FORCE_COLOR", "0")
        .env("WRANGLER_SEND_METRICS", "false")
        .env("WRANGLER_HIDE_BANNER", "true")
        .stdin(Stdio::null());
    command
}

/// The exact version that `package.json` pins `package` to.
pub fn pinned_version(package: &str) -> Result<String> {
    let manifest = read_json(&workspace::root().join("package.json"))?;
    let version = manifest["devDependencies"][package].as_str();
    Ok(version.with_context(|| format!("package.json does not pin {package}"))?.to_owned())
}

fn node_program(root: &Path) -> PathBuf {
    root.join("node_modules/node/bin").join(format!("node{}", std::env::consts::EXE_SUFFIX))
}

fn check_node() -> Result<()> {
    let output = Command::new("node")
        .arg("--version")
        .output()
        .context("cannot run node: install Node.js 20 or newer from https://nodejs.org")?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match major(&version) {
        Some(major) if major >= OLDEST_NODE => Ok(()),
        _ => bail!(
            "Node.js {OLDEST_NODE} or newer is needed, `node --version` says {version:?}: install one from https://nodejs.org"
        ),
    }
}

fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn is_installed(root: &Path) -> Result<bool> {
    // npm writes this file last, so an interrupted installation has none.
    let installed = root.join("node_modules/.package-lock.json");
    if !installed.is_file() || !node_program(root).is_file() {
        return Ok(false);
    }
    Ok(agrees(&read_json(&root.join("package-lock.json"))?, &read_json(&installed)?))
}

/// Whether what is `installed` has every package of `wanted` that any platform needs, in the same version.
fn agrees(wanted: &Value, installed: &Value) -> bool {
    let Some(packages) = wanted["packages"].as_object() else {
        return false;
    };
    packages
        .iter()
        .filter(|(path, package)| !path.is_empty() && package["optional"] != Value::Bool(true))
        .all(|(path, package)| installed["packages"][path]["version"] == package["version"])
}

pub fn read_json(path: &Path) -> Result<Value> {
    let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is not JSON", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn another_version_of_one_package_is_not_installed() {
        let wanted = json!({"packages": {"": {}, "node_modules/a": {"version": "1.0.0"}}});
        assert!(agrees(&wanted, &json!({"packages": {"node_modules/a": {"version": "1.0.0"}}})));
        assert!(!agrees(&wanted, &json!({"packages": {"node_modules/a": {"version": "1.0.1"}}})));
        assert!(!agrees(&wanted, &json!({"packages": {}})));
    }

    #[test]
    fn the_binaries_of_other_platforms_are_not_missed() {
        let wanted =
            json!({"packages": {"node_modules/tool-windows": {"version": "1.0.0", "optional": true}}});
        assert!(agrees(&wanted, &json!({"packages": {}})));
    }

    #[test]
    fn the_tools_are_pinned_to_the_digit() {
        for package in [
            "axe-core",
            "binaryen",
            "esbuild",
            "node",
            "playwright-core",
            "puppeteer-core",
            "typescript",
            "vite",
            "wrangler",
        ] {
            let version = pinned_version(package).unwrap();
            assert!(
                version.split('.').all(|part| part.parse::<u32>().is_ok()),
                "{package} is pinned to {version}"
            );
        }
    }

    #[test]
    fn every_platform_of_a_tool_is_locked() {
        // `npm ci` refuses a lock file without them, whichever platform it runs on.
        let lock = read_json(&workspace::root().join("package-lock.json")).unwrap();
        let packages = lock["packages"].as_object().unwrap();
        let platforms = packages.values().filter_map(|package| package["optionalDependencies"].as_object());
        for name in platforms.flat_map(|platforms| platforms.keys()) {
            let locked = &packages.get(&format!("node_modules/{name}")).unwrap_or(&Value::Null)["version"];
            assert!(locked.is_string(), "package-lock.json locks no {name}");
        }
    }

    #[test]
    fn the_major_version_of_node_is_read_from_what_it_prints() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("not node"), None);
    }
}
