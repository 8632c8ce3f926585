//! `cargo xtask build`: a Worker crate to `build/<worker>/`, as the Worker's `index.mjs` imports it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::progress::{duration, size};
use crate::toolchain::{self, WasmBindgen, npm};
use crate::workspace;

/// The reset function lets a Worker start anew after a panic, with its memory made afresh.
const BINDGEN_FLAGS: [&str; 4] =
    ["--target", "web", "--no-typescript", "--experimental-reset-state-function"];

/// What workerd runs beyond the first WebAssembly; wasm-opt must be told what it may find and use.
const WASM_OPT_FLAGS: [&str; 8] = [
    "-O3",
    "--enable-bulk-memory",
    "--enable-simd",
    "--enable-reference-types",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-multivalue",
];

/// Build a Worker into build/<worker>/: cargo, wasm-bindgen, wasm-opt. It is wrangler's build command.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The Worker to build.
    #[arg(long, value_enum, default_value_t = Worker::Edge)]
    worker: Worker,
}

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

pub fn run(arguments: &Arguments) -> Result<()> {
    worker(arguments.worker)
}

/// Builds `worker`.
pub fn worker(worker: Worker) -> Result<()> {
    package(worker.name())
}

/// Builds the Worker in the crate `name`. What is up to date is left alone, so a build with nothing to do takes a
/// moment.
pub fn package(name: &str) -> Result<()> {
    npm::ensure_packages()?;
    toolchain::ensure_wasm_target()?;
    let bindgen = WasmBindgen::ensure()?;
    let binaryen = npm::pinned_version("binaryen")?;

    let compiled = compile(name)?;
    let directory = workspace::root().join("build").join(name);
    let _lock = workspace::lock(&directory.with_extension("lock"))?;
    let wasm = fs::read(&compiled).with_context(|| format!("cargo left no {}", compiled.display()))?;
    let flags = [&BINDGEN_FLAGS[..], &WASM_OPT_FLAGS[..]].concat().join(" ");
    let key = workspace::digest(&[&wasm, bindgen.version.as_bytes(), binaryen.as_bytes(), flags.as_bytes()]);
    let built = Built::new(directory, name);
    if built.is_from(&key) {
        println!("✓ {name}: wasm-bindgen and wasm-opt have nothing to do");
        return Ok(());
    }

    let work = built.directory.with_extension("work");
    workspace::remove_directory(&work)?;
    let made = Built::new(work, name);
    bind(&bindgen, &compiled, &made, name)?;
    optimize(&made, name)?;
    workspace::write_whole(&made.key, key.as_bytes())?;
    workspace::replace_directory(&made.directory, &built.directory)
}

fn compile(name: &str) -> Result<PathBuf> {
    let started = Instant::now();
    let mut cargo = workspace::cargo();
    cargo.args(["build", "--release", "--target", toolchain::WASM_TARGET, "--package", name]);
    cargo.stdin(Stdio::null()).stdout(Stdio::null());
    if !cargo.status().context("cannot run cargo")?.success() {
        bail!("{name} does not compile for wasm");
    }
    let compiled = workspace::target_directory()?
        .join(toolchain::WASM_TARGET)
        .join("release")
        .join(format!("{name}.wasm"));
    report(name, "cargo build", &compiled, started)?;
    Ok(compiled)
}

fn bind(bindgen: &WasmBindgen, compiled: &Path, made: &Built, name: &str) -> Result<()> {
    let started = Instant::now();
    let mut command = Command::new(&bindgen.program);
    command.args(BINDGEN_FLAGS).arg("--out-dir").arg(&made.directory).arg(compiled);
    succeed(command, "wasm-bindgen")?;
    report(name, "wasm-bindgen", &made.wasm, started)
}

fn optimize(made: &Built, name: &str) -> Result<()> {
    let started = Instant::now();
    let mut command = npm::node("node_modules/binaryen/bin/wasm-opt");
    command.args(WASM_OPT_FLAGS).arg(&made.wasm).arg("-o").arg(&made.wasm);
    succeed(command, "wasm-opt")?;
    report(name, "wasm-opt", &made.wasm, started)
}

fn succeed(mut command: Command, name: &str) -> Result<()> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {name}"))?;
    if !output.status.success() {
        bail!(
            "{name} failed: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
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

/// What lies in `build/<worker>/`: what wasm-bindgen and wasm-opt made, and the key of what they made it from.
struct Built {
    directory: PathBuf,
    wasm: PathBuf,
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
