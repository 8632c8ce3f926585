//! The page crate to `www/connect/`, from where the edge serves it, and to `build/npm/` as an npm package.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use super::esbuild::{self, Bundle};
use super::npm_package::{self, Sources};
use super::page_weight::PageWeight;
use super::wasm::{self, Recipe};
use crate::progress::{Progress, say};
use crate::toolchain::npm;
use crate::workspace;

const CRATE: &str = "connect";
/// What a visitor downloads is small above all.
const RECIPE: Recipe = Recipe {
    cargo_config: Some("crates/connect/build.toml"),
    bindgen: &[],
    wasm_opt: &["-Oz", "--converge", "--strip-debug", "--strip-producers", "--strip-target-features"],
};

const SCRIPTS: &str = "crates/connect/js";
const ENTRY: &str = "canopy-connect.js";
/// How wasm-bindgen's glue names the wasm beside it.
const PLACEHOLDER: &str = "'connect_bg.wasm'";
/// Everything but the entry: `www/_headers` lets browsers keep for a year what is called so.
const CHUNKS: &str = "canopy-connect-[name]-[hash]";
/// Flags, names and the layout of the package stand in these.
const OWN_SOURCE: [&[u8]; 3] =
    [include_bytes!("page.rs"), include_bytes!("esbuild.rs"), include_bytes!("npm_package.rs")];

/// Builds the page, where it is not up to date. Returns what a visitor downloads of it.
pub fn build() -> Result<PageWeight> {
    finish(&compile()?)
}

/// Compiles the page's crate; what [`finish`] is to be given.
pub fn compile() -> Result<PathBuf> {
    let [compiled] = wasm::compile([CRATE], &RECIPE)?;
    Ok(compiled)
}

/// Makes the page out of its `compiled` crate, where it is not up to date. Returns what a visitor downloads of it.
pub fn finish(compiled: &Path) -> Result<PageWeight> {
    let root = workspace::root();
    let _lock = workspace::lock(&root.join("build/page.lock"))?;
    let crate_built = wasm::finish(CRATE, &RECIPE, compiled)?;
    let wasm =
        fs::read(&crate_built.wasm).with_context(|| format!("cannot read {}", crate_built.wasm.display()))?;
    let wasm_name = format!("canopy-connect-{}.wasm", &workspace::digest(&[&wasm])[..8]);

    let page = Page::new(&root);
    let key = key(&root, &wasm)?;
    if page.is_from(&key) {
        say(&format!("✓ {CRATE}: esbuild has nothing to do"));
        return page.weight(&wasm_name);
    }
    let progress = Progress::start(format!("{CRATE}: esbuild"));
    let work = root.join("build/page.work");
    workspace::remove_directory(&work)?;
    let made = Page { served: work.join("connect"), package: work.join("npm"), notes: work.join("page") };

    let bundle = Bundle {
        entry: &format!("{SCRIPTS}/{ENTRY}"),
        glue: "build/connect/connect.js",
        home: "crates/connect",
        placeholder: PLACEHOLDER,
        wasm: &format!("'{wasm_name}'"),
        chunks: CHUNKS,
    };
    let metafile = esbuild::bundle(&bundle, &made.served)?;
    fs::write(made.served.join(&wasm_name), &wasm).context("cannot write the page's wasm")?;
    let sources =
        Sources { own: &root.join(npm_package::OWN), page: &made.served, scripts: &root.join(SCRIPTS) };
    npm_package::write(&made.package, &sources, env!("CARGO_PKG_VERSION"))?;
    made.note(&metafile, &key)?;
    let weight = made.weight(&wasm_name)?;
    page.replace_by(&made)?;
    progress.done(&weight.to_string());
    Ok(weight)
}

/// What the page is made from: files, tools, and how they are put together.
fn key(root: &Path, wasm: &[u8]) -> Result<String> {
    let mut parts = vec![wasm.to_vec(), npm::pinned_version("esbuild")?.into_bytes()];
    parts.push(env!("CARGO_PKG_VERSION").into());
    parts.extend(OWN_SOURCE.map(<[u8]>::to_vec));
    let mut files = vec![root.join(esbuild::SCRIPT), root.join("build/connect/connect.js")];
    for directory in [SCRIPTS, npm_package::OWN] {
        files.extend(files_below(&root.join(directory))?);
    }
    for file in files {
        parts.push(file.to_string_lossy().into_owned().into_bytes());
        parts.push(fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?);
    }
    Ok(workspace::digest(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>()))
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
