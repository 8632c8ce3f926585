//! The packages of `package-lock.json`, for every platform. They build and test; none is part of a Worker.

use anyhow::Result;
use serde_json::Value;

use crate::toolchain::npm;
use crate::workspace;

const REGISTRY: &str = "https://registry.npmjs.org/";

pub fn lock() -> Result<Value> {
    npm::read_json(&workspace::root().join("package-lock.json"))
}

/// One line for each package whose content the file does not hold fast, or that comes from elsewhere than npm's registry.
pub fn faults(lock: &Value) -> Vec<String> {
    let Some(packages) = lock["packages"].as_object().filter(|packages| packages.len() > 1) else {
        return vec!["package-lock.json lists no packages".to_owned()];
    };
    packages
        .iter()
        .filter(|(path, _)| !path.is_empty())
        .filter_map(|(path, package)| fault(path, package))
        .collect()
}

fn fault(path: &str, package: &Value) -> Option<String> {
    let name = path.rsplit_once("node_modules/").map_or(path, |(_, name)| name);
    let version = package["version"].as_str().unwrap_or("?");
    // npm leaves the address out where its settings say so; it is then the registry's.
    let source = package["resolved"].as_str().filter(|source| !source.starts_with(REGISTRY));
    if source.is_some() || package["link"] == Value::Bool(true) {
        let source = source.unwrap_or("a link");
        return Some(format!(
            "the npm package {name} {version} comes from {source}: take a release of it from npm's registry"
        ));
    }
    if package["integrity"].as_str().is_some_and(|hash| hash.starts_with("sha512-")) {
        return None;
    }
    Some(format!(
        "the npm package {name} {version} has no sha512 in package-lock.json: put there as its \"integrity\" what \
         `npm view {name}@{version} dist.integrity` prints"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn faults_of(package: Value) -> Vec<String> {
        faults(&json!({"packages": {"": {"name": "own"}, "node_modules/a/node_modules/@b/c": package}}))
    }

    #[test]
    fn a_package_of_the_registry_with_its_hash_has_no_fault() {
        assert!(faults_of(json!({"version": "1.2.3", "integrity": "sha512-x"})).is_empty());
        let resolved = "https://registry.npmjs.org/@b/c/-/c-1.2.3.tgz";
        assert!(
            faults_of(json!({"version": "1.2.3", "integrity": "sha512-x", "resolved": resolved})).is_empty()
        );
    }

    #[test]
    fn a_package_without_its_hash_is_named_whichever_platform_it_is_for() {
        for package in [
            json!({"version": "1.2.3"}),
            json!({"version": "1.2.3", "integrity": "sha1-x"}),
            json!({"version": "1.2.3", "optional": true, "os": ["win32"]}),
        ] {
            let faults = faults_of(package);
            let [fault] = &faults[..] else { panic!("{faults:?}") };
            assert!(fault.contains("`npm view @b/c@1.2.3 dist.integrity`"), "{fault}");
        }
    }

    #[test]
    fn a_package_from_elsewhere_is_named_with_its_source() {
        for package in [
            json!({"version": "1.2.3", "integrity": "sha512-x", "resolved": "git+ssh://git@github.com/b/c.git#0123"}),
            json!({"version": "1.2.3", "integrity": "sha512-x", "resolved": "https://example.com/c.tgz"}),
            json!({"resolved": "../c", "link": true}),
        ] {
            let faults = faults_of(package);
            let [fault] = &faults[..] else { panic!("{faults:?}") };
            assert!(fault.contains("the npm package @b/c") && fault.contains("comes from"), "{fault}");
        }
    }

    #[test]
    fn a_list_without_packages_has_failed() {
        assert_eq!(faults(&json!({"packages": {"": {}}})).len(), 1);
        assert_eq!(faults(&json!({})).len(), 1);
    }
}
