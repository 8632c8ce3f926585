//! workerd alone, without wrangler's proxy: a process, its configuration, its storage.

use std::fmt::Write;
use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::cpu;
use super::load::Connection;
use crate::workspace;

const START_LIMIT: Duration = Duration::from_secs(30);
/// Short, because the start-up time is measured with it.
const POLL_EVERY: Duration = Duration::from_millis(1);
const LOG_LINES: usize = 20;
const READY: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";

/// One file of a Worker's code: its name and its bytes.
pub type Module = (String, Vec<u8>);

/// What a Worker is given to run with.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// Held here because a build may replace the files meanwhile; `index.js` is the entry.
    pub modules: Vec<Module>,
    /// Durable Object classes, each bound under its name in upper case.
    pub classes: Vec<&'static str>,
    /// Text bindings.
    pub variables: Vec<(&'static str, String)>,
    pub stores: Option<Stores>,
}

/// Bindings of a KV namespace and a D1 database, and the port that answers for both.
#[derive(Debug, Clone, Copy)]
pub struct Stores {
    pub kv: &'static str,
    pub d1: &'static str,
    pub port: u16,
}

/// A running workerd. It is ended, and its storage removed, when this is dropped.
#[derive(Debug)]
pub struct Workerd {
    process: Child,
    directory: PathBuf,
    pub port: u16,
    /// From the start of the process to its first answer.
    pub started_in: Duration,
}

impl Workerd {
    /// Starts workerd with empty storage in `directory`, and waits for its first answer.
    pub fn start(setup: &Setup, directory: PathBuf) -> Result<Self> {
        Self::start_with(setup, directory, None)
    }

    /// As [`Workerd::start`], its inspector listening on a port.
    pub fn start_with(setup: &Setup, directory: PathBuf, inspector: Option<u16>) -> Result<Self> {
        workspace::remove_directory(&directory)?;
        fs::create_dir_all(directory.join("storage"))
            .with_context(|| format!("cannot create {}", directory.display()))?;
        for (name, bytes) in &setup.modules {
            let copy = directory.join(name);
            fs::write(&copy, bytes).with_context(|| format!("cannot write {}", copy.display()))?;
        }
        let port = free_port()?;
        let config = directory.join("config.capnp");
        fs::write(&config, configuration(setup, port)).context("cannot write workerd's configuration")?;
        let log = File::create(directory.join("log")).context("cannot write workerd's log")?;
        let started = Instant::now();
        let process = Command::new(program()?)
            .arg("serve")
            .args(inspector.map(|port| format!("--inspector-addr=127.0.0.1:{port}")))
            .arg(&config)
            // Paths of the configuration's disks are relative to where workerd runs.
            .current_dir(&directory)
            .stdin(Stdio::null())
            .stdout(log.try_clone().context("cannot share the log")?)
            .stderr(log)
            .spawn()
            .context("cannot run workerd")?;
        let mut workerd = Self { process, directory, port, started_in: Duration::ZERO };
        workerd.wait_until_ready(started)?;
        workerd.started_in = started.elapsed();
        Ok(workerd)
    }

    /// Processor time used so far.
    pub fn cpu(&self) -> Result<Duration> {
        cpu::time_of(self.process.id())
    }

    /// The last lines that it wrote.
    pub fn log_end(&self) -> String {
        let log = fs::read(self.directory.join("log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
    }

    fn wait_until_ready(&mut self, started: Instant) -> Result<()> {
        loop {
            if let Ok(mut connection) = Connection::open(self.port) {
                match connection.ask(READY)? {
                    200 => return Ok(()),
                    status => bail!("expected 200 for /healthz, saw {status}:\n{}", self.log_end()),
                }
            }
            if let Some(status) = self.process.try_wait().context("cannot look after workerd")? {
                bail!("workerd ended while starting ({status}):\n{}", self.log_end());
            }
            if started.elapsed() > START_LIMIT {
                bail!("workerd did not answer within {START_LIMIT:?}:\n{}", self.log_end());
            }
            sleep(POLL_EVERY);
        }
    }
}

impl Drop for Workerd {
    fn drop(&mut self) {
        // What cannot be killed has ended already; what cannot be removed stays under build/.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = workspace::remove_directory(&self.directory);
    }
}

/// The binary itself, not npm's wrapper around it: its processor time is what counts.
fn program() -> Result<PathBuf> {
    let packages = workspace::root().join("node_modules/@cloudflare");
    let name = format!("workerd{}", std::env::consts::EXE_SUFFIX);
    let entries = fs::read_dir(&packages).with_context(|| format!("cannot read {}", packages.display()))?;
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.file_name().unwrap_or_default().to_string_lossy().starts_with("workerd-"))
        .map(|path| path.join("bin").join(&name))
        .find(|path| path.is_file())
        .with_context(|| format!("no workerd in {}", packages.display()))
}

/// A port that nobody listens on.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
    Ok(listener.local_addr().context("no port is free")?.port())
}

fn configuration(setup: &Setup, port: u16) -> String {
    let mut services = "    (name = \"main\", worker = .main),\n".to_owned();
    let mut bindings = String::new();
    let mut namespaces = String::new();
    if !setup.classes.is_empty() {
        services.push_str("    (name = \"storage\", disk = (path = \"storage\", writable = true)),\n");
    }
    for class in &setup.classes {
        let name = class.to_uppercase();
        let _ = writeln!(bindings, "    (name = {name:?}, durableObjectNamespace = {class:?}),");
        let _ = writeln!(namespaces, "    (className = {class:?}, uniqueKey = {class:?}, enableSql = true),");
    }
    if let Some(Stores { kv, d1, port }) = setup.stores {
        let _ = writeln!(bindings, "    (name = {kv:?}, kvNamespace = \"stores\"),");
        let inner = "[(name = \"fetcher\", service = \"stores\")]";
        let module = "cloudflare-internal:d1-api";
        let _ = writeln!(
            bindings,
            "    (name = {d1:?}, wrapped = (moduleName = {module:?}, innerBindings = {inner})),"
        );
        let _ = writeln!(
            services,
            "    (name = \"stores\", external = (address = \"127.0.0.1:{port}\", http = ())),"
        );
    }
    for (name, value) in &setup.variables {
        let _ = writeln!(bindings, "    (name = {name:?}, text = {value:?}),");
    }
    let mut modules = String::new();
    let mut names: Vec<&String> = setup.modules.iter().map(|(name, _)| name).collect();
    // workerd takes the first module for the entry.
    names.sort_by_key(|name| !name.starts_with("index."));
    for name in names {
        let kind = if name.ends_with(".wasm") { "wasm" } else { "esModule" };
        let _ = writeln!(modules, "    (name = {name:?}, {kind} = embed {name:?}),");
    }
    let storage = if setup.classes.is_empty() {
        String::new()
    } else {
        format!(
            "  durableObjectNamespaces = [\n{namespaces}  ],\n  durableObjectStorage = (localDisk = \"storage\"),\n"
        )
    };
    format!(
        "using Workerd = import \"/workerd/workerd.capnp\";\n\
         const config :Workerd.Config = (\n  services = [\n{services}  ],\n\
         \x20 sockets = [(name = \"http\", address = \"127.0.0.1:{port}\", http = (), service = \"main\")],\n);\n\
         const main :Workerd.Worker = (\n  modules = [\n{modules}  ],\n  bindings = [\n{bindings}  ],\n{storage}\
         \x20 compatibilityDate = \"2026-11-01\",\n);\n"
    )
}
