//! A crate to `build/<crate>/`: WebAssembly and the JavaScript that loads it, by cargo, wasm-bindgen and wasm-opt.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::cargo;
use crate::progress::{Progress, say, size};
use crate::toolchain::{self, npm};
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
    /// Cargo's settings beyond those of all crates: a configuration file, from the root.
    pub cargo_config: Option<&'static str>,
    /// Flags of `crates/bindgen`.
    pub bindgen: &'static [&'static str],
    /// Flags of wasm-opt.
    pub wasm_opt: &'static [&'static str],
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

/// Compiles the crates `names` in one call of cargo's, which shares their dependencies and fills every processor; the
/// wasm of each, in their order.
pub fn compile<const N: usize>(names: [&str; N], recipe: &Recipe) -> Result<[PathBuf; N]> {
    toolchain::ensure_wasm_target()?;
    let mut arguments = vec!["--release", "--target", toolchain::WASM_TARGET];
    if let Some(path) = recipe.cargo_config {
        arguments.extend(["--config", path]);
    }
    arguments.extend(names.iter().flat_map(|name| ["--package", name]));
    let made = cargo::build(&names.join(", "), &arguments)?;
    let mut paths = names.map(|name| PathBuf::from(format!("{name}.wasm")));
    for path in &mut paths {
        *path = made.file(&path.to_string_lossy())?.to_owned();
    }
    Ok(paths)
}

/// Makes the crate `name` out of what [`compile`] left, where it is not up to date.
pub fn finish(name: &str, recipe: &Recipe, compiled: &Path) -> Result<Built> {
    npm::ensure_packages()?;
    let bindgen = toolchain::ensure_bindgen()?;
    let binaryen = npm::pinned_version("binaryen")?;

    let directory = workspace::root().join("build").join(name);
    let _lock = workspace::lock(&directory.with_extension("lock"))?;
    let read = |path: &Path| fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    let flags = [recipe.bindgen, recipe.wasm_opt, &FEATURES].concat().join(" ");
    let key = workspace::digest(&[&read(compiled)?, &read(&bindgen)?, binaryen.as_bytes(), flags.as_bytes()]);
    let built = Built::new(directory, name);
    if built.is_from(&key) {
        say(&format!("✓ {name}: wasm-bindgen and wasm-opt have nothing to do"));
        return Ok(built);
    }

    let work = built.directory.with_extension("work");
    workspace::remove_directory(&work)?;
    let made = Built::new(work, name);
    let mut bind = Command::new(bindgen);
    bind.args(recipe.bindgen).arg("--out-dir").arg(&made.directory).arg(compiled);
    run(bind, name, "wasm-bindgen", &made)?;
    let mut optimize = npm::node("node_modules/binaryen/bin/wasm-opt");
    optimize.args(recipe.wasm_opt).args(FEATURES).arg(&made.wasm).arg("-o").arg(&made.wasm);
    run(optimize, name, "wasm-opt", &made)?;
    workspace::write_whole(&made.key, key.as_bytes())?;
    workspace::replace_directory(&made.directory, &built.directory)?;
    Ok(built)
}

fn run(tool: Command, name: &str, step: &str, made: &Built) -> Result<()> {
    let progress = Progress::start(format!("{name}: {step}"));
    succeed(tool, step)?;
    let bytes = fs::read(&made.wasm).with_context(|| format!("{step} left no {}", made.wasm.display()))?;
    progress.done(&format!("{} ({} gzipped)", size(bytes.len()), size(gzipped_size(&bytes)?)));
    Ok(())
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

/// What `bytes` weigh gzipped, as Cloudflare counts a Worker.
pub fn gzipped_size(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}
