//! The Workers of this repository, and how a Worker crate becomes wasm.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::ValueEnum;

use super::wasm::{self, Recipe};
use crate::workspace;

const RECIPE: Recipe = Recipe {
    cargo_config: None,
    // A Worker starts anew after a panic.
    bindgen: &["--reset-state"],
    wasm_opt: &["-O3", "--enable-simd"],
};

/// The sandbox stays on the machine that builds it, where the time that wasm-opt takes weighs more than its bytes.
const STAND_IN: Recipe = Recipe { wasm_opt: &["-O1", "--enable-simd"], ..RECIPE };

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Worker {
    Edge,
    Sandbox,
}

impl Worker {
    pub const ALL: [Self; 2] = [Self::Edge, Self::Sandbox];

    /// The name of the crate, which is also that of the wasm file and of the directories under `build/`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Edge => "edge",
            Self::Sandbox => "sandbox",
        }
    }

    /// Its wrangler configuration.
    pub fn config(self) -> PathBuf {
        let root = workspace::root();
        match self {
            Self::Edge => root.join("wrangler.toml"),
            Self::Sandbox => root.join("crates/sandbox/wrangler.toml"),
        }
    }
}

/// Compiles the Workers in the crates `names`; what [`finish`] is to be given.
pub fn compile<const N: usize>(names: [&str; N]) -> Result<[PathBuf; N]> {
    wasm::compile(names, &RECIPE)
}

/// Makes `build/<name>/` out of the Worker `compiled` from the crate `name`.
pub fn finish(name: &str, compiled: &Path) -> Result<()> {
    let recipe = if name == Worker::Sandbox.name() { &STAND_IN } else { &RECIPE };
    wasm::finish(name, recipe, compiled).map(drop)
}

/// Builds the Worker in the crate `name` into `build/<name>/`.
pub fn package(name: &str) -> Result<()> {
    let [compiled] = compile([name])?;
    finish(name, &compiled)
}
