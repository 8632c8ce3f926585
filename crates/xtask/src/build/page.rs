//! The page's crates to `www/connect/`, from where the edge serves it, and to `build/npm/` as an npm package.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use super::esbuild::{self, Bundle, Module};
use super::npm_package::{self, Sources};
use super::page_weight::PageWeight;
use super::wasm::{self, Recipe};
use crate::progress::{Progress, say};
use crate::toolchain::npm;
use crate::workspace;

/// The page's crate, and what it loads when a company is to be chosen; each with the class that it exports.
const CRATES: [(&str, &str); 2] = [("connect", "Core"), ("finder", "Directory")];
/// What a page loads in any case.
const FIRST: usize = 0;
/// What a visitor downloads is small above all.
const RECIPE: Recipe = Recipe {
    cargo_config: Some("crates/connect/build.toml"),
    bindgen: &[],
    wasm_opt: &[
        "--flatten",
        "--rereloop",
        "-Oz",
        "--converge",
        "--strip-debug",
        "--strip-producers",
        "--strip-target-features",
    ],
};

const SCRIPTS: &str = "crates/connect/js";
const ENTRY: &str = "canopy-connect.js";
/// What writes the first screen as HTML; no page loads it.
const FIRST_SCREEN: &str = "first-screen.js";
/// What the entry loads: `www/_headers` lets browsers keep for a year what is called so.
const CHUNKS: &str = "canopy-connect-[name]-[hash]";
/// Flags, names and the layout of the package stand in these.
const OWN_SOURCE: [&[u8]; 3] =
    [include_bytes!("page.rs"), include_bytes!("esbuild.rs"), include_bytes!("npm_package.rs")];

/// A crate of the page's as wasm-bindgen and wasm-opt left it.
struct Part {
    module: Module,
    /// What its wasm is called where it is served.
    name: String,
    wasm: Vec<u8>,
}

/// Builds the page, where it is not up to date. Returns what a visitor downloads of it.
pub fn build() -> Result<PageWeight> {
    finish(&compile()?)
}

/// Compiles the page's crates; what [`finish`] is to be given.
pub fn compile() -> Result<[PathBuf; CRATES.len()]> {
    wasm::compile(CRATES.map(|(name, _)| name), &RECIPE)
}

/// Makes the page out of its `compiled` crates, where it is not up to date. Returns what a visitor downloads of it.
pub fn finish(compiled: &[PathBuf; CRATES.len()]) -> Result<PageWeight> {
    let root = workspace::root();
    let _lock = workspace::lock(&root.join("build/page.lock"))?;
    let parts = CRATES.iter().zip(compiled);
    let parts =
        parts.map(|((name, class), compiled)| part(name, class, compiled)).collect::<Result<Vec<_>>>()?;
    let first_wasm = parts[FIRST].name.as_str();

    let page = Page::new(&root);
    let key = key(&root, &parts)?;
    if page.is_from(&key) {
        say("✓ page: esbuild has nothing to do");
        return page.weight(first_wasm);
    }
    let progress = Progress::start("page: esbuild".to_owned());
    let work = root.join("build/page.work");
    workspace::remove_directory(&work)?;
    let made = Page { served: work.join("connect"), package: work.join("npm"), notes: work.join("page") };

    let modules: Vec<&Module> = parts.iter().map(|part| &part.module).collect();
    let bundle = Bundle {
        entry: &format!("{SCRIPTS}/{ENTRY}"),
        alone: &format!("{SCRIPTS}/{FIRST_SCREEN}"),
        modules: &modules,
        chunks: CHUNKS,
    };
    let metafile = esbuild::bundle(&bundle, &made.served)?;
    for part in &parts {
        fs::write(made.served.join(&part.name), &part.wasm).context("cannot write the page's wasm")?;
    }
    let sources =
        Sources { own: &root.join(npm_package::OWN), page: &made.served, scripts: &root.join(SCRIPTS) };
    npm_package::write(&made.package, &sources, env!("CARGO_PKG_VERSION"))?;
    made.note(&metafile, &key)?;
    let weight = made.weight(first_wasm)?;
    page.replace_by(&made)?;
    progress.done(&weight.to_string());
    Ok(weight)
}

