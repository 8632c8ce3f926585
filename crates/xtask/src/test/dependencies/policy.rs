//! What `deny.toml` allows.

use std::fs;

use anyhow::{Context, Result};
use spdx::{Expression, LicenseReq, ParseMode};
use toml::Table;

use crate::workspace;

const PATH: &str = "deny.toml";

#[derive(Debug)]
pub struct Policy {
    /// SPDX identifiers, a `WITH` of an exception included.
    licences: Vec<LicenseReq>,
    /// Registries, as `Cargo.lock` names them behind `registry+`.
    registries: Vec<String>,
}

impl Policy {
    pub fn read() -> Result<Self> {
        let path = workspace::root().join(PATH);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).context(PATH)
    }

    fn parse(text: &str) -> Result<Self> {
        let file: Table = text.parse()?;
        let licences = strings(&file, "licenses", "allow")?;
        let licences = licences.iter().map(|licence| parse_licence(licence)).collect::<Result<_>>()?;
        Ok(Self { licences, registries: strings(&file, "sources", "allow-registry")? })
    }

    /// Whether one can choose among what `expression` offers so that all that it asks for is allowed. An error where it
    /// is no SPDX expression.
    pub fn allows_licence(&self, expression: &str) -> Result<bool> {
        // Crates from before SPDX expressions have a slash for OR.
        let expression = Expression::parse_mode(expression, ParseMode::LAX)?;
        Ok(expression.evaluate(|required| self.licences.contains(required)))
    }

    pub fn allows_registry(&self, registry: &str) -> bool {
        self.registries.iter().any(|allowed| allowed == registry)
    }
}

fn parse_licence(text: &str) -> Result<LicenseReq> {
    let expression = Expression::parse(text).with_context(|| format!("{text:?} is no SPDX licence"))?;
    let mut requirements = expression.requirements();
    let only = requirements.next().filter(|_| requirements.next().is_none());
    Ok(only.with_context(|| format!("{text:?} is more than one licence"))?.req.clone())
}

fn strings(file: &Table, section: &str, key: &str) -> Result<Vec<String>> {
    let list = file.get(section).and_then(|section| section.get(key)).and_then(|list| list.as_array());
    let list = list.with_context(|| format!("there is no list {section}.{key}"))?;
    let string = |value: &toml::Value| value.as_str().map(str::to_owned);
    list.iter()
        .map(string)
        .collect::<Option<_>>()
        .with_context(|| format!("{section}.{key} holds more than strings"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str =
        "[licenses]\nallow = [\"MIT\", \"Apache-2.0\"]\n[sources]\nallow-registry = [\"https://one\"]\n";

    #[test]
    fn one_allowed_alternative_is_enough_and_each_part_of_a_whole_is_needed() {
        let policy = Policy::parse(FILE).unwrap();
        for (expression, allowed) in [
            ("MIT", true),
            ("ISC", false),
            ("ISC OR MIT", true),
            ("ISC/MIT", true),
            ("MIT AND ISC", false),
            ("(ISC OR MIT) AND Apache-2.0", true),
            ("Apache-2.0 WITH LLVM-exception", false),
            ("GPL-3.0-or-later", false),
        ] {
            assert_eq!(policy.allows_licence(expression).unwrap(), allowed, "{expression}");
        }
        assert!(policy.allows_licence("as you like").is_err());
    }

    #[test]
    fn a_file_without_the_lists_or_with_no_licence_in_them_is_refused() {
        assert!(Policy::parse("[sources]\nallow-registry = []\n").is_err());
        assert!(Policy::parse("[licenses]\nallow = [\"MIT\"]\n").is_err());
        assert!(Policy::parse(&FILE.replace("MIT", "mine")).is_err());
        assert!(Policy::parse(&FILE.replace("MIT", "MIT OR ISC")).is_err());
    }

    #[test]
    fn the_policy_of_this_checkout_is_read() {
        let policy = Policy::read().unwrap();
        assert!(policy.allows_licence(env!("CARGO_PKG_LICENSE")).unwrap());
        assert!(policy.allows_registry("https://github.com/rust-lang/crates.io-index"));
    }
}
