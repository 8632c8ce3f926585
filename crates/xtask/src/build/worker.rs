//! The Workers of this repository, and how a Worker crate becomes wasm.

use std::path::PathBuf;

use anyhow::Result;
use clap::ValueEnum;

use super::wasm::{self, Recipe};
use crate::workspace;

const RECIPE: Recipe = Recipe {
    profile: "release",
    // The reset function lets a Worker start anew after a panic, with its memory made afresh.
    bindgen: &["--target", "web", "--no-typescript", "--experimental-reset-state-function"],
    wasm_opt: &["-O3", "--enable-simd"],
    rustc: "",
};

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

/// Builds the Worker in the crate `name` into `build/<name>/`.
pub fn package(name: &str) -> Result<()> {
    wasm::make(name, &RECIPE).map(drop)
}