/// Makes the crate `name`, which exports `class`, out of what was `compiled`.
fn part(name: &str, class: &'static str, compiled: &Path) -> Result<Part> {
    let built = wasm::finish(name, &RECIPE, compiled)?;
    let wasm = fs::read(&built.wasm).with_context(|| format!("cannot read {}", built.wasm.display()))?;
    let wasm_name = format!("canopy-connect-{name}-{}.wasm", &workspace::digest(&[&wasm])[..8]);
    let module = Module {
        glue: format!("build/{name}/{name}.js"),
        home: format!("crates/{name}"),
        class,
        placeholder: format!("'{name}_bg.wasm'"),
        wasm: format!("'{wasm_name}'"),
    };
    Ok(Part { module, name: wasm_name, wasm })
}

/// What the page is made from: files, tools, and how they are put together.
fn key(root: &Path, parts: &[Part]) -> Result<String> {
    let mut keyed = vec![npm::pinned_version("esbuild")?.into_bytes(), env!("CARGO_PKG_VERSION").into()];
    keyed.extend(parts.iter().map(|part| part.wasm.clone()));
    keyed.extend(OWN_SOURCE.map(<[u8]>::to_vec));
    let mut files = vec![root.join(esbuild::SCRIPT)];
    files.extend(parts.iter().map(|part| root.join(&part.module.glue)));
    for directory in [SCRIPTS, npm_package::OWN] {
        files.extend(files_below(&root.join(directory))?);
    }
    for file in files {
        keyed.push(file.to_string_lossy().into_owned().into_bytes());
        keyed.push(fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?);
    }
    Ok(workspace::digest(&keyed.iter().map(Vec::as_slice).collect::<Vec<_>>()))
}

/// Every file below `directory`, in the same order each time.
fn files_below(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let entries = fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Where the page lies.
struct Page {
    /// What the edge serves below `/connect/`.
    served: PathBuf,
    /// The npm package.
    package: PathBuf,
    /// The metafile, and the key of what it is made from.
    notes: PathBuf,
}

impl Page {
    fn new(root: &Path) -> Self {
        Self {
            served: root.join("www/connect"),
            package: root.join("build/npm"),
            notes: root.join("build/page"),
        }
    }

    fn is_from(&self, key: &str) -> bool {
        self.served.join(ENTRY).is_file()
            && self.package.join("package.json").is_file()
            && fs::read_to_string(self.notes.join("made-from")).is_ok_and(|kept| kept == key)
    }

    fn note(&self, metafile: &Value, key: &str) -> Result<()> {
        fs::create_dir_all(&self.notes).with_context(|| format!("cannot create {}", self.notes.display()))?;
        workspace::write_whole(&self.notes.join("metafile.json"), metafile.to_string().as_bytes())?;
        workspace::write_whole(&self.notes.join("made-from"), key.as_bytes())
    }

    fn weight(&self, wasm_name: &str) -> Result<PageWeight> {
        let path = self.notes.join("metafile.json");
        let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let metafile =
            serde_json::from_slice(&text).with_context(|| format!("{} is not JSON", path.display()))?;
        PageWeight::of(&self.served, &metafile, ENTRY, wasm_name)
    }

    /// The key goes first and comes last: what an interruption leaves is not taken for up to date.
    fn replace_by(&self, made: &Self) -> Result<()> {
        workspace::remove_directory(&self.notes)?;
        workspace::replace_directory(&made.served, &self.served)?;
        workspace::replace_directory(&made.package, &self.package)?;
        workspace::replace_directory(&made.notes, &self.notes)
    }
}
