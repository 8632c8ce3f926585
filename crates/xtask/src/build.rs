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
    pub fn name(self) -> &'static str {
        match self {
            Self::Edge => "edge",
            Self::Sandbox => "sandbox",
        }
    }
}

pub fn run(arguments: &Arguments) -> Result<()> {
    worker(arguments.worker)
}

/// Builds `worker`. What is up to date is left alone, so a build with nothing to do takes a moment.
pub fn worker(worker: Worker) -> Result<()> {
    npm::ensure_packages()?;
    toolchain::ensure_wasm_target()?;
    let bindgen = WasmBindgen::ensure()?;
    let binaryen = npm::pinned_version("binaryen")?;

    let compiled = compile(worker)?;
    let directory = workspace::root().join("build").join(worker.name());
    let _lock = workspace::lock(&directory.with_extension("lock"))?;
    let wasm =
        fs::read(&compiled).with_context(|| format!("cargo left no {}", compiled.display()))?;
    let flags = WASM_OPT_FLAGS.join(" ");
    let key = workspace::digest(&[
        &wasm,
        bindgen.version.as_bytes(),
        binaryen.as_bytes(),
        flags.as_bytes(),
    ]);
    let built = Built::new(&directory, worker);
    if built.is_from(&key) {
        println!(
            "✓ {}: wasm-bindgen and wasm-opt have nothing to do",
            worker.name()
        );
        return Ok(());
    }

    let work = directory.with_extension("work");
    if work.exists() {
        fs::remove_dir_all(&work).with_context(|| format!("cannot remove {}", work.display()))?;
    }
    let glue = bind(&bindgen, &compiled, &work, worker)?;
    let optimized = optimize(&glue, worker)?;
    built.replace(&key, &glue, &optimized)?;
    fs::remove_dir_all(&work).with_context(|| format!("cannot remove {}", work.display()))
}

fn compile(worker: Worker) -> Result<PathBuf> {
    let started = Instant::now();
    let mut cargo = workspace::cargo();
    cargo.args([
        "build",
        "--release",
        "--target",
        toolchain::WASM_TARGET,
        "--package",
        worker.name(),
    ]);
    cargo.stdin(Stdio::null()).stdout(Stdio::null());
    if !cargo.status().context("cannot run cargo")?.success() {
        bail!("{} does not compile for wasm", worker.name());
    }
    let compiled = workspace::target_directory()?
        .join(toolchain::WASM_TARGET)
        .join("release")
        .join(format!("{}.wasm", worker.name()));
    report(worker, "cargo build", &compiled, started)?;
    Ok(compiled)
}

/// The two files wasm-bindgen makes of a crate.
struct Glue {
    wasm: PathBuf,
    script: PathBuf,
}

fn bind(bindgen: &WasmBindgen, compiled: &Path, work: &Path, worker: Worker) -> Result<Glue> {
    let started = Instant::now();
    let mut command = Command::new(&bindgen.program);
    command
        .args(["--target", "web", "--no-typescript", "--out-dir"])
        .arg(work)
        .arg(compiled);
    succeed(command, "wasm-bindgen")?;
    let glue = Glue {
        wasm: work.join(format!("{}_bg.wasm", worker.name())),
        script: work.join(format!("{}.js", worker.name())),
    };
    report(worker, "wasm-bindgen", &glue.wasm, started)?;
    Ok(glue)
}

fn optimize(glue: &Glue, worker: Worker) -> Result<PathBuf> {
    let started = Instant::now();
    let optimized = glue.wasm.with_extension("optimized.wasm");
    let mut command = npm::node(Path::new("node_modules/binaryen/bin/wasm-opt"));
    command
        .args(WASM_OPT_FLAGS)
        .arg(&glue.wasm)
        .arg("-o")
        .arg(&optimized);
    succeed(command, "wasm-opt")?;
    report(worker, "wasm-opt", &optimized, started)?;
    Ok(optimized)
}

fn succeed(mut command: Command, name: &str) -> Result<()> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {name}"))?;
    if !output.status.success() {
        bail!(
            "{name} failed: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}

fn report(worker: Worker, step: &str, wasm: &Path, started: Instant) -> Result<()> {
    let bytes = fs::read(wasm).with_context(|| format!("{step} left no {}", wasm.display()))?;
    let gzipped = gzipped_size(&bytes)?;
    println!(
        "✓ {}: {step}  {} ({} gzipped)  {}",
        worker.name(),
        size(bytes.len()),
        size(gzipped),
        duration(started.elapsed())
    );
    Ok(())
}

fn gzipped_size(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

/// What lies in `build/<worker>/`, and the key of what it was made from.
struct Built {
    wasm: PathBuf,
    script: PathBuf,
    key: PathBuf,
}

impl Built {
    fn new(directory: &Path, worker: Worker) -> Self {
        Self {
            wasm: directory.join(format!("{}_bg.wasm", worker.name())),
            script: directory.join(format!("{}.js", worker.name())),
            key: directory.join("made-from"),
        }
    }

    fn is_from(&self, key: &str) -> bool {
        self.wasm.is_file()
            && self.script.is_file()
            && fs::read_to_string(&self.key).is_ok_and(|kept| kept == key)
    }

    fn replace(&self, key: &str, glue: &Glue, optimized: &Path) -> Result<()> {
        let directory = self.key.parent().expect("the key lies in the directory");
        fs::create_dir_all(directory)
            .with_context(|| format!("cannot create {}", directory.display()))?;
        // The key goes first and comes last: interrupted in between, the next build does it again.
        if self.key.exists() {
            fs::remove_file(&self.key)
                .with_context(|| format!("cannot remove {}", self.key.display()))?;
        }
        for (from, to) in [
            (glue.script.as_path(), &self.script),
            (optimized, &self.wasm),
        ] {
            let bytes =
                fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
            workspace::write_whole(to, &bytes)?;
        }
        workspace::write_whole(&self.key, key.as_bytes())
    }
}
