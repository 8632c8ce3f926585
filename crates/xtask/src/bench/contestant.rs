//! The Workers that are measured, each made by the same pipeline: wrangler's bundle, workerd alone.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::row::SIGNING_SECRET;
use super::workerd::{Module, Setup, Stores};
use crate::build::{self, Worker};
use crate::bundle::{bundle, bundle_built};
use crate::workspace;

/// One of them.
#[derive(Debug, Clone)]
pub struct Contestant {
    /// What the table calls it.
    pub name: &'static str,
    /// What it runs with, but for the stores.
    setup: Setup,
    has_stores: bool,
    pub verifies: bool,
    /// All its code, gzipped.
    pub gzipped: usize,
}

impl Contestant {
    pub fn edge() -> Result<Self> {
        Self::whole("edge", &bundle(Worker::Edge)?)
    }

    /// Another bundle of the edge, kept from an earlier build.
    pub fn edge_at(bundle: &Path) -> Result<Self> {
        Self::whole("other edge", bundle)
    }

    pub fn peer() -> Result<Self> {
        let config = workspace::root().join("tests/bench/peer/wrangler.toml");
        Self::whole("peer", &bundle_built("peer", &config)?)
    }

    pub fn floor() -> Result<Self> {
        build::package("floor")?;
        let config = workspace::root().join("tests/bench/floor/wrangler.toml");
        let modules = modules(&bundle_built("floor", &config)?)?;
        let gzipped = gzipped(&modules)?;
        let setup = Setup { modules, classes: vec!["Pull"], ..Setup::default() };
        Ok(Self { name: "floor", setup, has_stores: false, verifies: false, gzipped })
    }

    /// With the stores that answer on the port `stores`.
    pub fn setup(&self, stores: u16) -> Setup {
        let stores = self.has_stores.then_some(Stores { kv: "PULLS", d1: "AGENCY", port: stores });
        Setup { stores, ..self.setup.clone() }
    }

    fn whole(name: &'static str, bundle: &Path) -> Result<Self> {
        let modules = modules(bundle)?;
        let gzipped = gzipped(&modules)?;
        let setup = Setup { modules, classes: vec!["Pull", "Session"], variables: variables(), stores: None };
        Ok(Self { name, setup, has_stores: true, verifies: true, gzipped })
    }
}

/// What answers for KV and D1.
pub fn stores() -> Result<Setup> {
    script("tests/bench/stores.mjs")
}

/// A Worker that does nothing: what workerd's own start takes.
pub fn empty() -> Result<Setup> {
    script("tests/bench/empty.mjs")
}

fn script(path: &str) -> Result<Setup> {
    Ok(Setup { modules: vec![module(&workspace::root().join(path))?], ..Setup::default() })
}

fn variables() -> Vec<(&'static str, String)> {
    [
        // Nothing listens on the discard port; no event of the benchmark calls for a fetch.
        ("CANOPY_API_BASE_URL", "http://127.0.0.1:9/api/v1.0.0"),
        ("CANOPY_TEAM_ID", "00000000-0000-4000-8000-000000000001"),
        ("CANOPY_CLIENT_ID", "bench-client"),
        ("CANOPY_CLIENT_SECRET", "bench-client-secret"),
        ("CANOPY_WEBHOOK_SIGNING_SECRET", SIGNING_SECRET),
        ("CANOPY_PUBLIC_ALIAS", "bench"),
        ("EDGE_API_TOKENS", "bench:bench-token"),
        ("EDGE_SESSION_KEY", "bench-session-key-0123456789abcdef0123456789abcdef"),
        ("EDGE_ALLOWED_ORIGINS", "https://agency.example"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

fn modules(bundle: &Path) -> Result<Vec<Module>> {
    let entries = fs::read_dir(bundle).with_context(|| format!("cannot read {}", bundle.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_some_and(|kind| kind == "js" || kind == "mjs" || kind == "wasm"));
    files.iter().map(|file| module(file)).collect()
}

fn module(file: &Path) -> Result<Module> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok((file.file_name().unwrap_or_default().to_string_lossy().into_owned(), bytes))
}

fn gzipped(modules: &[Module]) -> Result<usize> {
    modules.iter().map(|(_, bytes)| build::gzipped_size(bytes)).sum()
}
