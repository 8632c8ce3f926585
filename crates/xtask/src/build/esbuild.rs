//! esbuild: one module with the parts it loads later, out of the page's JavaScript and wasm-bindgen's glue.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::wasm::succeed;
use crate::toolchain::npm;
use crate::workspace;

/// The script that calls it, from the root: by its API esbuild finds its own program on every platform.
pub const SCRIPT: &str = "crates/xtask/src/build/esbuild.mjs";

/// What is bundled, and what the outcome is called.
#[derive(Debug)]
pub struct Bundle<'names> {
    /// The entry, from the root; the outcome's entry has the same name.
    pub entry: &'names str,
    /// A module that shares nothing with the entry's.
    pub alone: &'names str,
    pub modules: &'names [&'names Module],
    /// The names of the other parts, by esbuild's `[name]` and `[hash]`.
    pub chunks: &'names str,
}

/// A crate that the scripts import.
#[derive(Debug)]
pub struct Module {
    /// wasm-bindgen's module, from the root.
    pub glue: String,
    /// The directory of the crate that the glue was made for, from the root.
    pub home: String,
    /// The class that the crate exports.
    pub class: &'static str,
    /// How the glue names the wasm, which lies beside it: in quotes.
    pub placeholder: String,
    /// How the outcome is to name the wasm: in quotes.
    pub wasm: String,
}

/// Bundles into `directory`. Returns esbuild's metafile: each output with what it imports.
pub fn bundle(bundle: &Bundle, directory: &Path) -> Result<Value> {
    let module = |module: &Module| {
        json!({
            "glue": module.glue,
            "crate": module.home,
            "class": module.class,
            "placeholder": module.placeholder,
            "wasm": module.wasm,
        })
    };
    let argument = json!({
        "entry": bundle.entry,
        "alone": bundle.alone,
        "modules": bundle.modules.iter().copied().map(module).collect::<Vec<_>>(),
        "outdir": directory,
        "chunks": bundle.chunks,
    });
    let mut command = npm::node(workspace::root().join(SCRIPT));
    command.arg(argument.to_string());
    let metafile = succeed(command, "esbuild")?;
    serde_json::from_slice(&metafile).context("esbuild printed no metafile")
}
