//! What a visitor downloads, gzipped: of the parts that esbuild made, which are loaded at once and which later. Whoever speaks another
//! language than English loads its texts, too: the heaviest counts.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use super::wasm::gzipped_size;
use crate::progress::size;

/// Gzipped bytes that a page loads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageWeight {
    /// In hosted mode: the entry, what it imports statically, the wasm.
    pub hosted: usize,
    /// What comes to it when the element draws the screens itself: every part and wasm that a visit loads on its way to the end.
    pub components: usize,
}

impl PageWeight {
    /// The most a page may load.
    const LIMIT: Self = Self { hosted: 60_000, components: 25_000 };

    /// Weighs what lies in `directory`, by esbuild's `metafile` of it. `wasm` is what is loaded at once.
    pub fn of(directory: &Path, metafile: &Value, entry: &str, wasm: &str) -> Result<Self> {
        let mut parts = Parts::of(metafile, entry)?;
        let entries =
            fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))?;
        parts
            .take_wasm(entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()), wasm);
        let weigh = |name: &str| {
            let file = directory.join(name);
            gzipped_size(&fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?)
        };
        let sum = |names: &BTreeSet<String>, languages: &BTreeSet<String>| {
            let names = names.iter().map(|name| weigh(name)).sum::<Result<usize>>()?;
            let languages = languages.iter().map(|name| weigh(name)).collect::<Result<Vec<_>>>()?;
            Ok::<_, anyhow::Error>(names + languages.into_iter().max().unwrap_or_default())
        };
        let [first, later] = &parts.languages;
        Ok(Self { hosted: sum(&parts.at_once, first)?, components: sum(&parts.later, later)? })
    }

    pub fn is_within_limits(self) -> bool {
        self.hosted <= Self::LIMIT.hosted && self.components <= Self::LIMIT.components
    }
}

impl fmt::Display for PageWeight {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self { hosted, components } = Self::LIMIT;
        write!(
            f,
            "hosted {} of {}, Components {} of {} (gzipped)",
            size(self.hosted),
            size(hosted),
            size(self.components),
            size(components)
        )
    }
}

/// Scripts that a visit to the end does without: what a failure, another company than those of the list or an old embed asks for.
const RARE: [&str; 3] = ["advice", "upgrade", "upload"];

/// The names of what is served.
#[derive(Debug, PartialEq, Eq)]
struct Parts {
    at_once: BTreeSet<String>,
    later: BTreeSet<String>,
    /// Texts of other languages, of which a visit loads one: for the first screens, and for the later ones.
    languages: [BTreeSet<String>; 2],
}

impl Parts {
    fn of(metafile: &Value, entry: &str) -> Result<Self> {
        let outputs = metafile["outputs"].as_object().context("the metafile has no outputs")?;
        let at_once = closure(outputs, [entry.to_owned()].into())?;
        let (mut asked, mut languages) = (BTreeSet::new(), [BTreeSet::new(), BTreeSet::new()]);
        for (path, output) in outputs {
            let (name, script) = (file_name(path), output["entryPoint"].as_str().map(file_name));
            let Some(script) = script.filter(|_| !at_once.contains(name)) else { continue };
            if script.starts_with("texts-") {
                languages[0].insert(name.to_owned());
            } else if script.starts_with("screens-texts-") {
                languages[1].insert(name.to_owned());
            } else if !RARE.iter().any(|rare| script.starts_with(rare)) {
                asked.insert(name.to_owned());
            }
        }
        let later = closure(outputs, asked)?.difference(&at_once).cloned().collect();
        Ok(Self { at_once, later, languages })
    }

    /// Adds the wasm among `files`: all but `first` is loaded later.
    fn take_wasm(&mut self, files: impl Iterator<Item = String>, first: &str) {
        self.later.extend(files.filter(|name| name.ends_with(".wasm") && name != first));
        self.at_once.insert(first.to_owned());
    }
}

/// The outputs `names`, and what they import statically.
fn closure(outputs: &Map<String, Value>, names: BTreeSet<String>) -> Result<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    let mut next: Vec<String> = names.into_iter().collect();
    while let Some(name) = next.pop() {
        let Some((_, output)) = outputs.iter().find(|(path, _)| file_name(path) == name) else {
            bail!("the metafile has no output {name}")
        };
        let imports = output["imports"].as_array().map(Vec::as_slice).unwrap_or_default();
        let now = imports.iter().filter(|import| import["kind"] == "import-statement");
        next.extend(now.filter_map(|import| import["path"].as_str()).map(file_name).map(str::to_owned));
        next.retain(|name| !all.contains(name));
        all.insert(name);
    }
    Ok(all)
}

/// All outputs lie in one directory.
fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_visit_asks_for_on_its_way_is_loaded_later() {
        let metafile = json!({"outputs": {
            "build/out/entry.js": {"entryPoint": "js/entry.js", "imports": [
                {"path": "build/out/shared.js", "kind": "import-statement"},
                {"path": "build/out/later.js", "kind": "dynamic-import"},
            ]},
            "build/out/shared.js": {"imports": [{"path": "build/out/deep.js", "kind": "import-statement"}]},
            "build/out/deep.js": {"imports": [{"path": "build/out/shared.js", "kind": "import-statement"}]},
            "build/out/later.js": {"entryPoint": "js/screens.js", "imports": [
                {"path": "build/out/shared.js", "kind": "import-statement"},
                {"path": "build/out/later-too.js", "kind": "import-statement"},
            ]},
            "build/out/later-too.js": {"imports": []},
            "build/out/rare.js": {"entryPoint": "js/advice.js", "imports": [
                {"path": "build/out/rare-too.js", "kind": "import-statement"},
            ]},
            "build/out/rare-too.js": {"imports": []},
            "build/out/es.js": {"entryPoint": "js/texts-es.js", "imports": []},
            "build/out/es-later.js": {"entryPoint": "js/screens-texts-es.js", "imports": []},
        }});
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let mut parts = Parts::of(&metafile, "entry.js").unwrap();
        let files = ["entry.js", "first.wasm", "other.wasm"].map(str::to_owned);
        parts.take_wasm(files.into_iter(), "first.wasm");
        assert_eq!(parts.at_once, names(&["entry.js", "shared.js", "deep.js", "first.wasm"]));
        assert_eq!(parts.later, names(&["later.js", "later-too.js", "other.wasm"]));
        assert_eq!(parts.languages, [names(&["es.js"]), names(&["es-later.js"])]);
        assert!(Parts::of(&metafile, "no-entry.js").is_err());
    }

    #[test]
    fn one_byte_above_a_limit_is_too_much() {
        let limit = PageWeight::LIMIT;
        assert!(limit.is_within_limits());
        assert!(!PageWeight { hosted: limit.hosted + 1, ..limit }.is_within_limits());
        assert!(!PageWeight { components: limit.components + 1, ..limit }.is_within_limits());
    }

    #[test]
    fn the_figures_stand_beside_their_limits() {
        let weight = PageWeight { hosted: 41_234, components: 9_800 };
        let line = "hosted 41.2 KB of 60.0 KB, Components 9.8 KB of 25.0 KB (gzipped)";
        assert_eq!(weight.to_string(), line);
    }
}
