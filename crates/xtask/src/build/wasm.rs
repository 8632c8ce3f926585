//! A crate to `build/<crate>/`: WebAssembly and the JavaScript that loads it, by cargo, wasm-bindgen and wasm-opt.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::progress::{duration, size};
use crate::toolchain::{self, WasmBindgen, npm};
use crate::workspace;

/// What both workerd and browsers run beyond the first WebAssembly; wasm-opt must be told what it may find and use.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-reference-types",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-multivalue",
];

/// How a crate is made, by where it will run.
#[derive(Debug)]
pub struct Recipe {
    /// Cargo's profile.
    pub profile: &'static str,
    /// Flags of wasm-bindgen.
    pub bindgen: &'static [&'static str],
    /// Flags of wasm-opt.
    pub wasm_opt: &'static [&'static str],
    /// Flags of rustc, after those of `.cargo/config.toml`.
    pub rustc: &'static str,
}

/// What lies in `build/<crate>/`: what wasm-bindgen and wasm-opt made, and the key of what they made it from.
#[derive(Debug)]
pub struct Built {
    pub directory: PathBuf,
    pub wasm: PathBuf,
    key: PathBuf,
}

impl Built {
    fn new(directory: PathBuf, name: &str) -> Self {
        Self { wasm: directory.join(format!("{name}_bg.wasm")), key: directory.join("made-from"), directory }
    }

    fn is_from(&self, key: &str) -> bool {
        self.wasm.is_file() && fs::read_to_string(&self.key).is_ok_and(|kept| kept == key)
    }
}

/// Makes the crate `name`, where it is not up to date.
pub fn make(name: &str, recipe: &Recipe) -> Result<Built> {
    npm::ensure_packages()?;
    toolchain::ensure_wasm_target()?;
    let bindgen = WasmBindgen::ensure()?;
    let binaryen = npm::pinned_version("binaryen")?;

    let compiled = compile(name, recipe)?;
    let directory = workspace::root().join("build").join(name);
    let _lock = workspace::lock(&directory.with_extension("lock"))?;
    let wasm = fs::read(&compiled).with_context(|| format!("cargo left no {}", compiled.display()))?;
    let flags = [recipe.bindgen, recipe.wasm_opt, &FEATURES].concat().join(" ");
    let key = workspace::digest(&[&wasm, bindgen.version.as_bytes(), binaryen.as_bytes(), flags.as_bytes()]);
    let built = Built::new(directory, name);
    if built.is_from(&key) {
        println!("✓ {name}: wasm-bindgen and wasm-opt have nothing to do");
        return Ok(built);
    }

    let work = built.directory.with_extension("work");
    workspace::remove_directory(&work)?;
    let made = Built::new(work, name);
    bind(&bindgen, recipe, &compiled, &made, name)?;
    optimize(recipe, &made, name)?;
    workspace::write_whole(&made.key, key.as_bytes())?;
    workspace::replace_directory(&made.directory, &built.directory)?;
    Ok(built)
}

fn compile(name: &str, recipe: &Recipe) -> Result<PathBuf> {
    let started = Instant::now();
    let mut cargo = workspace::cargo();
    cargo.args(["build", "--profile", recipe.profile, "--target", toolchain::WASM_TARGET, "--package", name]);
    if !recipe.rustc.is_empty() {
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", recipe.rustc);
    }
    cargo.stdin(Stdio::null()).stdout(Stdio::null());
    if !cargo.status().context("cannot run cargo")?.success() {
        bail!("{name} does not compile for wasm");
    }
    let compiled = workspace::target_directory()?
        .join(toolchain::WASM_TARGET)
        .join(recipe.profile)
        .join(format!("{name}.wasm"));
    report(name, "cargo build", &compiled, started)?;
    Ok(compiled)
}

fn bind(bindgen: &WasmBindgen, recipe: &Recipe, compiled: &Path, made: &Built, name: &str) -> Result<()> {
    let started = Instant::now();
    let mut command = Command::new(&bindgen.program);
    command.args(recipe.bindgen).arg("--out-dir").arg(&made.directory).arg(compiled);
    succeed(command, "wasm-bindgen")?;
    report(name, "wasm-bindgen", &made.wasm, started)
}

fn optimize(recipe: &Recipe, made: &Built, name: &str) -> Result<()> {
    let started = Instant::now();
    let mut command = npm::node("node_modules/binaryen/bin/wasm-opt");
    command.args(recipe.wasm_opt).args(FEATURES).arg(&made.wasm).arg("-o").arg(&made.wasm);
    succeed(command, "wasm-opt")?;
    report(name, "wasm-opt", &made.wasm, started)
}

/// Runs a tool to its end; what it printed, where it ended well.
pub fn succeed(mut command: Command, name: &str) -> Result<Vec<u8>> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {name}"))?;
    if !output.status.success() {
        bail!(
            "{name} failed: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(output.stdout)
}

fn report(name: &str, step: &str, wasm: &Path, started: Instant) -> Result<()> {
    let bytes = fs::read(wasm).with_context(|| format!("{step} left no {}", wasm.display()))?;
    let gzipped = gzipped_size(&bytes)?;
    println!(
        "✓ {name}: {step}  {} ({} gzipped)  {}",
        size(bytes.len()),
        size(gzipped),
        duration(started.elapsed())
    );
    Ok(())
}

/// What `bytes` weigh gzipped, as Cloudflare counts a Worker.
pub fn gzipped_size(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}
